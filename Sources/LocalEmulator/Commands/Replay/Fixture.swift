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
    /// The event file.
    let file: String
    /// The function it is for.
    let function: String
    /// What it shows.
    let summary: String
    /// The event's text, with placeholders.
    let event: String
    /// What is there beforehand.
    let given: JSONValue
    /// What is expected; `nil` when there is no expectation file.
    let expected: JSONValue?

    /// Reads a fixture.
    ///
    /// - Parameter function: overrides the function the expectation names; needed when there is none.
    init(eventFile: String, function: String? = nil) throws {
        let data = try Self.read(eventFile)
        do { _ = try JSONValue(parsing: data) } catch {
            throw FixtureError(file: eventFile, reason: "the event is not JSON: \(error)")
        }
        file = eventFile
        event = String(decoding: data, as: UTF8.self)
        let path = Self.expectationFile(of: eventFile)
        guard FileManager.default.fileExists(atPath: path) else {
            guard let function else { throw FixtureError(file: eventFile, reason: "has no \(path) beside it") }
            self.function = function
            (summary, given, expected) = ("", [:], nil)
            return
        }
        let document: JSONValue
        do { document = try JSONValue(parsing: try Self.read(path)) } catch {
            throw FixtureError(file: path, reason: "not JSON: \(error)")
        }
        guard let name = function ?? document["function"]?.stringValue else {
            throw FixtureError(file: path, reason: "names no function")
        }
        self.function = name
        summary = document["description"]?.stringValue ?? ""
        given = document["given"] ?? [:]
        expected = document["expect"]
    }

    /// Every event file below a directory that has an expectation, or the one file named, in order of their paths.
    static func all(below path: String) throws -> [Fixture] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw FixtureError(file: path, reason: "does not exist")
        }
        guard isDirectory.boolValue else { return [try Fixture(eventFile: path)] }
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".json") && !$0.hasSuffix(".expected.json") }.sorted()
            .map { try Fixture(eventFile: (path as NSString).appendingPathComponent($0)) }
    }

    private static func expectationFile(of path: String) -> String {
        (path.hasSuffix(".json") ? String(path.dropLast(5)) : path) + ".expected.json"
    }

    private static func read(_ path: String) throws -> Data {
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw FixtureError(file: path, reason: "cannot be read: \(error.localizedDescription)")
        }
    }
}
