import Foundation

/// Reads a SAM template in JSON: the file that is deployed is the file that runs here.
public struct TemplateReader {
    private let document: JSONValue
    private let resources: [String: JSONValue]
    private let globals: JSONValue
    private let names: LocalNames
    private let resolver: IntrinsicResolver

    /// Reads a template.
    ///
    /// - Parameter parameters: values in place of the template's defaults; a name the template lacks is an error.
    public init(_ data: Data, parameters: [String: JSONValue], names: LocalNames) throws(TemplateError) {
        do { document = try JSONValue(parsing: data) } catch {
            throw TemplateError(path: "document", reason: "not JSON: \(error)")
        }
        guard let resources = document["Resources"]?.objectValue else {
            throw TemplateError(path: "Resources", reason: "missing")
        }
        self.resources = resources
        self.names = names
        globals = document["Globals"]?["Function"] ?? [:]
        resolver = IntrinsicResolver(
            parameters: try Self.parameterValues(document, parameters), resources: resources, names: names)
    }

    /// Everything in the template that can run on this machine; resource types of the cloud alone are passed over.
    public func model() throws(TemplateError) -> StackModel {
        var model = StackModel()
        for (id, resource) in resources.sorted(by: { $0.key < $1.key }) {
            model.physicalNames[id] = names.physicalName(id, resource)
            try add(id, resource, to: &model)
        }
        model.routes = try ListenerReader(resources: resources, names: names, resolver: resolver).routes()
        return model
    }

    private static func parameterValues(_ document: JSONValue, _ given: [String: JSONValue]) throws(TemplateError)
        -> [String: JSONValue]
    {
        let declared = document["Parameters"]?.objectValue ?? [:]
        for name in given.keys.sorted() where declared[name] == nil {
            throw TemplateError(path: "Parameters", reason: "the template has no parameter \(name)")
        }
        // A parameter without a default is the cloud's business (networks, certificates) unless something local uses it.
        return declared.reduce(into: [:]) { values, parameter in
            values[parameter.key] = given[parameter.key] ?? parameter.value["Default"] ?? .string("")
        }
    }

    private func add(_ id: String, _ resource: JSONValue, to model: inout StackModel) throws(TemplateError) {
        let path = "Resources.\(id).Properties"
        let name = names.physicalName(id, resource)
        switch resource["Type"]?.stringValue {
        case "AWS::Serverless::Function": try addFunction(name, resource, path, to: &model)
        case "AWS::SQS::Queue":
            model.queues.append(QueueDefinition(name: name, attributes: try queueAttributes(resource, path)))
        case "AWS::Kinesis::Stream":
            let shards = try properties(resource, path)["ShardCount"]?.intValue ?? 1
            model.streams.append(StreamDefinition(name: name, shardCount: shards))
        case "AWS::DynamoDB::Table": model.tables.append(try table(name, resource, path))
        case "AWS::S3::Bucket": model.buckets.append(name)
        case "AWS::SNS::Topic": model.topics.append(name)
        default: break
        }
    }

    private func properties(_ resource: JSONValue, _ path: String) throws(TemplateError) -> JSONValue {
        try resolver.resolve(resource["Properties"] ?? [:], path: path)
    }

    private func addFunction(_ name: String, _ resource: JSONValue, _ path: String, to model: inout StackModel)
        throws(TemplateError)
    {
        // Policies and the like are the cloud's; only what runs here is resolved.
        var wanted = resource["Properties"] ?? [:]
        for key in ["Policies", "Role", "Tags", "VpcConfig"] { wanted[key] = nil }
        let own = try resolver.resolve(wanted, path: path)
        let shared = try resolver.resolve(globals, path: "Globals.Function")
        func value(_ key: String) -> JSONValue? { own[key] ?? shared[key] }
        let runtime = value("Runtime")?.stringValue ?? ""
        guard runtime.hasPrefix("provided.") else {
            throw TemplateError(
                path: "\(path).Runtime", reason: "\"\(runtime)\" is no custom runtime; only provided.* runs here")
        }
        var variables = shared["Environment"]?["Variables"]?.objectValue ?? [:]
        variables.merge(own["Environment"]?["Variables"]?.objectValue ?? [:]) { _, new in new }
        model.functions.append(
            FunctionDefinition(
                name: name, codeURI: value("CodeUri")?.stringValue ?? ".",
                handler: value("Handler")?.stringValue ?? "bootstrap",
                timeoutSeconds: value("Timeout")?.lenientInteger ?? 3,
                memoryMegabytes: value("MemorySize")?.lenientInteger ?? 128,
                variables: variables.mapValues(\.lenientText),
                reservedConcurrency: value("ReservedConcurrentExecutions")?.intValue,
                logging: try logging(shared["LoggingConfig"], own["LoggingConfig"], path)))
        for (eventName, event) in (own["Events"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            let reader = try EventSourceReader(
                function: name, name: eventName, event: event, path: "\(path).Events.\(eventName)")
            try reader.add(to: &model)
        }
    }

    /// Lambda takes levels with JSON only, where it writes from INFO on unless told otherwise.
    private func logging(_ shared: JSONValue?, _ own: JSONValue?, _ path: String) throws(TemplateError)
        -> LoggingConfiguration?
    {
        func value(_ key: String) -> String? { (own?[key] ?? shared?[key])?.stringValue }
        let level = value("ApplicationLogLevel")
        guard let name = value("LogFormat") ?? level.map({ _ in "Text" }) else { return nil }
        guard let format = LoggingConfiguration.Format(rawValue: name) else {
            throw TemplateError(path: "\(path).LoggingConfig.LogFormat", reason: "\"\(name)\" is not Text or JSON")
        }
        if let level, format != .json || !LoggingConfiguration.levels.contains(level) {
            throw TemplateError(
                path: "\(path).LoggingConfig.ApplicationLogLevel",
                reason: "\"\(level)\" is no level, or the format is not JSON")
        }
        return LoggingConfiguration(format: format, applicationLevel: format == .json ? level ?? "INFO" : nil)
    }

    private func queueAttributes(_ resource: JSONValue, _ path: String) throws(TemplateError) -> [String: String] {
        let properties = try properties(resource, path)
        var attributes: [String: String] = [:]
        for key in [
            "FifoQueue", "VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "MaximumMessageSize",
            "ReceiveMessageWaitTimeSeconds", "ContentBasedDeduplication", "RedrivePolicy",
        ] {
            if let value = properties[key] { attributes[key] = value.lenientText }
        }
        return attributes
    }

    private func table(_ name: String, _ resource: JSONValue, _ path: String) throws(TemplateError) -> TableDefinition {
        let properties = try properties(resource, path)
        var call: JSONValue = ["TableName": .string(name), "BillingMode": "PAY_PER_REQUEST"]
        for key in ["KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
            if let value = properties[key] { call[key] = value }
        }
        let timeToLive = properties["TimeToLiveSpecification"]
        return TableDefinition(
            name: name, createTable: call,
            timeToLiveAttribute: timeToLive?["Enabled"] == true ? timeToLive?["AttributeName"]?.stringValue : nil)
    }
}

extension JSONValue {
    /// CloudFormation takes a number or its text alike.
    var lenientInteger: Int? { intValue ?? stringValue.flatMap(Int.init) }

    /// A scalar as CloudFormation writes it into an environment variable or attribute.
    var lenientText: String { stringValue ?? text }
}
