import Foundation
import OpsCore
import Testing

@Suite struct RedactorTests {
    private func redactor(_ secrets: String...) -> Redactor {
        let redactor = Redactor()
        secrets.forEach { redactor.register(Secret($0)) }
        return redactor
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5])
    func masksBase64WhateverStandsBefore(prefix: Int) {
        let secret = "hunter2 & co/+ä"
        let text = String(repeating: "x", count: prefix) + secret + "tail"
        let encoded = Data(text.utf8).base64EncodedString()
        let shown = redactor(secret).redact(encoded)
        #expect(shown.contains(Secret.mask))
        #expect(shown.count < encoded.count)
    }

    @Test func masksQuotedJSONAndURLForms() throws {
        let secret = "it's \"5/6\" \\ ok"
        let json = String(decoding: try JSONEncoder().encode(["k": secret]), as: UTF8.self)
        let subject = redactor(secret)
        #expect(subject.redact("p='it'\\''s \"5/6\" \\ ok'") == "p='•••'")
        #expect(subject.redact(json) == "{\"k\":\"•••\"}")
        #expect(subject.redact("?q=it%27s%20%225%2F6%22%20%5C%20ok") == "?q=•••")
    }

    @Test(arguments: [
        "it''s <&> \"ok\" ä", "it's &lt;&amp;&gt; &#34;ok&#34; ä".replacing("'", with: "&#39;"),
        "it's+%3C%26%3E+%22ok%22+%C3%A4".replacing("'", with: "%27"), "it%27s%20%3c%26%3e%20%22ok%22%20%c3%a4",
        "it's <&> \\\"ok\\\" \\u00e4", "it's <&> \"ok\" a\u{308}",
    ])
    func masksTheFormsOfYAMLMarkupFormsAndPython(shown: String) {
        let subject = redactor("it's <&> \"ok\" ä", "it's <&> \"ok\" a\u{308}")
        #expect(subject.redact("[\(shown)]") == "[•••]")
    }

    @Test func everySecretInAValueIsMasked() {
        let redactor = Redactor()
        redactor.register(in: [
            "a": [.secret(Secret("first one")), ["b": .secret(Secret("second one"))]], "c": "plain one",
        ])
        #expect(redactor.redact("first one, second one, plain one") == "•••, •••, plain one")
    }

    @Test func aKeyIsMaskedLineByLine() {
        let key = "-----BEGIN KEY-----\nQUJDREVGR0g\nshort\n"
        #expect(redactor(key).redact("x QUJDREVGR0g y short shorter") == "x ••• y ••• shorter")
    }

    @Test func longerSecretsWinOverTheirParts() {
        #expect(redactor("abcd", "abcdefgh").redact("xabcdefghx") == "x•••x")
    }

    @Test func shortTextsAreLeftAlone() {
        #expect(redactor("on").redact("monitoring is on") == "monitoring is on")
    }

    @Test(arguments: 1...9)
    func aStreamCutAnywhereShowsNothing(size: Int) {
        var stream = StreamRedactor(redactor("correct horse"))
        var shown = ""
        let bytes = Array("pässwörd=correct horse; again 監視 correct horse.".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            shown += stream.feed(bytes[start..<min(start + size, bytes.count)])
        }
        shown += stream.finish()
        #expect(shown == "pässwörd=•••; again 監視 •••.")
    }

    @Test func masksHexadecimalAndWrappedBase64() {
        let secret = String(repeating: "long secret, ", count: 12)
        let subject = redactor(secret, "hunter2")
        #expect(subject.redact("68756e74657232 68756E74657232") == "••• •••")
        let wrapped = Data(secret.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
        #expect(subject.redact(wrapped).split(separator: "\n").allSatisfy { $0 == "•••" }, "\(wrapped)")
    }

    /// Printed by Python, as JSON in JSON, as JSON printed by Python, as a shell's word in JSON.
    @Test(arguments: [
        #"'it\'s "5/6" \\ ü'"#, #""it's \"5/6\" \\ \u00fc""#, #"\"it's \\\"5\/6\\\" \\\\ \\u00fc\""#, #"it\\\'s \\"5/6\\" \\\\ ü"#,
        #"it'\\''s \"5/6\" \\ ü"#, #"it\'"\'"\'s "5/6" \\ ü"#,
    ])
    func masksThroughEveryLevelOfEscaping(shown: String) {
        let masked = redactor(#"it's "5/6" \ ü"#).redact("x\(shown)y")
        #expect(masked.contains("•••") && !masked.contains("5"), "\(shown) became \(masked)")
    }

    @Test(arguments: [1, 3, 7]) func escapedSecretsInAStreamAreMasked(size: Int) {
        var stream = StreamRedactor(redactor(#"it's "5/6""#))
        let bytes = Array(#"a 'it\'s "5/6"' b "it's \"5\/6\"" c"#.utf8)
        var shown = ""
        for start in stride(from: 0, to: bytes.count, by: size) { shown += stream.feed(bytes[start..<min(start + size, bytes.count)]) }
        #expect(shown + stream.finish() == #"a '•••' b "•••" c"#)
    }

    @Test func aStreamHoldsBackOnlyWhatMayBecomeASecret() {
        var stream = StreamRedactor(redactor("correct horse"))
        #expect(stream.feed(Array("a line\n".utf8)) == "a line\n")
        #expect(stream.feed(Array("the corr".utf8)) == "the ")
        #expect(stream.feed(Array("al\n".utf8)) == "corral\n")
        #expect(stream.feed(Array("correct hors".utf8)) == "")
        #expect(stream.feed(Array("e!".utf8)) == "•••!")
        #expect(stream.finish() == "")
    }

    // MARK: Names

    private func names() -> Redactor {
        let redactor = Redactor()
        redactor.register(in: [
            "admin_user": .secret(Secret("admin")), "username": .secret(Secret("alerts")), "port": .secret(Secret("2525")),
            "password": .secret(Secret("hunter")), "user": .secret(Secret("SENTINEL-1")),
        ])
        return redactor
    }

    @Test(arguments: [
        "opsctl-alerts", "alerts.yml", "config/alerts/x", "administrator", "admin_password", "25252",
        "10.77.0.12/2525.json", "älerts", "alertsä",
    ])
    func aNameLeavesOtherWordsWhole(text: String) { #expect(names().redact(text) == text) }

    @Test(arguments: [
        ("admin logged in", "••• logged in"), ("user=admin.", "user=•••."), ("\"alerts\"", "\"•••\""), ("alerts:x@host", "•••:x@host"),
        ("postgres://alerts@db", "postgres://•••@db"), ("mail:2525", "mail:•••"), ("YWRtaW4= 61646d696e", "••• •••"), ("alerts", "•••"),
    ])
    func aNameIsMaskedWhereItStandsAlone(text: String, shown: String) { #expect(names().redact(text) == shown) }

    @Test(arguments: [("-phunter", "-p•••"), ("xhuntery", "x•••y"), ("xSENTINEL-1y", "x•••y")])
    func whatCouldBeAPasswordIsMaskedInsideOfWordsToo(text: String, shown: String) { #expect(names().redact(text) == shown) }

    @Test func aNameThatIsAlsoAPasswordIsNoName() {
        let redactor = Redactor()
        redactor.register(in: ["user": .secret(Secret("grafana")), "password": .secret(Secret("grafana"))])
        #expect(redactor.redact("xgrafanay") == "x•••y")
        let other = Redactor()
        other.register(in: ["password": .secret(Secret("grafana")), "user": .secret(Secret("grafana"))])
        #expect(other.redact("xgrafanay") == "x•••y")
    }

    @Test func usingANameDoesNotChangeWhatItIs() {
        let redactor = names()
        redactor.register(derived: .secret(Secret("alerts")))
        redactor.register(derived: .secret(Secret("ALERTS!")))
        #expect(redactor.redact("opsctl-alerts ALERTS!") == "opsctl-alerts •••")
    }

    @Test func eachLineOfWhatWasMadeOfASecretCounts() {
        let redactor = Redactor()
        redactor.register(derived: .secret(Secret("FIRST-LINE\nSECOND\n\n  third: x  \nabc\n")))
        #expect(redactor.redact("a FIRST-LINE b\nSECOND\nthird: x abc") == "a ••• b\n•••\n••• abc")
    }

    @Test func plainLinesBesideASecretStayReadable() {
        let redactor = Redactor()
        redactor.register(Secret("hunter2"))
        redactor.register(assembled: "global:\n  password: hunter2\n  host: mail\n")
        redactor.register(derived: .secret(Secret("  global:\n    password: hunter2\n    host: mail\n")))
        #expect(redactor.redact("global: host: mail hunter2") == "global: host: mail •••")
        redactor.register(derived: .secret(Secret("GLOBAL:\n  PASSWORD: HUNTER2\n")))
        #expect(redactor.redact("PASSWORD: HUNTER2") == "•••")
    }

    @Test func shortLinesOfALongSecretAreMaskedAsWords() {
        let redactor = Redactor()
        redactor.register(Secret("-----BEGIN KEY-----\nMIIEabc=\nAb12\n-----END KEY-----\n"))
        #expect(redactor.redact("Ab12, xAb12y MIIEabc=") == "•••, xAb12y •••")
    }

    @Test(arguments: 1...12)
    func namesInAStreamCutAnywhereAreSeenWithTheirNeighbours(size: Int) {
        var stream = StreamRedactor(names())
        let text = "opsctl-alerts and alerts, alerts.yml or alerts. ü/admin/x admin xhunter 監視"
        var shown = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) { shown += stream.feed(bytes[start..<min(start + size, bytes.count)]) }
        #expect(shown + stream.finish() == "opsctl-alerts and •••, alerts.yml or •••. ü/admin/x ••• x••• 監視")
    }
}
