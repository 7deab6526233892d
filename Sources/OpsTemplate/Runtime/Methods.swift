import OpsCore

/// Python's methods of strings, lists, dicts and numbers.
enum Methods {
    /// The methods of one name, one for each kind of value that has it.
    struct Named: Sendable {
        let string: FunctionDefinition?
        let markup: FunctionDefinition?
        let list: FunctionDefinition?
        let tuple: FunctionDefinition?
        let map: FunctionDefinition?
        let number: FunctionDefinition?

        func definition(for owner: JinjaValue) -> FunctionDefinition? {
            switch owner {
            case .string, .secret: string
            case .markup: markup
            case .list: list
            case .tuple: tuple
            case .map: map
            case .int, .double, .bool, .secretNumber: number
            default: nil
            }
        }
    }

    private static let strings = byName(stringMethods + stringTests + stringSplitting)
    private static let markups = strings.merging(byName(markupMethods)) { $1 }
    private static let lists = byName(listMethods)
    private static let tuples = byName(sequenceMethods)
    private static let maps = byName(mapMethods)
    private static let numbers = byName(numberMethods)

    static func named(_ name: String) -> Named {
        Named(
            string: strings[name], markup: markups[name], list: lists[name], tuple: tuples[name], map: maps[name],
            number: numbers[name])
    }

    static func method(_ name: String, of owner: JinjaValue) -> FunctionDefinition? {
        switch owner {
        case .string, .secret: strings[name]
        case .markup: markups[name]
        case .list: lists[name]
        case .tuple: tuples[name]
        case .map: maps[name]
        case .int, .double, .bool, .secretNumber: numbers[name]
        default: nil
        }
    }

    private static func byName(_ definitions: [FunctionDefinition]) -> [String: FunctionDefinition] {
        Dictionary(definitions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
}
