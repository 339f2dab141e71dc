import Testing

@testable import fincore

@Suite("Arguments") struct ArgumentsTests {
    @Test("flags, options and positionals are taken in any order, and nothing is left")
    func taking() throws {
        var arguments = Arguments(["--json", "Worker", "--event", "a.json", "--kill", "A:1", "--kill", "B:2"])
        let isJSON = arguments.flag("--json")
        let event = try arguments.option("--event")
        let kills = try arguments.options("--kill")
        let function = try arguments.positional("FUNCTION")
        try arguments.finish()
        #expect(isJSON)
        #expect(event == "a.json")
        #expect(kills == ["A:1", "B:2"])
        #expect(function == "Worker")
    }

    @Test("what is wrong with a call is said")
    func errors() {
        func error(_ words: [String], _ take: (inout Arguments) throws -> Void) -> String? {
            var arguments = Arguments(words)
            do {
                try take(&arguments)
                return nil
            } catch {
                return (error as? UsageError)?.message
            }
        }
        #expect(error(["--colour"]) { try $0.finish() } == "\"--colour\" is not understood")
        #expect(error(["--event"]) { _ = try $0.option("--event") } == "--event takes a value")
        #expect(
            error(["--port", "70000"]) { _ = try $0.number("--port", in: 0...65_535) }
                == "--port takes a number from 0 to 65535, not \"70000\"")
        #expect(error([]) { _ = try $0.positional("PATH") } == "PATH is missing")
    }

    @Test("columns are aligned, numbers to the right")
    func table() {
        #expect(
            Console.table([["a", "1", "x"], ["long", "200", ""]], right: [1]) == ["a       1  x", "long  200"])
    }
}
