/// Python's `textwrap.wrap` of one line, without expanding tabs or replacing white space.
struct TextWrapper {
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    func wrap(_ text: String) -> [String] {
        var chunks = Array(chunks(text).reversed())
        var lines: [String] = []
        while !chunks.isEmpty {
            if !lines.isEmpty, isBlank(chunks[chunks.count - 1]) { chunks.removeLast() }
            var line: [String] = []
            var length = 0
            while let chunk = chunks.last, length + chunk.scalarCount <= width {
                line.append(chunk)
                length += chunk.scalarCount
                chunks.removeLast()
            }
            if let chunk = chunks.last, chunk.scalarCount > width { takeLong(&chunks, &line, length) }
            if let last = line.last, isBlank(last) { line.removeLast() }
            if !line.isEmpty { lines.append(line.joined()) }
        }
        return lines
    }

    private func takeLong(_ chunks: inout [String], _ line: inout [String], _ length: Int) {
        let space = max(1, width - length)
        if breaksLongWords, width - length > 0 || line.isEmpty, let chunk = chunks.popLast() {
            let scalars = Array(chunk.unicodeScalars)
            var end = space
            if breaksOnHyphens, scalars.count > space,
                let hyphen = scalars[..<space].lastIndex(of: "-"), hyphen > 0,
                scalars[..<hyphen].contains(where: { $0 != "-" })
            {
                end = hyphen + 1
            }
            line.append(String(String.UnicodeScalarView(scalars[..<end])))
            if end < scalars.count { chunks.append(String(String.UnicodeScalarView(scalars[end...]))) }
        } else if line.isEmpty, let chunk = chunks.popLast() {
            line.append(chunk)
        }
    }

    private func isBlank(_ chunk: String) -> Bool { chunk.unicodeScalars.allSatisfy(PythonText.isSpace) }

    /// Words and the white space between them, words also cut after hyphens inside of them.
    private func chunks(_ text: String) -> [String] {
        var chunks: [String] = []
        var current = String.UnicodeScalarView()
        var inSpace: Bool?
        for scalar in text.unicodeScalars {
            let isSpace = PythonText.isSpace(scalar)
            if inSpace == !isSpace, !current.isEmpty {
                chunks += inSpace == true ? [String(current)] : hyphenated(String(current))
                current = String.UnicodeScalarView()
            }
            inSpace = isSpace
            current.append(scalar)
        }
        if !current.isEmpty { chunks += inSpace == true ? [String(current)] : hyphenated(String(current)) }
        return chunks
    }

    /// Cuts `well-known` after the hyphen, where at least two letters stand before and one after it.
    private func hyphenated(_ word: String) -> [String] {
        guard breaksOnHyphens else { return [word] }
        let scalars = Array(word.unicodeScalars)
        var pieces: [String] = []
        var start = 0
        var index = 0
        while index < scalars.count {
            if scalars[index] == "-" {
                let before = index - start >= 2 && PythonText.isLetter(scalars[index - 1]) && isWord(scalars[index - 2])
                let after =
                    index + 2 < scalars.count && PythonText.isLetter(scalars[index + 1]) && isWord(scalars[index + 2])
                if before, after {
                    pieces.append(String(String.UnicodeScalarView(scalars[start...index])))
                    start = index + 1
                }
            }
            index += 1
        }
        return pieces + [String(String.UnicodeScalarView(scalars[start...]))]
    }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        PythonText.isLetter(scalar) || scalar.properties.numericType != nil || scalar == "_"
    }
}
