import OpsCore
import Testing

@testable import OpsProject

/// The corpus of `inventories/`, compared with what the real `ansible-inventory` made of it.
@Suite struct InventoryJudgeTests {
    @Test(arguments: InventoryCase.names)
    func givesWhatAnsibleGives(_ name: String) throws {
        let test = try InventoryCase(name)
        let actual = try test.actual()
        for (section, expected) in test.expected where section != "expected.yaml" {
            #expect(actual[section] == expected, "\(name) \(section)")
        }
        #expect(Set(actual.keys) == Set(test.expected.keys).subtracting(["expected.yaml"]), "\(name)")
    }

    @Test func theCorpusIsThere() {
        #expect(InventoryCase.names.count >= 100)
    }
}
