import OpsCore
import Testing

@testable import OpsProject

/// The corpus of `inventories/`, compared with what the real `ansible-inventory` made of it.
@Suite struct InventoryJudgeTests {
    @Test(arguments: InventoryCase.names)
    func givesWhatAnsibleGives(_ name: String) throws {
        let test = try InventoryCase(name)
        let actual = try test.actual()
        for (section, expected) in test.expected {
            #expect(actual[section] == expected, "\(name) \(section)")
        }
        // Where our YAML is written otherwise on purpose, the case says why and has none.
        #expect(Set(actual.keys).union(["expected.yaml"]) == Set(test.expected.keys).union(["expected.yaml"]), "\(name)")
    }

    @Test func theCorpusIsThere() {
        #expect(InventoryCase.names.count >= 100)
    }
}
