import Foundation
import LocalEmulator
import Testing

@Suite("Templates") struct TemplateReaderTests {
    private static let names = LocalNames(account: LocalNames.defaultAccount, endpoint: "http://127.0.0.1:4566")

    private func model(_ document: JSONValue, parameters: [String: JSONValue] = [:]) throws -> StackModel {
        try TemplateReader(document.serialized(), parameters: parameters, names: Self.names).model()
    }

    private func function(_ properties: JSONValue) -> JSONValue {
        ["Resources": ["F": ["Type": "AWS::Serverless::Function", "Properties": properties]]]
    }

    @Test("the project's own template: seven functions, their sources, the front door")
    func ownTemplate() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        let data = try Data(contentsOf: root.appendingPathComponent("infra/functions.json"))
        let model = try TemplateReader(data, parameters: [:], names: Self.names).model()
        #expect(
            model.functions.map(\.name) == [
                "Ledger", "PaymentService", "Projectionist", "Reconciliation", "RiskEngine", "Webhook", "Worker",
            ])
        #expect(model.queueSources.map(\.function) == ["Worker"])
        #expect(model.streamSources.map(\.function) == ["Ledger", "Projectionist"])
        #expect(model.schedules.map(\.expression.text) == ["cron(0 2 * * ? *)"])
        #expect(model.routes.map(\.function) == ["Webhook", "PaymentService"])
        #expect(model.function("PaymentService")?.variables["RISK_FUNCTION_NAME"] == "RiskEngine")
        let queue = try #require(model.queues.first { $0.name == "JobQueue.fifo" })
        #expect(queue.attributes["RedrivePolicy"]?.contains("JobDeadLetterQueue.fifo") == true)
        #expect(
            model.function("PaymentService")?.variables["JOB_QUEUE_URL"]
                == "http://127.0.0.1:4566/000000000000/JobQueue.fifo")
    }

    @Test("parameters, globals and intrinsic functions become values")
    func values() throws {
        var document = function([
            "Environment": [
                "Variables": [
                    "A": ["Ref": "P"], "B": ["Fn::Sub": "x-${P}-${AWS::Region}-${!literal}"],
                    "C": ["Fn::GetAtt": ["Q", "Arn"]], "D": ["Fn::Join": ["-", ["a", ["Ref": "P"]]]], "E": 7,
                ]
            ]
        ])
        document["Parameters"] = ["P": ["Type": "Number", "Default": 5]]
        document["Globals"] = ["Function": ["Runtime": "provided.al2023", "Timeout": 9]]
        document["Resources"]?["Q"] = ["Type": "AWS::SQS::Queue"]
        let function = try #require(try model(document, parameters: ["P": 6]).function("F"))
        #expect(function.timeoutSeconds == 9)
        #expect(
            function.variables == [
                "A": "6", "B": "x-6-eu-west-1-${literal}", "C": "arn:aws:sqs:eu-west-1:000000000000:Q", "D": "a-6",
                "E": "7",
            ])
    }

    @Test("the log settings of the globals are a function's own unless it says otherwise; JSON begins at INFO")
    func logging() throws {
        func logging(globals: JSONValue, own: JSONValue) throws -> LoggingConfiguration? {
            var document = function(["LoggingConfig": own])
            document["Globals"] = ["Function": ["Runtime": "provided.al2023", "LoggingConfig": globals]]
            return try model(document).function("F")?.logging
        }
        #expect(try logging(globals: [:], own: [:]) == nil)
        #expect(
            try logging(globals: ["LogFormat": "JSON"], own: [:])
                == LoggingConfiguration(format: .json, applicationLevel: "INFO"))
        #expect(
            try logging(globals: ["LogFormat": "JSON"], own: ["ApplicationLogLevel": "WARN"])
                == LoggingConfiguration(format: .json, applicationLevel: "WARN"))
        #expect(
            try logging(globals: ["LogFormat": "JSON"], own: ["LogFormat": "Text"])
                == LoggingConfiguration(format: .text))
        for wrong: JSONValue in [
            ["LogFormat": "XML"], ["LogFormat": "JSON", "ApplicationLogLevel": "LOUD"],
            ["LogFormat": "Text", "ApplicationLogLevel": "INFO"], ["ApplicationLogLevel": "INFO"],
        ] {
            #expect(throws: TemplateError.self) { try logging(globals: wrong, own: [:]) }
        }
    }

    @Test(
        "what is wrong is named with its place",
        arguments: [
            (["Runtime": "python3.12"], "Resources.F.Properties.Runtime"),
            (["Runtime": "provided.al2023", "Timeout": ["Ref": "Nobody"]], "Resources.F.Properties.Timeout"),
            (
                ["Runtime": "provided.al2023", "Events": ["E": ["Type": "SQS"]]],
                "Resources.F.Properties.Events.E.Properties.Queue"
            ),
            (
                [
                    "Runtime": "provided.al2023",
                    "Events": ["E": ["Type": "Schedule", "Properties": ["Schedule": "daily"]]],
                ],
                "Resources.F.Properties.Events.E.Properties.Schedule"
            ),
            (["Runtime": "provided.al2023", "Handler": ["Fn::Select": [0, ["a"]]]], "Resources.F.Properties.Handler"),
        ] as [(JSONValue, String)])
    func errors(properties: JSONValue, path: String) {
        let error = #expect(throws: TemplateError.self) { try model(function(properties)) }
        #expect(error?.path == path)
    }

    @Test("a parameter the template does not have is refused")
    func unknownParameter() {
        #expect(throws: TemplateError.self) { try model(["Resources": [:]], parameters: ["Typo": 1]) }
    }
}
