import Foundation
import OpsReport
import Testing

@Suite struct SinkTests {
    @Test func aSlowNonBlockingReaderGetsEverything() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        let text = String(repeating: "0123456789\n", count: 50_000)
        async let read = Task.detached { try pipe.fileHandleForReading.readToEnd() }.value
        await Task.detached {
            Sink(descriptor: descriptor).write(text)
            try? pipe.fileHandleForWriting.close()
        }.value
        #expect(try await read == Data(text.utf8))
    }

    @Test func aClosedDescriptorIsNoError() {
        Sink(descriptor: -1).write("nobody reads this")
    }

    @Test func aPipeHasNoSize() {
        #expect(TerminalSize.of(descriptor: Pipe().fileHandleForReading.fileDescriptor) == nil)
        #expect(TerminalSize(columns: 0, rows: 0) == TerminalSize(columns: 20, rows: 4))
    }
}
