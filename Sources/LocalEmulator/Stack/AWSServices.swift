import Foundation
import HTTPClient

/// The AWS services of this machine, behind one endpoint.
public final class AWSServices: Sendable {
    /// The queues.
    public let queues: SQSService
    /// The streams.
    public let streams: KinesisService
    /// The tables.
    public let tables: DynamoDBService
    /// The secrets.
    public let secrets: SecretsManagerService
    /// The buckets.
    public let buckets: S3Service
    /// The topics.
    public let topics: SNSService
    private let server: HTTPServer
    private let router: Monitor<AWSEndpoint>

    /// Starts the endpoint; the Lambda API joins it when there are functions (`add`).
    public init(account: AWSAccount, port: Int = 0) throws(HTTPServerError) {
        let address = Monitor("")
        let queues = SQSService(account: account.id, region: account.region, baseURL: { address.read { $0 } })
        self.queues = queues
        streams = KinesisService(account: account.id, region: account.region)
        tables = DynamoDBService(account: account.id, region: account.region)
        secrets = SecretsManagerService(account: account.id, region: account.region)
        buckets = S3Service(account: account.id, region: account.region)
        topics = SNSService(account: account.id, region: account.region, queues: queues)
        let router = Monitor(
            AWSEndpoint(services: [queues, streams, tables, secrets, buckets, topics]))
        self.router = router
        server = try HTTPServer(port: port) { request in router.read { $0 }.handle(request) }
        let endpoint = "http://127.0.0.1:\(server.port)"
        address.withLock { $0 = endpoint }
    }

    /// Base URL of every service.
    public var endpoint: String { "http://127.0.0.1:\(server.port)" }

    /// Puts the functions behind Lambda's Invoke API.
    ///
    /// - Parameter takesUnsignedInvocations: whether these may come without a signature, as AWS's runtime interface
    ///   emulator has it.
    public func add(_ host: FunctionHost, takesUnsignedInvocations: Bool = false) {
        let functions = LambdaService(host: host)
        let services: [any AWSService] = [queues, streams, tables, secrets, buckets, topics, functions]
        let endpoint = AWSEndpoint(services: services, unsigned: takesUnsignedInvocations ? functions : nil)
        router.withLock { $0 = endpoint }
    }

    /// Creates everything a template describes, in services that hold none of it yet.
    public func create(_ model: StackModel) throws {
        // A redrive policy may name a queue that comes later in the alphabet; queues without one go first.
        let ordered = model.queues.sorted { left, right in
            left.attributes["RedrivePolicy"] == nil && right.attributes["RedrivePolicy"] != nil
        }
        for queue in ordered { _ = try queues.createQueue(name: queue.name, attributes: queue.attributes) }
        for stream in model.streams { _ = try streams.createStream(name: stream.name, shardCount: stream.shardCount) }
        for table in model.tables { try tables.createTable(table.createTable, timeToLive: table.timeToLiveAttribute) }
        for bucket in model.buckets { buckets.createBucket(bucket) }
        for topic in model.topics { _ = topics.createTopic(topic) }
    }

    /// Forgets everything that was ever stored.
    public func reset() {
        queues.reset()
        streams.reset()
        tables.reset()
        secrets.reset()
        buckets.reset()
        topics.reset()
    }

    /// Stops serving.
    public func stop() {
        queues.wakeWaiters()
        streams.wakeWaiters()
        server.stop()
    }
}
