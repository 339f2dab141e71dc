import Foundation
import PostgresClient

/// The whole system on loopback: private servers, the AWS services, the PSP sandbox, the functions, the front door.
// @unchecked: set up by one thread in `start`, immutable afterwards but for what locks itself.
public final class LocalStack: @unchecked Sendable {
    /// How the stack is put together.
    public struct Options: Sendable {
        /// The SAM template.
        public var templateFile: String
        /// The values it runs with here.
        public var configurationFile: String
        /// Directory of the functions' executables, for functions whose `CodeUri` holds no `bootstrap`.
        public var binariesDirectory: String
        /// Where everything that is written goes.
        public var dataDirectory: String
        /// Port of the front door; 0 takes a free one.
        public var apiPort = 0
        /// Port of the AWS endpoint; 0 takes a free one.
        public var awsPort = 0
        /// Port of the PSP sandbox; 0 takes a free one.
        public var sandboxPort = 0
        /// Which processes are killed when.
        public var chaos = ChaosPlan()
        /// Waits between asynchronous attempts.
        public var retries = FunctionHost.AsynchronousRetries.aws
        /// Whether queues, streams and schedules drive the functions.
        public var runsEventSources = true
        /// Whether the PSP sandbox sends its webhooks to the front door.
        public var sendsWebhooks = true
        /// Overrides of template parameters, stronger than the configuration file's.
        public var parameters: [String: JSONValue] = [:]

        /// Options with these places.
        public init(
            templateFile: String, configurationFile: String, binariesDirectory: String, dataDirectory: String
        ) {
            self.templateFile = templateFile
            self.configurationFile = configurationFile
            self.binariesDirectory = binariesDirectory
            self.dataDirectory = dataDirectory
        }
    }

    /// What the template describes.
    public let model: StackModel
    /// The AWS services.
    public let aws: AWSServices
    /// The PSP.
    public let sandbox: StripeSandbox
    /// The functions.
    public let host: FunctionHost
    /// What drives the functions.
    public let sources: EventSources
    /// Base URL of the public API.
    public let apiURL: String
    /// Base URL of the PSP sandbox.
    public let sandboxURL: String
    /// How to connect to the databases, by role.
    public let databases: [String: PostgresParameters]
    /// The PSP sandbox's API key.
    public let sandboxKey: String
    /// Functions that could not start, and why; the stack goes on without them and starts them again when they are
    /// invoked.
    public private(set) var startFailures: [String: String] = [:]

    /// Where the PSP's settlement files are laid down for SFTP.
    public var settlementDirectory: String { servers.settlementDirectory }

    private let servers: LocalServers
    private let sandboxServer: HTTPServer
    private let frontDoor: HTTPServer
    private let configuration: LocalConfiguration
    private let values: [String: String]

    /// Starts everything; returns when requests are served.
    ///
    /// - Parameters:
    ///   - progress: told about each step.
    ///   - onEvent: told about what happens in functions and event sources.
    public init(
        _ options: Options, progress: @Sendable (String) -> Void = { _ in },
        onEvent: @escaping @Sendable (StackEvent) -> Void = { _ in }
    ) throws {
        var cleanUp: [() -> Void] = []
        do {
            configuration = try LocalConfiguration(StackFiles.read(options.configurationFile))
            progress("starting PostgreSQL, Redis and an SFTP server")
            servers = try LocalServers(dataDirectory: options.dataDirectory)
            cleanUp.append(servers.stop)
            let account = LocalNames.defaultAccount
            aws = try AWSServices(account: account, port: options.awsPort)
            cleanUp.append(aws.stop)
            let front = Monitor<LoadBalancer?>(nil)
            frontDoor = try HTTPServer(port: options.apiPort) { request in
                front.read { $0 }?.handle(request) ?? .text(503, "starting\n")
            }
            cleanUp.append(frontDoor.stop)
            apiURL = "http://127.0.0.1:\(frontDoor.port)"
            let key = "sk_test_" + StackFiles.randomText()
            let webhookSecret = "whsec_" + StackFiles.randomText()
            sandboxKey = key
            let webhookURL = options.sendsWebhooks ? apiURL + "/v1/webhooks/stripe" : nil
            let sandbox = StripeSandbox(
                apiKey: key, webhookSecret: webhookSecret, webhookURL: { webhookURL },
                settlementDirectory: servers.settlementDirectory)
            self.sandbox = sandbox
            cleanUp.append(sandbox.stop)
            sandboxServer = try HTTPServer(port: options.sandboxPort, handler: sandbox.handle)
            cleanUp.append(sandboxServer.stop)
            sandboxURL = "http://127.0.0.1:\(sandboxServer.port)"
            values = servers.values.merging(
                ["stripe.endpoint": sandboxURL, "stripe.apiKey": key, "stripe.webhookSecret": webhookSecret]
            ) { _, new in new }

            let names = LocalNames(account: account, endpoint: aws.endpoint)
            let parameters = try configuration.parameters(values).merging(options.parameters) { _, new in new }
            model = try TemplateReader(StackFiles.read(options.templateFile), parameters: parameters, names: names)
                .model()
            progress("applying migrations")
            databases = try servers.createDatabases(configuration, relativeTo: options.configurationFile)
            host = FunctionHost(
                functions: model.functions, names: names,
                bootstrap: { StackFiles.bootstrap(of: $0, options) },
                environment: StackFiles.awsVariables(endpoint: aws.endpoint), chaos: options.chaos,
                retries: options.retries, onEvent: { onEvent(.function($0)) })
            cleanUp.append(host.stop)
            aws.add(host)
            sources = EventSources(
                model: model, names: names, queues: aws.queues, streams: aws.streams, host: host,
                onEvent: { onEvent(.source($0)) })
            front.withLock { [model, host] in $0 = LoadBalancer(routes: model.routes, host: host) }
            try seed()
            progress("starting \(host.functionNames.count) functions")
            startFailures = host.warmUp()
            if options.runsEventSources { sources.resume() }
        } catch {
            for step in cleanUp.reversed() { step() }
            throw error
        }
    }

    /// Empties every service and fills in the seed again; the functions and databases go on.
    public func resetServices() throws {
        aws.reset()
        try seed()
    }

    /// Stops everything, in the order in which nothing loses what it waits for.
    public func stop() {
        sandbox.stop()
        frontDoor.stop()
        sources.stop()
        host.stop()
        sandboxServer.stop()
        aws.stop()
        servers.stop()
    }

    private func seed() throws {
        try aws.create(model)
        for (name, text) in try configuration.secrets(values) { _ = aws.secrets.put(name: name, secretString: text) }
        for (table, items) in try configuration.items(values) {
            let name = model.physicalNames[table] ?? table
            for item in items { try aws.tables.putItem(table: name, item: item) }
        }
    }
}

/// What happens in a running stack.
public enum StackEvent: Sendable {
    /// In a function.
    case function(FunctionEvent)
    /// Between an event source and a function.
    case source(EventSourceEvent)
}

/// Why a stack could not start.
public enum StackError: Error, Sendable, CustomStringConvertible {
    /// A file cannot be read.
    case unreadableFile(String, reason: String)
    /// These functions could not start.
    case functionsCannotStart([String: String])
    /// A database could not be prepared.
    case databaseUnusable(name: String, reason: String)

    /// One line for each thing that is wrong.
    public var description: String {
        switch self {
        case .unreadableFile(let file, let reason): "cannot read \(file): \(reason)"
        case .functionsCannotStart(let failures):
            failures.sorted { $0.key < $1.key }.map { "function \($0.key) cannot start: \($0.value)" }
                .joined(separator: "\n")
        case .databaseUnusable(let name, let reason): "database \(name): \(reason)"
        }
    }
}
