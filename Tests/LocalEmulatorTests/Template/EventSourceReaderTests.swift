import Foundation
import LocalEmulator
import Testing

@Suite("Event sources in templates") struct EventSourceReaderTests {
    private func model(_ type: JSONValue, _ properties: JSONValue) throws -> StackModel {
        let document: JSONValue = [
            "Resources": [
                "F": [
                    "Type": "AWS::Serverless::Function",
                    "Properties": [
                        "Runtime": "provided.al2023", "Events": ["E": ["Type": type, "Properties": properties]],
                    ],
                ]
            ]
        ]
        let names = LocalNames(account: LocalNames.defaultAccount, endpoint: "http://127.0.0.1:4566")
        return try TemplateReader(document.serialized(), parameters: [:], names: names).model()
    }

    private static let queue: JSONValue = ["Queue": "arn:aws:sqs:eu-west-1:000000000000:q"]
    private static let stream: JSONValue = [
        "Stream": "arn:aws:kinesis:eu-west-1:000000000000:stream/s", "StartingPosition": "LATEST",
    ]
    private static let schedule: JSONValue = ["Schedule": "rate(1 day)"]

    private func properties(of type: JSONValue) -> JSONValue {
        switch type {
        case "SQS": Self.queue
        case "Kinesis": Self.stream
        default: Self.schedule
        }
    }

    @Test(
        "what would be carried out otherwise than in AWS is refused, and named",
        arguments: [
            ("SQS", "FilterCriteria", ["Filters": []]), ("SQS", "MaximumBatchingWindowInSeconds", 5),
            ("SQS", "BatchSize", "many"), ("SQS", "BatchSize", 0), ("SQS", "ScalingConfig", ["MaximumConcurrency": 1]),
            ("SQS", "Enabled", "maybe"), ("SQS", "FunctionResponseTypes", ["Other"]),
            ("Kinesis", "StartingPosition", "AT_TIMESTAMP"), ("Kinesis", "StartingPositionTimestamp", 1),
            ("Kinesis", "FilterCriteria", ["Filters": []]), ("Kinesis", "ParallelizationFactor", 2),
            ("Kinesis", "TumblingWindowInSeconds", 30), ("Kinesis", "MaximumBatchingWindowInSeconds", 5),
            (
                "Kinesis", "DestinationConfig",
                ["OnFailure": ["Destination": "arn:aws:sns:eu-west-1:000000000000:t"]]
            ),
            ("Schedule", "Input", "{}"), ("Schedule", "RetryPolicy", ["MaximumRetryAttempts": 0]),
        ] as [(JSONValue, String, JSONValue)])
    func refused(type: JSONValue, key: String, value: JSONValue) {
        var properties = properties(of: type)
        properties[key] = value
        let error = #expect(throws: TemplateError.self) { try model(type, properties) }
        #expect(error?.path == "Resources.F.Properties.Events.E.Properties.\(key)")
    }

    @Test("what is written with the value AWS takes anyway is accepted")
    func defaults() throws {
        var properties = Self.stream
        properties["ParallelizationFactor"] = 1
        properties["MaximumBatchingWindowInSeconds"] = 0
        properties["BatchSize"] = "7"
        let source = try #require(try model("Kinesis", properties).streamSources.first)
        #expect(source.startsAtLatest)
        #expect(source.batchSize == 7)
    }

    @Test("a source that is switched off is left out", arguments: ["SQS", "Kinesis", "Schedule"] as [JSONValue])
    func disabled(type: JSONValue) throws {
        var properties = properties(of: type)
        func count() throws -> Int {
            let model = try model(type, properties)
            return model.queueSources.count + model.streamSources.count + model.schedules.count
        }
        for (value, expected) in [(false, 0), ("false", 0), (true, 1)] as [(JSONValue, Int)] {
            properties["Enabled"] = value
            #expect(try count() == expected)
        }
    }

    @Test("a queue told about records that were given up")
    func destination() throws {
        var properties = Self.stream
        properties["DestinationConfig"] = ["OnFailure": ["Destination": "arn:aws:sqs:eu-west-1:000000000000:failed"]]
        #expect(try model("Kinesis", properties).streamSources.first?.onFailureQueue == "failed")
    }
}
