/// Keys and values in order, as `items()` and `dictsort` give them.
enum Pairs {
    typealias Pair = (key: JinjaValue, value: JinjaValue)

    case made([Pair])
    /// What the map was made from, whatever changes it meanwhile; each pair is made when it is asked for.
    case original(MapObject)

    var count: Int {
        switch self {
        case .made(let pairs): pairs.count
        case .original(let map): map.originalCount
        }
    }

    func key(_ position: Int) -> JinjaValue {
        switch self {
        case .made(let pairs): pairs[position].key
        case .original(let map): map.originalKey(position)
        }
    }

    func value(_ position: Int) -> JinjaValue {
        switch self {
        case .made(let pairs): pairs[position].value
        case .original(let map): map.originalValue(position)
        }
    }

    var all: [Pair] { (0..<count).map { (key($0), value($0)) } }
}
