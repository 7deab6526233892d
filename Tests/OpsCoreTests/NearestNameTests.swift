import OpsCore
import Testing

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("detination", "destination"), ("srv", "src"), ("moed", "mode"), ("Owner", "owner"), ("when_", "when"),
    ])
    func findsTyposAndSwaps(typed: String, meant: String) {
        #expect(NearestName.to(typed, in: ["destination", "src", "mode", "owner", "when"]) == meant)
    }

    @Test func staysSilentWhenNothingIsClose() {
        #expect(NearestName.to("frobnicate", in: ["src", "dest", "mode"]) == nil)
    }

    @Test func aSingleLetterIsLikeNoOther() {
        #expect(NearestName.to("x", in: ["y", "z"]) == nil)
        #expect(NearestName.to("X", in: ["y", "x"]) == "x")
    }

    @Test func hintsNameTheCandidate() {
        #expect(NearestName.hints(for: "srv", in: ["src"]) == ["did you mean 'src'?"])
        #expect(NearestName.hints(for: "frobnicate", in: ["src"]) == [])
    }
}
