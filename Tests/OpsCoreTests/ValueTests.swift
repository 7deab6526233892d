import Foundation
import OpsCore
import Testing

@Suite struct ValueTests {
    @Test func literalsSayWhatTheyAre() {
        let value: Value = ["name": "mon1", "port": 9090, "ratio": 0.5, "up": true, "none": nil, "list": [1, "two"]]
        #expect(value["name"]?.string == "mon1")
        #expect(value["port"]?.int == 9090)
        #expect(value["up"]?.bool == true)
        #expect(value["none"] == .null)
        #expect(value["ratio"] == .double(0.5))
        #expect(value["list"]?.list == [1, "two"])
        #expect(value["missing"] == nil)
        #expect(value.map?.keys.compactMap(\.string) == ["name", "port", "ratio", "up", "none", "list"])
    }

    @Test func nothingIsCoerced() {
        #expect(Value.string("1").int == nil)
        #expect(Value.int(1).bool == nil)
        #expect(Value.int(1) != .double(1))
        #expect(Value.secret(Secret("s")).string == nil)
        #expect(Value.list([])["key"] == nil)
    }

    @Test func aKeyWrittenTwiceKeepsItsLastValueAndFirstPlace() {
        let value: Value = ["a": 1, "b": 2, "a": 3]
        #expect(value.map?.keys.map(\.string) == ["a", "b"])
        #expect(value["a"] == 3)
    }

    @Test func secretsAreFoundAnywhere() {
        let secret = Value.secret(Secret("s"))
        #expect(secret.containsSecret)
        #expect((["a": [1, ["b": secret]]] as Value).containsSecret)
        #expect(Value.map([secret: 1]).containsSecret)
        #expect(!(["a": [1, ["b": "s"]]] as Value).containsSecret)
    }

    @Test func mapsAreReadAndWrittenByName() {
        var map: ValueMap = [:]
        map["a"] = 1
        #expect(map["a"] == 1)
        map["a"] = nil
        #expect(map.isEmpty)
    }

    @Test func kindsHaveNames() {
        let all: [Value] = [nil, true, 1, 1.5, "s", .secret(Secret("s")), [], [:]]
        let names = ["null", "boolean", "integer", "number", "string", "secret", "list", "mapping"]
        #expect(all.map(\.kindName) == names)
    }
}

@Suite struct SecretTests {
    private let secret = Secret("hunter2")

    @Test func noWayOfPrintingShowsIt() throws {
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["password": Value.secret(secret)], to: &dumped)
        let encoded = String(decoding: try JSONEncoder().encode([secret]), as: UTF8.self)
        let texts = [
            "\(secret)", secret.debugDescription, String(reflecting: secret), "\(Value.secret(secret))", dumped,
            encoded,
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(text.contains(Secret.mask))
        }
    }

    @Test func onlyRevealGivesTheText() {
        #expect(secret.reveal { $0.count } == 7)
        #expect(secret == Secret("hunter2"))
        #expect(secret != Secret("hunter3"))
        #expect(Secret("").isEmpty)
    }
}
