import Foundation

/// The lab's mail server: what alerts were mailed.
enum MailSink {
    struct Mail: Decodable {
        var from: String
        var to: [String]
        var tls: Bool
        var subject: String
        var text: String
        var html: String
    }

    private struct Inbox: Decodable { var messages: [Mail] }

    /// All that came so far, oldest first.
    static func mails() async throws -> [Mail] {
        let text = try await Lab.tool("/usr/bin/curl", ["-sf", "-m", "20", "http://\(Lab.app1):8025/messages"])
        return try JSONDecoder().decode(Inbox.self, from: Data(text.utf8)).messages
    }
}
