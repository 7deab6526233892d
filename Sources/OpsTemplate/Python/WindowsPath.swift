/// Windows paths as Python's `ntpath` takes them apart.
enum WindowsPath {
    static func splitDrive(_ path: String) -> (drive: String, rest: String) {
        let scalars = Array(path.unicodeScalars)
        func text(_ part: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(part)) }
        func isSeparator(_ index: Int) -> Bool {
            index < scalars.count && (scalars[index] == "\\" || scalars[index] == "/")
        }
        if isSeparator(0), isSeparator(1) {
            guard let host = (2..<max(2, scalars.count)).first(where: isSeparator) else { return (path, "") }
            let share = ((host + 1)..<max(host + 1, scalars.count)).first(where: isSeparator) ?? scalars.count
            return (text(scalars[..<share]), text(scalars[share...]))
        }
        guard scalars.count > 1, scalars[1] == ":" else { return ("", path) }
        return (text(scalars[..<2]), text(scalars[2...]))
    }

    static func split(_ path: String) -> (directory: String, name: String) {
        let (drive, rest) = splitDrive(path)
        let scalars = Array(rest.unicodeScalars)
        let cut = (scalars.lastIndex { $0 == "\\" || $0 == "/" } ?? -1) + 1
        let head = String(String.UnicodeScalarView(scalars[..<cut]))
        let stripped = PythonText.strip(head, ["\\", "/"], left: false)
        return (drive + (stripped.isEmpty ? head : stripped), String(String.UnicodeScalarView(scalars[cut...])))
    }
}
