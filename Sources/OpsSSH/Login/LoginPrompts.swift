import OpsCore

/// Asks the person at the terminal. Each answer may be nil: "I have none".
///
/// Questions are asked one at a time, however many hosts log in at once; the answer to a passphrase is
/// kept by the connector, so that it's asked once a file.
public struct LoginPrompts: Sendable {
    /// A question of a host (`keyboard-interactive`, `password`) or of ours (`passphrase`).
    public struct Question: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            /// For the private key file at this path; `wrong` if the last answer did not fit.
            case passphrase(path: String, wrong: Bool)
            case password
            /// In the host's words, made printable.
            case interactive(text: String, echo: Bool)
        }

        public var peer: String
        public var user: String
        public var kind: Kind
    }

    let ask: @Sendable (Question) async -> Secret?
    let isNobody: Bool

    /// - Parameter ask: has to return when its task is cancelled.
    public init(ask: @escaping @Sendable (Question) async -> Secret?) {
        self.ask = ask
        isNobody = false
    }

    private init() {
        ask = { _ in nil }
        isNobody = true
    }

    /// Nobody is there to answer.
    public static let none = LoginPrompts()
}
