import AWSClient
import Domain
import FoundationEssentials
import FunctionsTestSupport
import HTTPClient
import Synchronization
import Testing

@testable import FunctionsShared

/// The journal against a DynamoDB that is a script: what is sent, and how lost answers are read.
@Suite("DynamoDB event journal")
struct DynamoDBEventJournalTests {
    private let id = ChargeID(rawValue: "ch_1")

    private func journal(_ transport: any HTTPTransport) throws -> DynamoDBEventJournal {
        DynamoDBEventJournal(client: DynamoDBClient(try Fixture.awsClient(transport)), table: "events")
    }

    /// Entries made by the real store.
    private func entries(_ identifiers: any IDGenerator = CountingIDGenerator()) async throws -> [JournalEntry] {
        let events = InMemoryEvents()
        try await Fixture.initiate(id, in: Fixture.eventStore(events, identifiers: identifiers))
        return try await InMemoryJournal(events).load(id)
    }

    /// A Query answer with these entries.
    private func page(_ entries: [JournalEntry], unpublished: Bool = true) -> String {
        let items = entries.map { entry -> JSON in
            var item: [String: JSON] = [
                "stream_id": ["S": .string(entry.envelope.streamID.rawValue)],
                "version": ["N": .string(String(entry.envelope.version))],
                "envelope": ["S": .string(String(decoding: entry.bytes, as: UTF8.self))],
            ]
            if unpublished { item["unpublished"] = ["S": "1"] }
            return .object(item)
        }
        let document: JSON = ["Items": .array(items), "Count": .integer(Int64(items.count))]
        return String(decoding: document.serialized(), as: UTF8.self)
    }

    private let conditionFailed = ScriptedTransport.json(
        400,
        #"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"cancelled","#
            + #""CancellationReasons":[{"Code":"ConditionalCheckFailed"},{"Code":"None"}]}"#)
    private let singleConditionFailed = ScriptedTransport.json(
        400,
        #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"failed"}"#)

    @Test("several events are one transaction, each put under the condition that its version is free")
    func transaction() async throws {
        let transport = ScriptedTransport(status: 200, json: "{}")
        try await journal(transport).append(try await entries())
        let request = try #require(transport.requests.first)
        #expect(request.headers["X-Amz-Target"] == "DynamoDB_20120810.TransactWriteItems")
        let body = try #require(transport.document())
        let puts = try #require(body["TransactItems"]?.elements)
        #expect(puts.count == 2)
        for (index, put) in puts.enumerated() {
            #expect(put["Put"]?["ConditionExpression"]?.text == "attribute_not_exists(#stream)")
            #expect(put["Put"]?["Item"]?["version"]?["N"]?.text == String(index + 1))
            #expect(put["Put"]?["Item"]?["unpublished"]?["S"]?.text == "1")
        }
    }

    @Test("one event is a single conditional put")
    func singlePut() async throws {
        let transport = ScriptedTransport(status: 200, json: "{}")
        try await journal(transport).append(Array(try await entries().prefix(1)))
        #expect(transport.requests.first?.headers["X-Amz-Target"] == "DynamoDB_20120810.PutItem")
    }

    @Test("a load is a consistent query; bytes and markers come back as they are")
    func load() async throws {
        let entries = try await entries()
        let transport = ScriptedTransport(status: 200, json: page(entries))
        let loaded = try await journal(transport).load(id)
        #expect(loaded.map(\.bytes) == entries.map(\.bytes))
        #expect(loaded.allSatisfy { !$0.isPublished })
        let body = try #require(transport.document())
        #expect(body["ConsistentRead"] == .boolean(true))
    }

    @Test("a condition that fails because of another event is a version conflict")
    func conflict() async throws {
        let others = try await entries(NamedIDs("other"))
        let transport = ScriptedTransport([conditionFailed, ScriptedTransport.json(200, page(others))])
        let mine = try await entries()
        await #expect(throws: EventStoreError.versionConflict(stream: "ch_1", version: 1)) {
            try await journal(transport).append(mine)
        }
    }

    @Test("D-01: a condition that fails because of our own events is a success whose first answer was lost")
    func ambiguousAppend() async throws {
        let mine = try await entries()
        let transport = ScriptedTransport([conditionFailed, ScriptedTransport.json(200, page(mine))])
        try await journal(transport).append(mine)
        #expect(transport.requests.count == 2)
    }

    @Test("the same for a single put that was repeated after a lost answer")
    func ambiguousSinglePut() async throws {
        let mine = Array(try await entries().prefix(1))
        let transport = ScriptedTransport([
            ScriptedTransport.failure(.timedOut("no answer")), singleConditionFailed,
            ScriptedTransport.json(200, page(mine)),
        ])
        try await journal(transport).append(mine)
    }

    @Test("silence is settled by reading: our events there are a success, none there a failure that may be repeated")
    func silence() async throws {
        let mine = try await entries()
        let lost = ScriptedTransport.failure(.connectionLost("reset"))
        for (page, isWritten) in [(page(mine), true), (page([]), false)] {
            let transport = SilentWrites(answerToReads: page, failure: lost)
            do {
                try await journal(transport).append(mine)
                #expect(isWritten)
            } catch let error as EventStoreError {
                #expect(!isWritten)
                guard case .unavailable = error else { throw error }
            }
        }
    }

    @Test("markers are removed by an update that cannot create an item")
    func markers() async throws {
        let transport = ScriptedTransport(status: 200, json: "{}")
        try await journal(transport).markPublished(try await entries())
        #expect(transport.requests.count == 2)
        let body = try #require(transport.document())
        #expect(body["UpdateExpression"]?.text == "REMOVE #unpublished")
        #expect(body["ConditionExpression"]?.text == "attribute_exists(#stream)")
    }

    @Test("markers are removed at the same time, and one that stays keeps none of the others")
    func markersTogether() async throws {
        let transport = MeetingTransport(party: 2)
        let log = try await entries()
        await #expect(throws: EventStoreError.self) { try await journal(transport).markPublished(log) }
        #expect(transport.versions.sorted() == ["1", "2"])
    }

    @Test("an envelope that cannot be read makes the stream corrupt, not empty")
    func corrupt() async throws {
        let transport = ScriptedTransport(
            status: 200, json: #"{"Items":[{"envelope":{"S":"not an envelope"}}],"Count":1}"#)
        await #expect(throws: EventStoreError.self) { _ = try await journal(transport).load(id) }
    }
}

private struct NamedIDs: IDGenerator {
    private let base = CountingIDGenerator()
    private let name: String

    init(_ name: String) { self.name = name }

    func make(prefix: String) -> String { base.make(prefix: prefix) + "_" + name }
}

/// Writes are never answered, reads are.
private struct SilentWrites: HTTPTransport {
    let answerToReads: String
    let failure: ScriptedTransport.Answer

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        guard request.headers["X-Amz-Target"] == "DynamoDB_20120810.Query" else { return try failure(request).get() }
        return HTTPResponse(status: 200, body: Data(answerToReads.utf8))
    }
}

/// Answers nobody before everybody is there; then the update of version 1 is refused.
private final class MeetingTransport: HTTPTransport {
    private let party: Int
    private let seen = Mutex<[String]>([])

    init(party: Int) { self.party = party }

    var versions: [String] { seen.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let version = request.body.flatMap { JSON(parsing: $0) }?["Key"]?["version"]?["N"]?.text ?? ""
        seen.withLock { $0.append(version) }
        var patience = 10_000
        while versions.count < party, patience > 0 {
            await Task.yield()
            patience -= 1
        }
        guard patience > 0 else { throw .timedOut("nobody else came") }
        let refusal = #"{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}"#
        return HTTPResponse(status: version == "1" ? 400 : 200, body: Data((version == "1" ? refusal : "{}").utf8))
    }
}
