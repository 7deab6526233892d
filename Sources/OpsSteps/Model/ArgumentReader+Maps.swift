import OpsCore

extension ArgumentReader {
    /// - Throws: a complaint about the first key of an argument's mapping that it does not know.
    func refuseUnknownKeys(of map: ValueMap, _ argument: String, _ known: [String]) throws {
        for key in map.keys where !known.contains(key.string ?? "") {
            throw complaint(
                argument, code: "unknown-key", "unknown key '\(key.string ?? "")' in '\(argument)'",
                hints: ["there are: \(known.joined(separator: ", "))"])
        }
    }
}

extension Value {
    /// A mapping of words to words, such as labels; what is neither is left out.
    var words: [String: String] {
        (map ?? [:]).reduce(into: [:]) { words, entry in
            if let key = entry.key.string { words[key] = entry.value.string ?? entry.value.int.map(String.init) }
        }
    }
}
