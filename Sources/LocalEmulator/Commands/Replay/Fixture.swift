import Foundation
import LocalEmulator

/// What is wrong with a fixture.
struct FixtureError: Error, CustomStringConvertible {
    let file: String
    let reason: String

    var description: String { "\(file): \(reason)" }
}

/// One event file and, beside it, what is given beforehand and expected afterwards.
///
/// `charge.json` holds the event in its official shape; `charge.expected.json` holds
/// `{"function": …, "description": …, "given": {…}, "expect": {…}}`. `docs/fixtures.md` describes both.
struct Fixture {
    /// What may be set up beforehand.
    private static let givenMembers: Set<String> = ["provider", "tables", "journal", "settlements", "invocations"]
    /// What may be expected afterwards.
    private static let expectedMembers = FixtureEffects.members.union(["response", "error"])

    /// The event file.
    let file: String
    /// The function it is for.
    let function: String
    /// What it shows.
    let summary: String
    /// The event, with placeholders.
    let event: JSONValue
    /// What is there beforehand.
    let given: JSONValue
    /// What is expected; `nil` when there is no expectation file.
    let expected: JSONValue?

    /// Reads a fixture.
    ///
    /// - Parameter function: overrides the function the expectation names; needed when there is none.
    /// - Throws: `FixtureError`, also for an expectation that could not fail: a misspelt member would never be compared.
    init(eventFile: String, function: String? = nil) throws {
        file = eventFile
        event = try Self.document(eventFile)
        let path = Self.expectationFile(of: eventFile)
        guard FileManager.default.fileExists(atPath: path) else {
            guard let function else { throw FixtureError(file: eventFile, reason: "has no \(path) beside it") }
            self.function = function
            (summary, given, expected) = ("", [:], nil)
            return
        }
        let document = try Self.document(path)
        guard let name = function ?? document["function"]?.stringValue else {
            throw FixtureError(file: path, reason: "names no function")
        }
        self.function = name
        summary = document["description"]?.stringValue ?? ""
        given = document["given"] ?? [:]
        let expected = document["expect"] ?? [:]
        self.expected = expected
        try Self.check(document, "the document", ["function", "description", "given", "expect"], file: path)
        try Self.check(given, "given", Self.givenMembers, file: path)
        try Self.check(expected, "expect", Self.expectedMembers, file: path)
        guard expected["response"] != nil || expected["error"] != nil else {
            throw FixtureError(file: path, reason: "expects neither a response nor an error")
        }
    }

    /// Every event file below a directory, or the one file named, in order of their paths.
    ///
    /// - Throws: `FixtureError` also for an event without an expectation and an expectation without an event.
    static func all(below path: String) throws -> [Fixture] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw FixtureError(file: path, reason: "does not exist")
        }
        guard isDirectory.boolValue else { return [try Fixture(eventFile: path)] }
        let names = Set(FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? [])
        let expectations = names.filter { $0.hasSuffix(expectationSuffix) }
        let events = names.filter { $0.hasSuffix(".json") }.subtracting(expectations)
        let widows = expectations.subtracting(events.map(expectationFile))
        if let widow = widows.min() { throw FixtureError(file: "\(path)/\(widow)", reason: "has no event beside it") }
        return try events.sorted().map { try Fixture(eventFile: (path as NSString).appendingPathComponent($0)) }
    }

    private static let expectationSuffix = ".expected.json"

    private static func expectationFile(of path: String) -> String {
        (path.hasSuffix(".json") ? String(path.dropLast(5)) : path) + expectationSuffix
    }

    private static func document(_ path: String) throws -> JSONValue {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw FixtureError(file: path, reason: "cannot be read: \(error.localizedDescription)")
        }
        do { return try JSONValue(parsing: data) } catch {
            throw FixtureError(file: path, reason: "is not JSON: \(error)")
        }
    }

    private static func check(_ value: JSONValue, _ name: String, _ known: Set<String>, file: String) throws {
        guard let members = value.objectValue else {
            throw FixtureError(file: file, reason: "\(name) is not an object")
        }
        guard let unknown = members.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw FixtureError(
            file: file,
            reason: "\(name) has an unknown member \"\(unknown)\"; known are \(known.sorted().joined(separator: ", "))")
    }
}
