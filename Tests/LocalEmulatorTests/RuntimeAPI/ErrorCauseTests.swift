import Foundation
import Testing

@testable import LocalEmulator

@Suite("X-Ray error causes") struct ErrorCauseTests {
    @Test("what says nothing or is not of the form is dropped", arguments: ["{}", "[]", "1", "{\"paths\":1}", "{", ""])
    func dropped(cause: String) {
        #expect(ErrorCause.accepted(Data(cause.utf8)) == nil)
    }

    @Test("a small cause is kept whole")
    func whole() {
        let cause =
            "{\"exceptions\":[{\"message\":\"m\",\"stack\":[{\"label\":\"l\",\"line\":1,\"path\":\"/p\"}],\"type\":\"T\"}],"
            + "\"paths\":[\"/a\"],\"working_directory\":\"/w\"}"
        #expect(ErrorCause.accepted(Data(cause.utf8)) == Data(cause.utf8))
    }

    @Test("a large cause is cropped to 64 KiB, and its beginning is kept")
    func cropped() throws {
        let frames = (0..<1200).map {
            JSONValue.object(["path": .string("/a/long/path/\($0)"), "line": 1, "label": "function"])
        }
        let cause: JSONValue = ["exceptions": [["message": "m", "type": "T", "stack": .array(frames)]]]
        let document = cause.serialized()
        #expect(document.count > 64 * 1024)
        let accepted = try #require(ErrorCause.accepted(document))
        #expect(accepted.count <= 64 * 1024)
        let kept = try JSONValue(parsing: accepted)["exceptions"]?[0]
        #expect(kept?["message"] == "m")
        #expect(kept?["stack"]?[0] == frames[0])
    }

    @Test("a cause whose texts alone are too large keeps their beginnings")
    func texts() throws {
        let cause: JSONValue = ["message": .string(String(repeating: "é", count: 100_000)), "paths": ["/a"]]
        let accepted = try #require(ErrorCause.accepted(cause.serialized()))
        #expect(accepted.count <= 64 * 1024)
        #expect(try JSONValue(parsing: accepted)["message"]?.stringValue?.hasPrefix("éé") == true)
    }
}
