import OpsCore
import OpsTemplate
import Synchronization

/// Compiled templates by text and place: the same step is rendered for every host.
final class TemplateCache: Sendable {
    /// When it is full it is emptied; what is in use is compiled again.
    private static let capacity = 20_000

    private struct Key: Hashable {
        let text: String
        let origin: TemplateOrigin
    }

    private let texts = Mutex<[Key: TemplatedText]>([:])
    private let expressions = Mutex<[Key: Expression]>([:])

    /// A text with templates in it, compiled now or before.
    func text(_ text: String, _ place: Place, environment: TemplateEnvironment) throws -> TemplatedText {
        try cached(Key(text: text, origin: place.origin), texts) {
            try TemplatedText(text, origin: place.origin, environment: environment)
        }
    }

    /// A bare expression, as in `when`.
    func expression(_ text: String, _ place: Place, environment: TemplateEnvironment) throws -> Expression {
        try cached(Key(text: text, origin: place.origin), expressions) {
            try Expression(text, origin: place.origin, environment: environment)
        }
    }

    private func cached<T: Sendable>(_ key: Key, _ store: borrowing Mutex<[Key: T]>, _ compile: () throws -> T) throws
        -> T
    {
        if let known = store.withLock({ $0[key] }) { return known }
        let template = try compile()
        store.withLock { store in
            if store.count >= Self.capacity { store = [:] }
            store[key] = template
        }
        return template
    }
}

extension Place {
    /// Where the text of a scalar lies in its file.
    var origin: TemplateOrigin {
        var start = location
        start.line += Int(text.lines)
        if let column = text.column { start.column = Int(column) }
        return TemplateOrigin(start, continuationColumn: Int(text.continuationColumn))
    }
}
