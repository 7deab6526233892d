import Dispatch
import Foundation
import OpsCore
import OpsSecrets

/// The plaintext that an editor works on, and what becomes of it if the program is ended meanwhile.
struct EditedCopy: Sendable {
    let path: String
    let original: [UInt8]
    let scratch: SecretScratch

    /// Whether there is work to lose.
    var isChanged: Bool { (try? SecretsInput.bytes(of: path)) != original }

    /// A closed terminal or `kill` removes the plaintext, or says where it is if it was changed. Ctrl-C is the
    /// editor's own.
    func settleOnTermination() -> [any DispatchSourceSignal] {
        [SIGTERM, SIGHUP].map { number in
            // A handler, as the editor would inherit that a signal is ignored.
            signal(number) { _ in }
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if isChanged {
                    Console.shared.say("your text is kept in \(path), for you only, until the machine restarts")
                } else {
                    scratch.remove()
                }
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
