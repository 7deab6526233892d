import CLibSSH2

/// A question of the host during a `keyboard-interactive` login (RFC 4256, section 3.2).
struct InteractivePrompt: Sendable {
    /// In the host's words, made printable.
    var text: String
    var echo: Bool
}

extension SSHSession {
    /// Logs in by questions and answers. False while more bytes are needed.
    /// - Parameter answer: called within libssh2 for each question; nil counts as an empty answer.
    func login(
        user: String, answer: @escaping (InteractivePrompt) -> String?
    ) throws(SSHFailure) -> Bool {
        memory.answer = answer
        let code = libssh2_userauth_keyboard_interactive_ex(raw, user, UInt32(user.utf8.count)) {
            _, _, _, _, count, prompts, responses, abstract in
            guard let prompts, let responses, let memory = SessionMemory.of(abstract) else { return }
            for index in 0..<Int(count) {
                let length = Int(prompts[index].length)
                let words = UnsafeRawBufferPointer(start: UnsafeRawPointer(prompts[index].text), count: length)
                let text = printable(String(decoding: words, as: UTF8.self), limit: 200)
                let prompt = InteractivePrompt(text: text, echo: prompts[index].echo != 0)
                let bytes = Array((memory.answer?(prompt) ?? "").utf8)
                // libssh2 frees the answers with the session's allocator.
                guard let block = memory.allocate(bytes.count) else { continue }
                block.copyMemory(from: bytes, byteCount: bytes.count)
                responses[index].text = block.assumingMemoryBound(to: CChar.self)
                responses[index].length = .init(bytes.count)
            }
        }
        if code != LIBSSH2_ERROR_EAGAIN { memory.answer = nil }
        return try completed(code)
    }
}
