import OpsTransport

/// All that a program printed and how it ended.
struct Output: Equatable {
    var stdout = ""
    var stderr = ""
    var end: ProcessEnd
}

extension Transport {
    /// Runs a command to its end.
    func run(_ command: String, input: String = "") async throws -> Output {
        let process = try await start(command)
        if !input.isEmpty { try await process.write(Array(input.utf8)) }
        try await process.finishInput()
        var (stdout, stderr): ([UInt8], [UInt8]) = ([], [])
        while let chunk = try await process.read() {
            switch chunk {
            case .stdout(let bytes): stdout += bytes
            case .stderr(let bytes): stderr += bytes
            }
        }
        let end = try await process.wait()
        return Output(
            stdout: String(decoding: stdout, as: UTF8.self), stderr: String(decoding: stderr, as: UTF8.self), end: end)
    }
}
