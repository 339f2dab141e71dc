import FoundationEssentials
import RedisClient
import Telemetry

/// Finished answers in Redis. Every failure is a miss: the durable record behind it knows everything Redis ever knew.
public struct RedisResponseCache: ResponseCache {
    private let client: RedisClient
    private let logger: Logger

    /// A cache that reports its failures to the log only.
    public init(client: RedisClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    public func value(for name: String) async -> Data? {
        do {
            return try client.get(name)
        } catch {
            logger.warning("the response cache did not answer", ["detail": .string("\(error)")])
            return nil
        }
    }

    public func store(_ value: Data, for name: String, expirySeconds: Int) async {
        do {
            try client.set(name, value, expirySeconds: expirySeconds)
        } catch {
            logger.warning("the response cache did not take an answer", ["detail": .string("\(error)")])
        }
    }
}
