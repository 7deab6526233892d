import Foundation

/// Which values of a SOPS file are encrypted; at most one rule is set (sops.go `shouldBeEncrypted`).
public enum SopsRule: Hashable, Sendable {
    case unencryptedSuffix(String)
    case encryptedSuffix(String)
    case unencryptedRegex(String)
    case encryptedRegex(String)
    case unencryptedCommentRegex(String)
    case encryptedCommentRegex(String)

    /// What SOPS does when nothing is said (stores.go `ToInternal`), be it in a file or in its configuration.
    public static let standard = SopsRule.unencryptedSuffix("_unencrypted")

    /// Name and value in the metadata of a file.
    var entry: (name: String, value: String) {
        switch self {
        case .unencryptedSuffix(let value): ("unencrypted_suffix", value)
        case .encryptedSuffix(let value): ("encrypted_suffix", value)
        case .unencryptedRegex(let value): ("unencrypted_regex", value)
        case .encryptedRegex(let value): ("encrypted_regex", value)
        case .unencryptedCommentRegex(let value): ("unencrypted_comment_regex", value)
        case .encryptedCommentRegex(let value): ("encrypted_comment_regex", value)
        }
    }

    static let names = [
        "unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex",
        "unencrypted_comment_regex", "encrypted_comment_regex",
    ]

    /// Nil for an empty value, which SOPS takes for none, and for other names.
    init?(name: String, value: String) {
        if value.isEmpty { return nil }
        switch name {
        case "unencrypted_suffix": self = .unencryptedSuffix(value)
        case "encrypted_suffix": self = .encryptedSuffix(value)
        case "unencrypted_regex": self = .unencryptedRegex(value)
        case "encrypted_regex": self = .encryptedRegex(value)
        case "unencrypted_comment_regex": self = .unencryptedCommentRegex(value)
        case "encrypted_comment_regex": self = .encryptedCommentRegex(value)
        default: return nil
        }
    }
}

/// Decides for each leaf whether it is encrypted.
struct SopsSelector {
    private let rule: SopsRule
    private let pattern: NSRegularExpression?

    /// Nil if the pattern isn't a regular expression.
    init?(_ rule: SopsRule) {
        self.rule = rule
        switch rule {
        case .unencryptedRegex(let text), .encryptedRegex(let text), .unencryptedCommentRegex(let text),
            .encryptedCommentRegex(let text):
            guard let pattern = try? NSRegularExpression(pattern: text) else { return nil }
            self.pattern = pattern
        default: pattern = nil
        }
    }

    /// Whether comments decide, so that they must be known.
    var needsComments: Bool {
        switch rule {
        case .unencryptedCommentRegex, .encryptedCommentRegex: true
        default: false
        }
    }

    /// - Parameter comments: the comments in force at the leaf: those right above it and above each of
    ///   the keys that hold it; for a comment, without itself where `encryptedCommentRegex` decides
    func isEncrypted(_ leaf: SopsLeaf) -> Bool {
        switch rule {
        case .unencryptedSuffix(let suffix): !leaf.path.contains { $0.hasSuffix(suffix) }
        case .encryptedSuffix(let suffix): leaf.path.contains { $0.hasSuffix(suffix) }
        case .unencryptedRegex: !leaf.path.contains(where: matches)
        case .encryptedRegex: leaf.path.contains(where: matches)
        case .unencryptedCommentRegex:
            !(leaf.comments.contains(where: matches) || (leaf.isComment && matches(leaf.scalar?.text ?? "")))
        case .encryptedCommentRegex: leaf.comments.contains(where: matches)
        }
    }

    private func matches(_ text: String) -> Bool {
        pattern?.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}
