import LambdaEvents
import Testing
import Wire

@Suite("Tumbling windows of Kinesis streams") struct KinesisWindowTests {
    /// The members of AWS's documentation (with-kinesis-windowing.html).
    private static let members = """
        "window":{"start":"2020-12-09T07:04:00Z","end":"2020-12-09T07:06:00Z"},"state":{"1":282,"2":715},\
        "shardId":"shardId-000000000006","eventSourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream",\
        "isFinalInvokeForWindow":true,"isWindowTerminatedEarly":false
        """

    private static let window = KinesisEvent.Window(
        start: "2020-12-09T07:04:00Z", end: "2020-12-09T07:06:00Z", state: Bytes(utf8: #"{"1":282,"2":715}"#),
        shardID: "shardId-000000000006",
        eventSourceARN: "arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream", isFinalInvocation: true)

    private func event(_ members: String) throws -> KinesisEvent {
        try KinesisEvent(lambdaPayload: Bytes(utf8: "{\(members)}"))
    }

    @Test("every field, and the same bytes again, wherever the records stand")
    func sample() throws {
        let event = try event("\"Records\":[],\(Self.members)")
        #expect(event == KinesisEvent(records: [], window: Self.window))
        #expect(try event.lambdaPayload() == Bytes(utf8: "{\"Records\":[],\(Self.members)}"))
        #expect(try self.event("\(Self.members),\"Records\":[]") == event)
    }

    @Test("windows differ when one field does")
    func inequality() throws {
        for (old, new) in [
            ("07:04", "07:05"), ("07:06", "07:07"), ("282", "283"), ("000006", "000007"), ("lambda-stream", "other"),
            ("Window\":true", "Window\":false"), ("Early\":false", "Early\":true"), ("\"window\"", "\"other\""),
        ] {
            let changed = Self.members.replacing(old, with: new)
            #expect(changed != Self.members)
            #expect(try event("\"Records\":[],\(changed)").window != Self.window, "\(old)")
        }
    }

    @Test("without a window there is none; in one only its bounds are needed")
    func defaults() throws {
        #expect(try event(#""Records":[]"#).window == nil)
        #expect(try event(#""Records":[],"window":null,"state":{},"isFinalInvokeForWindow":true"#).window == nil)
        let bounds = #""window":{"start":"a","end":"b","new":1}"#
        let expected = KinesisEvent.Window(start: "a", end: "b", shardID: "", eventSourceARN: "")
        #expect(expected.state == Bytes(utf8: "{}"))
        #expect(try event(#""Records":[],"# + bounds).window == expected)
        let nulls = ["state", "shardId", "eventSourceARN", "isFinalInvokeForWindow", "isWindowTerminatedEarly"]
            .map { "\"\($0)\":null," }.joined()
        #expect(try event(nulls + #""Records":[],"# + bounds).window == expected)
    }

    @Test("a state is any JSON value, kept as it is; of duplicate members the first counts")
    func states() throws {
        for state in ["7", #""text \n""#, #"[1, {"a" : null}]"#, "1e400"] {
            let event = try event(#""Records":[],"window":{"start":"a","end":"b"},"state": "# + state + #","state":0"#)
            #expect(event.window?.state == Bytes(utf8: state))
            #expect(try KinesisEvent(lambdaPayload: event.lambdaPayload()) == event)
        }
    }

    @Test("a state that would break the event is refused")
    func badState() {
        var window = Self.window
        window.state = Bytes(utf8: "secret")
        let expected = LambdaEventError(expected: "KinesisEvent", detail: "state is not JSON")
        #expect(throws: expected) { try KinesisEvent(records: [], window: window).lambdaPayload() }
    }

    @Test(
        "a window of another shape is refused with its place and problem",
        arguments: [
            (#""window":7"#, "window is not an object"), (#""window":{}"#, "window.start is missing"),
            (#""window":{"start":"a"}"#, "window.end is missing"),
            (#""window":{"start":1}"#, "window.start is not a string"),
            (#""window":{"start":"a","end":null}"#, "window.end is null"), (#""shardId":1"#, "shardId is not a string"),
            (#""eventSourceARN":{}"#, "eventSourceARN is not a string"),
            (#""isFinalInvokeForWindow":"true""#, "isFinalInvokeForWindow is not a boolean"),
            (#""isWindowTerminatedEarly":0"#, "isWindowTerminatedEarly is not a boolean"),
            (#""window":{"start":"a","end":"b"},"shardId":"s""#, "Records is missing"),
            (#""shardId":"s","Records":{}"#, "Records is not an array"),
            (#""shardId":"s","Records":[{}]"#, "Records[0].kinesis is missing"),
        ])
    func refusal(members: String, detail: String) {
        let expected = LambdaEventError(expected: "KinesisEvent", detail: detail)
        #expect(throws: expected) { try event(members) }
    }
}
