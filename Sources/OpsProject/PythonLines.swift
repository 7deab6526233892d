extension String {
    /// The lines as Python's `str.splitlines()` has them: it knows more ends than LF and CR LF, and takes nothing behind
    /// the last end for a line.
    var pythonLines: [Substring] {
        let scalars = unicodeScalars
        var lines: [Substring] = []
        var start = startIndex
        var index = startIndex
        while index < endIndex {
            let scalar = scalars[index]
            var next = scalars.index(after: index)
            if scalar.endsLineInPython {
                lines.append(self[start..<index])
                if scalar == "\r", next < endIndex, scalars[next] == "\n" { next = scalars.index(after: next) }
                start = next
            }
            index = next
        }
        if start < endIndex { lines.append(self[start...]) }
        return lines
    }
}

extension Unicode.Scalar {
    fileprivate var endsLineInPython: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
