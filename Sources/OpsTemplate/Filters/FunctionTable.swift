/// The filters, tests and functions that every template has.
enum FunctionTable {
    typealias Table = [String: FunctionDefinition]

    static let filters = table([
        stringFilters, escapingFilters, wordFilters, numberFilters, sequenceFilters, selectionFilters, groupingFilters,
        valueFilters,
        pathFilters, setFilters, mathFilters, encodingFilters, yamlFilters, regexFilters, timeFilters, commentFilters,
        refusedFilters,
    ])

    static let tests = table([kindTests, comparisonTests, regexTests, setTests, fileTests, resultTests, textTests])

    static let globals = table([globalFunctions, lookupFunctions, timeFunctions])

    private static func table(_ groups: [[FunctionDefinition]]) -> Table {
        Dictionary(groups.joined().map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// The same function under another name.
    static func alias(_ name: String, _ function: FunctionDefinition) -> FunctionDefinition {
        FunctionDefinition(function, named: name)
    }
}
