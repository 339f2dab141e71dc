import Foundation
import LocalEmulator
import Testing

@testable import fincore

@Suite("Fixtures") struct FixtureTests {
    /// A directory of files that goes away with the test.
    private final class Directory {
        let path = FileManager.default.temporaryDirectory.path + "/fixtures-" + UUID().uuidString

        init(_ files: [String: String]) throws {
            for (name, text) in files {
                let file = URL(fileURLWithPath: path + "/" + name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// The reason why the fixtures of these files are refused.
    private func refusal(_ files: [String: String]) throws -> String? {
        let directory = try Directory(files)
        do {
            _ = try Fixture.all(below: directory.path)
            return nil
        } catch let error as FixtureError {
            return error.reason
        }
    }

    private static let expectation =
        #"{"function": "Worker", "description": "d", "given": {"journal": []}, "expect": {"response": {}}}"#

    @Test("a fixture is an event and the expectation beside it")
    func reading() throws {
        let directory = try Directory(["a.json": #"{"x": 1}"#, "a.expected.json": Self.expectation])
        let fixture = try Fixture(eventFile: directory.path + "/a.json")
        #expect(fixture.function == "Worker")
        #expect(fixture.summary == "d")
        #expect(fixture.event == ["x": 1])
        #expect(fixture.given == ["journal": []])
        #expect(fixture.expected == ["response": [:]])
    }

    @Test("one event can be run without an expectation when the function is named")
    func eventAlone() throws {
        let directory = try Directory(["a.json": "{}"])
        let fixture = try Fixture(eventFile: directory.path + "/a.json", function: "Ledger")
        #expect(fixture.function == "Ledger")
        #expect(fixture.expected == nil)
    }

    @Test("all fixtures below a directory come in order of their paths")
    func all() throws {
        var files: [String: String] = [:]
        for name in ["worker/b", "worker/a", "ledger/c"] {
            files[name + ".json"] = "{}"
            files[name + ".expected.json"] = Self.expectation
        }
        let directory = try Directory(files)
        let fixtures = try Fixture.all(below: directory.path)
        #expect(
            fixtures.map { String($0.file.dropFirst(directory.path.count + 1)) } == [
                "ledger/c.json", "worker/a.json", "worker/b.json",
            ])
        #expect(try Fixture.all(below: directory.path + "/worker/a.json").count == 1)
    }

    @Test("what could never be compared is refused, with the reason")
    func refusals() throws {
        func expecting(_ text: String) -> [String: String] { ["a.json": "{}", "a.expected.json": text] }
        #expect(try refusal(expecting(Self.expectation)) == nil)
        #expect(try refusal(["a.json": "{}"])?.contains("a.expected.json beside it") == true)
        #expect(try refusal(["a.expected.json": Self.expectation]) == "has no event beside it")
        #expect(try refusal(["a.json": "{", "a.expected.json": Self.expectation])?.hasPrefix("is not JSON") == true)
        #expect(try refusal(expecting(#"{"expect": {"response": 1}}"#)) == "names no function")
        #expect(
            try refusal(expecting(#"{"function": "F", "expect": {"queues": {}}}"#))
                == "expects neither a response nor an error")
        #expect(
            try refusal(expecting(#"{"function": "F", "expect": {"response": 1, "quues": {}}}"#))?
                .hasPrefix(#"expect has an unknown member "quues"; known are "#) == true)
        #expect(
            try refusal(expecting(#"{"function": "F", "given": {"journals": []}, "expect": {"response": 1}}"#))?
                .hasPrefix(#"given has an unknown member "journals""#) == true)
        #expect(
            try refusal(expecting(#"{"function": "F", "expected": {"response": 1}}"#))?
                .hasPrefix(#"the document has an unknown member "expected""#) == true)
        #expect(throws: FixtureError.self) { try Fixture.all(below: "/nowhere") }
    }

    @Test("every function of the project has fixtures")
    func coverage() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let template = try JSONValue(parsing: Data(contentsOf: root.appendingPathComponent("infra/functions.json")))
        let functions = (template["Resources"]?.objectValue ?? [:])
            .filter { $0.value["Type"] == "AWS::Serverless::Function" }.map(\.key)
        let fixtures = try Fixture.all(below: root.appendingPathComponent("events").path)
        #expect(Set(fixtures.map(\.function)) == Set(functions))
        #expect(fixtures.allSatisfy { !$0.summary.isEmpty })
    }
}

@Suite("Fixture placeholders") struct FixtureVariablesTests {
    private let start = Date(timeIntervalSince1970: 1_768_471_200)

    @Test("names are replaced wherever texts stand, also inside other text and as member names")
    func replacing() throws {
        var variables = FixtureVariables(file: "a.json", now: start)
        variables.set("intent", "pi_1")
        let document: JSONValue = ["a": ["${intent}", 1], "${intent}": "x${intent}y${now}", "b": .null]
        #expect(
            try variables.substitute(document) == [
                "a": ["pi_1", 1], "pi_1": "xpi_1y2026-01-15T10:00:00.000Z", "b": .null,
            ])
    }

    @Test("a value is put in as it is, whatever characters it has")
    func values() throws {
        var variables = FixtureVariables(file: "a.json", now: start)
        variables.set("text", #"say "${now}" \1"#)
        #expect(try variables.substitute("${text}") == #"say "${now}" \1"#)
    }

    @Test("a name without a value is an error that lists the known ones")
    func unknownName() throws {
        let variables = FixtureVariables(file: "a.json", now: start)
        let error = #expect(throws: FixtureError.self) { try variables.substitute(["x": "${intend}"]) }
        #expect(error?.description == "a.json: nothing gives ${intend} a value; known are now, now_seconds")
    }
}
