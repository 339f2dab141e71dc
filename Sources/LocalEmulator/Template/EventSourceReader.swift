/// Reads one event source of a function.
///
/// A setting that changes what is delivered, and that the emulator does not carry out, is refused: a template must not
/// mean one thing here and another in AWS.
struct EventSourceReader {
    private let function: String
    private let name: String
    private let type: String
    private let properties: [String: JSONValue]
    private let path: String
    /// Settings that may stand there with the value AWS takes anyway.
    private static let defaults: [String: JSONValue] = [
        "MaximumBatchingWindowInSeconds": 0, "ParallelizationFactor": 1, "TumblingWindowInSeconds": 0,
    ]

    /// - Parameters:
    ///   - event: the source, with its intrinsic functions resolved.
    ///   - path: where it stands in the template.
    init(function: String, name: String, event: JSONValue, path: String) throws(TemplateError) {
        self.function = function
        self.name = name
        type = event["Type"]?.stringValue ?? ""
        properties = event["Properties"]?.objectValue ?? [:]
        self.path = "\(path).Properties"
        let known: Set<String>
        switch type {
        case "SQS": known = ["Queue", "BatchSize", "Enabled", "FunctionResponseTypes", "ScalingConfig"]
        case "Kinesis":
            known = [
                "Stream", "StartingPosition", "BatchSize", "Enabled", "FunctionResponseTypes",
                "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "DestinationConfig",
            ]
        case "Schedule": known = ["Schedule", "Enabled", "Name", "Description"]
        default:
            throw TemplateError(path: "\(path).Type", reason: "event source \(type) is not supported here")
        }
        for (key, value) in properties.sorted(by: { $0.key < $1.key }) where !known.contains(key) {
            if let ordinary = Self.defaults[key], ordinary == value { continue }
            throw error(key, "is not supported by the local emulator")
        }
    }

    /// Adds the source to the model, unless it is switched off.
    func add(to model: inout StackModel) throws(TemplateError) {
        let isEnabled = try boolean("Enabled", default: true)
        switch type {
        case "SQS":
            let source = try queueSource()
            if isEnabled { model.queueSources.append(source) }
        case "Kinesis":
            let source = try streamSource()
            if isEnabled { model.streamSources.append(source) }
        default:
            let source = try scheduleSource()
            if isEnabled { model.schedules.append(source) }
        }
    }

    private func queueSource() throws(TemplateError) -> QueueSource {
        QueueSource(
            function: function, queue: try resourceName("Queue"),
            batchSize: try integer("BatchSize", in: 1...10_000) ?? 10,
            reportsItemFailures: try reportsItemFailures(), maximumConcurrency: try maximumConcurrency())
    }

    private func streamSource() throws(TemplateError) -> StreamSource {
        let position = properties["StartingPosition"]?.stringValue ?? ""
        guard position == "TRIM_HORIZON" || position == "LATEST" else {
            throw error("StartingPosition", "\"\(position)\" is neither TRIM_HORIZON nor LATEST")
        }
        return StreamSource(
            function: function, stream: try resourceName("Stream"),
            batchSize: try integer("BatchSize", in: 1...10_000) ?? 100,
            startsAtLatest: position == "LATEST", reportsItemFailures: try reportsItemFailures(),
            bisectsOnError: try boolean("BisectBatchOnFunctionError", default: false),
            maximumRetryAttempts: try integer("MaximumRetryAttempts", in: -1...10_000) ?? -1,
            maximumRecordAgeSeconds: try integer("MaximumRecordAgeInSeconds", in: -1...604_800) ?? -1,
            onFailureQueue: try onFailureQueue())
    }

    private func scheduleSource() throws(TemplateError) -> ScheduleSource {
        let text = properties["Schedule"]?.stringValue ?? ""
        guard let expression = ScheduleExpression(text) else {
            throw error("Schedule", "\"\(text)\" is neither rate(…) nor cron(…)")
        }
        return ScheduleSource(function: function, name: name, expression: expression)
    }

    // MARK: Values

    private func error(_ key: String, _ reason: String) -> TemplateError {
        TemplateError(path: "\(path).\(key)", reason: reason)
    }

    /// The name at the end of an ARN.
    private func resourceName(_ key: String) throws(TemplateError) -> String {
        guard let arn = properties[key]?.stringValue else { throw error(key, "missing") }
        return Self.lastPart(arn)
    }

    private func boolean(_ key: String, default value: Bool) throws(TemplateError) -> Bool {
        switch properties[key]?.lenientText {
        case nil: return value
        case "true": return true
        case "false": return false
        case let other?: throw error(key, "\(other) is neither true nor false")
        }
    }

    private func integer(_ key: String, in range: ClosedRange<Int>) throws(TemplateError) -> Int? {
        guard let value = properties[key] else { return nil }
        guard let number = value.lenientInteger, range.contains(number) else {
            throw error(key, "\(value.lenientText) is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func reportsItemFailures() throws(TemplateError) -> Bool {
        guard let value = properties["FunctionResponseTypes"] else { return false }
        guard let types = value.arrayValue, types.allSatisfy({ $0 == "ReportBatchItemFailures" }) else {
            throw error("FunctionResponseTypes", "\(value.text) holds something other than ReportBatchItemFailures")
        }
        return !types.isEmpty
    }

    private func maximumConcurrency() throws(TemplateError) -> Int? {
        guard let scaling = properties["ScalingConfig"] else { return nil }
        guard scaling.objectValue?.count == 1, let number = scaling["MaximumConcurrency"]?.lenientInteger,
            (2...1000).contains(number)
        else { throw error("ScalingConfig", "holds something other than a MaximumConcurrency from 2 to 1000") }
        return number
    }

    private func onFailureQueue() throws(TemplateError) -> String? {
        guard let configuration = properties["DestinationConfig"] else { return nil }
        guard let arn = configuration["OnFailure"]?["Destination"]?.stringValue, arn.split(separator: ":").count == 6,
            arn.hasPrefix("arn:aws:sqs:")
        else { throw error("DestinationConfig", "only OnFailure with the ARN of a queue is supported here") }
        return Self.lastPart(arn)
    }

    private static func lastPart(_ arn: String) -> String {
        String(arn.split(separator: ":").last.map { $0.split(separator: "/").last ?? $0 } ?? "")
    }
}
