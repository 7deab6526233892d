extension StringProtocol {
    /// Lines as they are numbered: ended by a line feed, with or without a carriage return before it, which
    /// Swift takes for one character.
    var numberedLines: [SubSequence] {
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}
