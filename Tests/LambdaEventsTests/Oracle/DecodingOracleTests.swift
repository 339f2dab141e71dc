import Foundation
import LambdaEvents
import Testing

@Suite("Decoding, with Foundation's decoder as the oracle") struct DecodingOracleTests {
    /// Documents per seed; a run takes some seconds in a debug build.
    private static let documents = 250
    private static let seeds: Range<UInt64> = 0..<12

    private func check<Event: OracleCheckable>(
        _: Event.Type, seed: UInt64, _ next: (inout EventDocuments) -> [UInt8]
    ) throws {
        var documents = EventDocuments(seed: seed)
        var accepted = 0
        for _ in 0..<Self.documents {
            if try DecodingOracle.check(Event.self, next(&documents)) == .bothAccept { accepted += 1 }
        }
        // Both halves must be worth something: neither all refused nor all accepted.
        #expect(accepted > Self.documents / 8 && accepted < Self.documents * 7 / 8)
    }

    @Test("SQS: the same values or both refuse, for random and damaged documents", arguments: seeds)
    func sqs(seed: UInt64) throws {
        try check(SQSEvent.self, seed: seed) { $0.sqs() }
    }

    @Test("Kinesis: the same values or both refuse, for random and damaged documents", arguments: seeds)
    func kinesis(seed: UInt64) throws {
        try check(KinesisEvent.self, seed: 1000 + seed) { $0.kinesis() }
    }

    private static let record = """
        {"messageId":"m","receiptHandle":"r","body":"b","attributes":{},"messageAttributes":{},"md5OfBody":"5",\
        "eventSource":"aws:sqs","eventSourceARN":"arn","awsRegion":"eu"EXTRA}
        """

    private func sqs(_ extra: String) -> [UInt8] {
        Array("{\"Records\":[\(Self.record.replacing("EXTRA", with: extra))]}".utf8)
    }

    @Test(
        "the events that the functions are replayed with",
        arguments: ["worker", "projectionist", "ledger"])
    func replayedEvents(function: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "events/\(function)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" && !$0.lastPathComponent.hasSuffix(".expected.json") }
        #expect(!files.isEmpty)
        for file in files {
            let document = Array(try Data(contentsOf: file))
            let verdict =
                try function == "worker"
                ? DecodingOracle.check(SQSEvent.self, document) : DecodingOracle.check(KinesisEvent.self, document)
            #expect(verdict == .bothAccept, "\(file.lastPathComponent)")
        }
    }

    @Test("cut off anywhere, both refuse")
    func truncated() throws {
        let document = sqs(#","new":[1.5,"é\ud83d\ude00",{"a":null}]"#)
        #expect(try DecodingOracle.check(SQSEvent.self, document) == .bothAccept)
        for count in document.indices {
            #expect(try DecodingOracle.check(SQSEvent.self, Array(document[..<count])) == .bothRefuse)
        }
    }

    @Test("large documents are decoded like small ones")
    func large() throws {
        let records = repeatElement(Self.record.replacing("EXTRA", with: ""), count: 3000).joined(separator: ",")
        let body = #","body":1,"new":""# + String(repeating: #"é\n"#, count: 100_000) + "\""
        #expect(try DecodingOracle.check(SQSEvent.self, Array("{\"Records\":[\(records)]}".utf8)) == .bothAccept)
        #expect(try DecodingOracle.check(SQSEvent.self, sqs(body)) == .bothAccept)
    }

    @Test(
        "of duplicate keys the first counts, whatever the others are",
        arguments: [
            (#","body":"second""#, true), (#","body":2"#, true), (#","\u0062ody":null"#, true),
            (#","md5OfMessageAttributes":null,"md5OfMessageAttributes":"x""#, true),
            (#","md5OfMessageAttributes":1,"md5OfMessageAttributes":"x""#, false), (#","attributes":5"#, true),
            (#","new":null,"md5OfBody":null"#, true),
            (#","messageAttributes":[]"#, true),
        ])
    func duplicates(extra: String, isAccepted: Bool) throws {
        #expect(try DecodingOracle.check(SQSEvent.self, sqs(extra)) == (isAccepted ? .bothAccept : .bothRefuse))
    }

    @Test(
        "so it is with attributes, whose keys are anybody's",
        arguments: [
            (#""k":"1","k":"2""#, true), (#""k":"1","k":2"#, true), (#""k":"1","\u006b":null"#, true),
            (#""k":1,"k":"2""#, false), (#""MessageGroupId":"1","MessageGroupId":[]"#, true), (#""k":null"#, true),
            (#""MessageGroupId":null,"MessageGroupId":"1""#, true), (#""k":null,"k":"1""#, true),
            (#""MessageGroupId":null,"k":"1","k":2"#, true), (#""MessageGroupId":7"#, false),
            (#""K":"1","\u212a":2"#, true), (#""é":"1","e\u0301":{}"#, true),
        ])
    func duplicateAttributes(members: String, isAccepted: Bool) throws {
        let document = Array(
            String(decoding: sqs(""), as: UTF8.self).replacing(#""attributes":{}"#, with: "\"attributes\":{\(members)}")
                .utf8)
        #expect(try DecodingOracle.check(SQSEvent.self, document) == (isAccepted ? .bothAccept : .bothRefuse))
    }

    @Test("many attributes of wrong types behind a valid one are no quadratic work")
    func hostileDuplicates() throws {
        let members = #""k":"1""# + String(repeating: #","k":0"#, count: 200_000)
        let text = String(decoding: sqs(""), as: UTF8.self)
        let document = text.replacing(#""attributes":{}"#, with: "\"attributes\":{\(members)}")
        #expect(try DecodingOracle.check(SQSEvent.self, Array(document.utf8)) == .bothAccept)
    }

    @Test("deliberately refused: trailing commas, which JSON does not have")
    func trailingComma() throws {
        for extra in [",", #","new":[1,]"#, #","new":{"a":1 , }"#] {
            #expect(try DecodingOracle.check(SQSEvent.self, sqs(extra)) == .deliberatelyStricter(.trailingComma))
        }
    }

    @Test(
        "deliberately refused: encodings other than UTF-8",
        arguments: [
            String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian,
        ])
    func otherEncodings(encoding: String.Encoding) throws {
        let document = try #require(String(decoding: sqs(""), as: UTF8.self).data(using: encoding))
        #expect(
            try DecodingOracle.check(SQSEvent.self, Array(document)) == .deliberatelyStricter(.otherEncoding))
    }

    @Test(
        "deliberately refused: what is invalid inside of values that are ignored",
        arguments: [
            #""\ud800""#, #""\x""#, "\"\u{1}\"", "1.2.3", "01", "-", "1e", #"["\udc00"]"#,
        ])
    func ignoredValues(value: String) throws {
        #expect(
            try DecodingOracle.check(SQSEvent.self, sqs(",\"new\":\(value)"))
                == .deliberatelyStricter(.invalidInsideOfIgnoredValue))
    }
}
