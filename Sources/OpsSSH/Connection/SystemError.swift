#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif
import NIOCore
import NIOPosix

/// Errors of the system and of NIO in words for people.
enum SystemError {
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            return words(errno: error.errnoCode)
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(first.error) }
            return "the name cannot be found"
        default:
            return "\(error)"
        }
    }

    static func words(errno code: CInt) -> String { String(cString: strerror(code)).lowercased() }
}
