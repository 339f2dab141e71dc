import Foundation
import LambdaCodable
import LambdaEvents
import Testing
import Wire

/// An event document in `Fixtures`.
struct Fixture: CustomTestStringConvertible {
    /// How a document may differ from what its shape writes.
    enum Comparison {
        /// Not at all.
        case exact
        /// AWS sends `null` where it could leave the member out; the shape leaves it out.
        case nullsAreLeftOut
    }

    /// Path below `Fixtures`, without `.json`.
    let path: String
    let comparison: Comparison
    let decodeAndEncode: @Sendable (Bytes) throws -> Bytes

    init<Event: LambdaDecodable & LambdaEncodable>(
        _ path: String, _ type: Event.Type, _ comparison: Comparison = .exact
    ) {
        self.path = path
        self.comparison = comparison
        decodeAndEncode = { try Event(lambdaPayload: $0).lambdaPayload() }
    }

    var testDescription: String { path }

    static var folder: URL { URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures") }

    /// The document's bytes.
    static func bytes(_ path: String) throws -> Bytes {
        Bytes(try Data(contentsOf: folder.appending(path: path + ".json")))
    }

    /// The document as an event.
    static func event<Event: LambdaDecodable>(_ path: String, as type: Event.Type = Event.self) throws -> Event {
        try Event(lambdaPayload: bytes(path))
    }
}

extension JSONTree {
    /// The value without any member that is null, at every depth.
    var withoutNulls: JSONTree {
        switch self {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        case .array(let elements): .array(elements.map(\.withoutNulls))
        default: self
        }
    }
}
