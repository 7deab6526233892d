import OpsCore

extension FunctionTable {
    private static func test(
        _ name: String, _ signature: String = "", acceptsUndefined: Bool = false,
        _ body: @escaping @Sendable (Call) throws -> Bool
    ) -> FunctionDefinition {
        FunctionDefinition(name, signature, acceptsUndefined: acceptsUndefined) { call in .bool(try body(call)) }
    }

    /// Tests of what a value is.
    static let kindTests: [FunctionDefinition] = [
        test("defined", acceptsUndefined: true) { !$0.subject.isUndefined },
        test("undefined", acceptsUndefined: true) { $0.subject.isUndefined },
        test("none") { $0.subject.isNull },
        test("boolean") { if case .bool = $0.subject { true } else { false } },
        test("true") { if case .bool(true) = $0.subject { true } else { false } },
        test("false") { if case .bool(false) = $0.subject { true } else { false } },
        test("integer") { if case .int = $0.subject { true } else { false } },
        test("float") { if case .double = $0.subject { true } else { false } },
        test("number") { $0.subject.number != nil },
        test("string") { $0.subject.isText },
        test("mapping") { if case .map = $0.subject { true } else { false } },
        test("sequence") { call in
            switch call.subject {
            case .list, .tuple, .map, .range: true
            default: call.subject.isText
            }
        },
        test("iterable") { call in
            switch call.subject {
            case .list, .tuple, .map, .range: true
            case .object(let object): object is any IterableObject
            default: call.subject.isText
            }
        },
        test("callable") { call in
            switch call.subject {
            case .callable: true
            case .object(let object): object is any CallableObject
            default: false
            }
        },
        test("escaped") { if case .markup = $0.subject { true } else { false } },
        test("lower") { PythonText.isLower(try $0.subjectPrinted()) },
        test("upper") { PythonText.isUpper(try $0.subjectPrinted()) },
        test("filter") { call in call.subject.text.map { call.frame.environment.filter($0) != nil } ?? false },
        test("test") { call in call.subject.text.map { call.frame.environment.test($0) != nil } ?? false },
    ]
}
