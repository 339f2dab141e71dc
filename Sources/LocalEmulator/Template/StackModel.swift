/// What a template describes, as far as it can run on this machine.
public struct StackModel: Sendable {
    /// The functions, by name.
    public var functions: [FunctionDefinition] = []
    /// Queues to functions.
    public var queueSources: [QueueSource] = []
    /// Streams to functions.
    public var streamSources: [StreamSource] = []
    /// Schedules.
    public var schedules: [ScheduleSource] = []
    /// The load balancer's rules, in order of priority; the last one matches everything.
    public var routes: [LoadBalancerRoute] = []
    /// The queues.
    public var queues: [QueueDefinition] = []
    /// The streams.
    public var streams: [StreamDefinition] = []
    /// The tables.
    public var tables: [TableDefinition] = []
    /// Names of the buckets.
    public var buckets: [String] = []
    /// Names of the topics.
    public var topics: [String] = []
    /// Physical names by logical id.
    public var physicalNames: [String: String] = [:]

    /// The function of that name.
    public func function(_ name: String) -> FunctionDefinition? { functions.first { $0.name == name } }
}

/// One function.
public struct FunctionDefinition: Sendable, Equatable {
    /// Its name, which is also how it is invoked.
    public var name: String
    /// Where its `bootstrap` is, relative to the template.
    public var codeURI: String
    /// The handler's name (`_HANDLER`).
    public var handler: String
    /// Limit on one invocation.
    public var timeoutSeconds: Int
    /// What it is told about its memory; not enforced here.
    public var memoryMegabytes: Int
    /// Its own environment variables.
    public var variables: [String: String]
    /// The most instances at once; `nil` is the emulator's default.
    public var reservedConcurrency: Int?
    /// How the function is told to write its log; `nil` when the template says nothing.
    public var logging: LoggingConfiguration?

    /// A function made of its parts.
    public init(
        name: String, codeURI: String, handler: String, timeoutSeconds: Int, memoryMegabytes: Int,
        variables: [String: String], reservedConcurrency: Int? = nil, logging: LoggingConfiguration? = nil
    ) {
        self.name = name
        self.codeURI = codeURI
        self.handler = handler
        self.timeoutSeconds = timeoutSeconds
        self.memoryMegabytes = memoryMegabytes
        self.variables = variables
        self.reservedConcurrency = reservedConcurrency
        self.logging = logging
    }
}

/// How a function is told to write its log (`LoggingConfig`).
public struct LoggingConfiguration: Sendable, Equatable {
    /// The form of a line.
    public enum Format: String, Sendable {
        /// Plain text.
        case text = "Text"
        /// One JSON object.
        case json = "JSON"
    }

    /// The levels there are, from the most to the least talkative.
    static let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

    /// The form of a line.
    public var format: Format
    /// The least important level that is written; `nil` with plain text, which Lambda does not filter.
    public var applicationLevel: String?

    /// A configuration made of its parts.
    public init(format: Format, applicationLevel: String? = nil) {
        self.format = format
        self.applicationLevel = applicationLevel
    }
}

/// A queue as a function's event source.
public struct QueueSource: Sendable, Equatable {
    /// The function.
    public var function: String
    /// The queue's name.
    public var queue: String
    /// Most messages in one event (1…10 000; 10 on FIFO queues).
    public var batchSize: Int
    /// Whether the function names single failures.
    public var reportsItemFailures: Bool
    /// Most invocations at once.
    public var maximumConcurrency: Int?
}

/// A stream as a function's event source.
public struct StreamSource: Sendable, Equatable {
    /// The function.
    public var function: String
    /// The stream's name.
    public var stream: String
    /// Most records in one event.
    public var batchSize: Int
    /// `TRIM_HORIZON` or `LATEST`.
    public var startsAtLatest: Bool
    /// Whether the function names single failures.
    public var reportsItemFailures: Bool
    /// Whether a failed batch is split.
    public var bisectsOnError: Bool
    /// Retries of one batch; -1 without limit.
    public var maximumRetryAttempts: Int
    /// Age after which a record is given up, in seconds; -1 never.
    public var maximumRecordAgeSeconds: Int
    /// ARN of the queue told about what was given up.
    public var onFailureQueue: String?
}

/// A schedule that invokes a function asynchronously.
public struct ScheduleSource: Sendable, Equatable {
    /// The function.
    public var function: String
    /// The event's name in the template.
    public var name: String
    /// `rate(…)` or `cron(…)`.
    public var expression: ScheduleExpression
}

/// One rule of the load balancer.
public struct LoadBalancerRoute: Sendable, Equatable {
    /// Path patterns with `*` and `?`; empty matches every path.
    public var pathPatterns: [String]
    /// The function behind it.
    public var function: String
    /// The target group the function is registered in.
    public var targetGroupARN: String
    /// Whether the target group has multi-value headers switched on.
    public var multiValueHeaders: Bool
}

/// One queue.
public struct QueueDefinition: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// SQS attributes in the form of `CreateQueue`.
    public var attributes: [String: String]
}

/// One stream.
public struct StreamDefinition: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// How many shards it has.
    public var shardCount: Int
}

/// One table, in the form of DynamoDB's `CreateTable`.
public struct TableDefinition: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The body of a `CreateTable` call.
    public var createTable: JSONValue
    /// The attribute that says when an item expires; `nil` when none does.
    public var timeToLiveAttribute: String?
}
