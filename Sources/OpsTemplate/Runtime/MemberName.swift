import OpsCore
import OrderedCollections
import Synchronization

/// A string key that is asked for time and again, such as the `name` of `x.name`.
///
/// It remembers where it was found, as the maps that one place in a template sees tend to have their keys in
/// the same order. Being only a hint, that may be shared by renderings that run at once.
final class MemberName: Sendable {
    let text: String
    private let key: Value
    private let lastPosition = Atomic(0)

    init(_ text: String) {
        self.text = text
        key = .string(text)
    }

    func position(in keys: OrderedSet<Value>) -> Int? {
        let last = lastPosition.load(ordering: .relaxed)
        if last < keys.count, case .string(let found) = keys[last], found == text { return last }
        guard let position = keys.firstIndex(of: key) else { return nil }
        lastPosition.store(position, ordering: .relaxed)
        return position
    }
}
