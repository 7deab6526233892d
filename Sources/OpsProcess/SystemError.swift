import Foundation

/// An `errno` with its text.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    package let code: CInt

    package init(_ code: CInt) { self.code = code }

    package var description: String { String(cString: strerror(code)) }
}
