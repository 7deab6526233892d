import Testing

@testable import OpsTransport

@Suite struct FrameSplitterTests {
    private static let separator = "\u{1E}"

    private func joined(_ events: [FrameSplitter.Event]) -> [String] {
        var texts: [String] = []
        var lastNonce: Nonce?
        for event in events {
            switch event {
            case .output(let nonce, let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                if lastNonce == nonce { texts[texts.count - 1] += text } else { texts.append(text) }
                lastNonce = nonce
            case .begin(_, let pid):
                texts.append("begin \(pid.map(String.init) ?? "-")")
                lastNonce = nil
            case .end(_, let status):
                texts.append("end \(status)")
                lastNonce = nil
            }
        }
        return texts
    }

    @Test func marksMayBeCutAnywhere() {
        let (first, second, other) = (Nonce(), Nonce(), Nonce())
        let s = Self.separator
        let text =
            "\(s)B\(first) 12\(s)a\(s)\(s)E\(other) 0\(s)\(s)E\(first)\(s)E\(first) 3\(s)late\(s)B\(second) -\(s)b\n\(s)E\(second) 0\(s)"
        let expected = [
            "begin 12", "a\(s)\(s)E\(other) 0\(s)\(s)E\(first)", "end 3", "late", "begin -", "b\n", "end 0",
        ]
        for size in 1...80 {
            var splitter = FrameSplitter()
            splitter.expect(first)
            splitter.expect(second)
            var events: [FrameSplitter.Event] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                events += splitter.feed(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(joined(events) == expected)
        }
    }

    @Test func outputBetweenScriptsIsDropped() {
        var splitter = FrameSplitter()
        #expect(splitter.feed(Array("noise".utf8)) == [])
        let nonce = Nonce()
        splitter.expect(nonce)
        #expect(
            splitter.feed(Array("\(Self.separator)E\(nonce) 0\(Self.separator)more".utf8)) == [.end(nonce, status: 0)])
    }

    @Test func aMarkWithAWrongNumberIsOutput() {
        let nonce = Nonce()
        var splitter = FrameSplitter()
        splitter.expect(nonce)
        let text = "\(Self.separator)E\(nonce) 99999999999\(Self.separator)"
        #expect(joined(splitter.feed(Array(text.utf8)) + splitter.feed([0x61])).joined() == text + "a")
    }

    @Test func boundedOutputKeepsBeginningAndEnd() {
        for limit in [0, 1, 2, 10, 100] {
            for size in [1, 3, 7, 1000] {
                let all = (0..<250).map { UInt8($0) }
                var bounded = BoundedOutput(limit: limit)
                var rest = all[...]
                while !rest.isEmpty {
                    bounded.append(rest.prefix(size))
                    rest = rest.dropFirst(size)
                }
                let output = bounded.output()
                #expect(output.bytes == Array(all.prefix(limit / 2) + all.suffix(limit - limit / 2)))
                #expect(output.dropped == all.count - limit)
            }
        }
    }
}
