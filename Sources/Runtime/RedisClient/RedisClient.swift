import FoundationEssentials
import Synchronization

/// A Redis client for a cache in the request path: one connection, made when first needed, and a short deadline on
/// everything, because an answer that comes late is worth less than none.
///
/// Calls block. They may come from several threads, and then take turns.
public final class RedisClient: Sendable {
    /// Far above what a healthy Redis in the same network needs (around a millisecond), and little enough to be lost on
    /// every request while Redis is away.
    public static let defaultTimeoutMilliseconds = 50

    private let location: RedisLocation
    private let timeoutMilliseconds: Int
    private let connectTimeoutMilliseconds: Int
    private let certificateAuthorityFile: String?
    private let connection = Mutex<RedisConnection?>(nil)

    /// A client that connects with the first command.
    ///
    /// A call takes at most `connectTimeoutMilliseconds` and `timeoutMilliseconds` together, whatever happens.
    ///
    /// - Parameters:
    ///   - url: `redis://[[username]:password@]host[:port][/database]`; `rediss://` for TLS with verification.
    ///   - timeoutMilliseconds: the limit on one command.
    ///   - connectTimeoutMilliseconds: the limit on look-up, connecting, TLS and authentication.
    ///   - certificateAuthorityFile: a PEM file with the roots to trust; `nil` takes libcurl's default.
    /// - Throws: `RedisError.invalidURL`.
    public init(
        url: String, timeoutMilliseconds: Int = defaultTimeoutMilliseconds,
        connectTimeoutMilliseconds: Int = defaultTimeoutMilliseconds, certificateAuthorityFile: String? = nil
    ) throws(RedisError) {
        location = try RedisLocation(url)
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.certificateAuthorityFile = certificateAuthorityFile
    }

    /// The value of a key, or `nil` when there is none.
    public func get(_ key: String) throws(RedisError) -> Data? {
        guard case .bulk(let value) = try perform("GET", [Data(key.utf8)]) else { throw Self.unexpectedReply("GET") }
        return value
    }

    /// Sets the value of a key for the given time, replacing an older one.
    public func set(_ key: String, _ value: Data, expirySeconds: Int) throws(RedisError) {
        guard value.count <= RESP.maximumValueBytes else { throw .tooLarge(limitBytes: RESP.maximumValueBytes) }
        let arguments = [Data(key.utf8), value, Data("EX".utf8), Data(String(expirySeconds).utf8)]
        guard try perform("SET", arguments) == .status("OK") else { throw Self.unexpectedReply("SET") }
    }

    /// Deletes a key; false when there was none.
    @discardableResult
    public func delete(_ key: String) throws(RedisError) -> Bool {
        guard case .integer(let count) = try perform("DEL", [Data(key.utf8)]) else {
            throw Self.unexpectedReply("DEL")
        }
        return count > 0
    }

    /// Adds one to a counter, which starts at zero and lasts the given time from its first increment on.
    ///
    /// Never sent twice: after an error it is not known whether the increment happened.
    ///
    /// - Returns: the counter after the increment.
    public func incrementWithExpiry(_ key: String, expirySeconds: Int) throws(RedisError) -> Int64 {
        // One script, so that no counter can be left without expiry.
        let script =
            "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"
        let arguments = [script, "1", key, String(expirySeconds)].map { Data($0.utf8) }
        guard case .integer(let count) = try perform("EVAL", arguments, isRepeatable: false) else {
            throw Self.unexpectedReply("EVAL")
        }
        return count
    }

    /// Runs a command on the open connection, or on a new one when there is none or it has gone stale.
    ///
    /// - Parameter isRepeatable: whether to try once more, on a new connection, when the open one breaks under the
    ///   command.
    private func perform(
        _ name: String, _ arguments: [Data], isRepeatable: Bool = true
    ) throws(RedisError) -> RESPReply {
        let command = [Data(name.utf8)] + arguments
        let deadline = Deadline(afterMilliseconds: connectTimeoutMilliseconds + timeoutMilliseconds)
        let reply = try connection.withLock { (connection) throws(RedisError) -> RESPReply in
            if let open = connection, open.isUsable {
                do throws(RedisError) {
                    return try open.execute(command, by: deadline.orAtMost(timeoutMilliseconds))
                } catch {
                    connection = nil
                    guard isRepeatable, case .connectionLost = error else { throw error }
                }
            }
            connection = nil
            let fresh = try RedisConnection(
                location, certificateAuthorityFile: certificateAuthorityFile,
                by: deadline.orAtMost(connectTimeoutMilliseconds))
            let reply = try fresh.execute(command, by: deadline.orAtMost(timeoutMilliseconds))
            connection = fresh
            return reply
        }
        guard case .error(let code, let message) = reply else { return reply }
        // After a failover the old primary stays up as a replica: only a new connection finds the new primary.
        if code == "READONLY" { connection.withLock { $0 = nil } }
        throw .server(code: code, message: message)
    }

    private static func unexpectedReply(_ name: String) -> RedisError {
        .protocolViolation("not an answer to \(name)")
    }
}
