/// A tuple whose items have names, such as what `groupby` gives.
final class NamedTuple: ListObject {
    private let names: [String]

    init(_ items: [(String, JinjaValue)]) {
        names = items.map(\.0)
        super.init(items.map(\.1))
    }

    func attribute(_ name: String) -> JinjaValue? { names.firstIndex(of: name).map { items[$0] } }
}
