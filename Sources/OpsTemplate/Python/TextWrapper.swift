/// Python's `textwrap.wrap` of one line, without expanding tabs or replacing white space.
struct TextWrapper {
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    private typealias Chunk = ArraySlice<Unicode.Scalar>

    func wrap(_ text: String) -> [String] {
        var chunks = Array(chunks(Array(text.unicodeScalars)).reversed())
        var lines: [String] = []
        while !chunks.isEmpty {
            if !lines.isEmpty, isBlank(chunks[chunks.count - 1]) { chunks.removeLast() }
            var line: [Chunk] = []
            var length = 0
            while let chunk = chunks.last, length + chunk.count <= width {
                line.append(chunk)
                length += chunk.count
                chunks.removeLast()
            }
            if let chunk = chunks.last, chunk.count > width { takeLong(&chunks, &line, length) }
            if let last = line.last, isBlank(last) { line.removeLast() }
            if !line.isEmpty { lines.append(String(String.UnicodeScalarView(line.joined()))) }
        }
        return lines
    }

    private func takeLong(_ chunks: inout [Chunk], _ line: inout [Chunk], _ length: Int) {
        let space = max(1, width - length)
        if breaksLongWords, width - length > 0 || line.isEmpty, let chunk = chunks.popLast() {
            let head = chunk.prefix(space)
            var end = head.endIndex
            if breaksOnHyphens, chunk.count > space, let hyphen = head.lastIndex(of: "-"), hyphen > head.startIndex,
                head[..<hyphen].contains(where: { $0 != "-" })
            {
                end = hyphen + 1
            }
            line.append(chunk[..<end])
            if end < chunk.endIndex { chunks.append(chunk[end...]) }
        } else if line.isEmpty, let chunk = chunks.popLast() {
            line.append(chunk)
        }
    }

    private func isBlank(_ chunk: Chunk) -> Bool { chunk.allSatisfy(PythonText.isSpace) }

    /// Words and the white space between them, words also cut after hyphens inside of them.
    private func chunks(_ scalars: [Unicode.Scalar]) -> [Chunk] {
        var chunks: [Chunk] = []
        var rest = scalars[...]
        while let first = rest.first {
            let isSpace = PythonText.isSpace(first)
            let run = rest.prefix { PythonText.isSpace($0) == isSpace }
            rest = rest[run.endIndex...]
            chunks += isSpace || !breaksOnHyphens ? [run] : hyphenated(run)
        }
        return chunks
    }

    /// Cuts `well-known` after the hyphen, where at least two letters stand before and one after it.
    private func hyphenated(_ word: Chunk) -> [Chunk] {
        var pieces: [Chunk] = []
        var start = word.startIndex
        for index in word.indices where word[index] == "-" {
            let before = index - start >= 2 && PythonText.isLetter(word[index - 1]) && isWord(word[index - 2])
            let after =
                index + 2 < word.endIndex && PythonText.isLetter(word[index + 1]) && isWord(word[index + 2])
            guard before, after else { continue }
            pieces.append(word[start...index])
            start = index + 1
        }
        return pieces + [word[start...]]
    }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        PythonText.isLetter(scalar) || scalar.properties.numericType != nil || scalar == "_"
    }
}
