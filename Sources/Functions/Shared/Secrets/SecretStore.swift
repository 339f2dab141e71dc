import AWSClient
import Domain
import FoundationEssentials
import Synchronization

/// Secrets from Secrets Manager, kept in memory for a bounded time.
public final class SecretStore: SecretSource {
    /// How old a copy may get before it is read again; a rotation is seen within this time at the latest.
    public static let maximumAgeSeconds: Double = 300
    /// A refused copy is read again at most this often: whoever sends us wrong signatures must not be able to make us
    /// call Secrets Manager for each of them.
    public static let minimumRefreshIntervalSeconds: Double = 5

    private struct Copy {
        let text: String
        let readAt: Date
    }

    private let read: @Sendable (String) async throws(AWSError) -> String
    private let clock: any WallClock
    private let copies = Mutex<[String: Copy]>([:])

    /// - Parameter read: reads the secret's current text.
    public init(clock: any WallClock, read: @escaping @Sendable (String) async throws(AWSError) -> String) {
        self.clock = clock
        self.read = read
    }

    /// A store in front of Secrets Manager.
    public convenience init(client: SecretsManagerClient, clock: any WallClock) {
        self.init(clock: clock) { id throws(AWSError) in try await client.secretString(id: id) }
    }

    public func secret(_ id: String) async throws(SecretError) -> String {
        let copy = copies.withLock { $0[id] }
        if let copy, clock.now().timeIntervalSince(copy.readAt) < Self.maximumAgeSeconds { return copy.text }
        do {
            return try await readNow(id)
        } catch {
            // An old copy is better than none: secrets seldom change, and a wrong one is refused by whoever reads it.
            guard let copy else { throw error }
            return copy.text
        }
    }

    public func refreshedSecret(_ id: String) async throws(SecretError) -> String {
        let copy = copies.withLock { $0[id] }
        if let copy, clock.now().timeIntervalSince(copy.readAt) < Self.minimumRefreshIntervalSeconds {
            return copy.text
        }
        return try await readNow(id)
    }

    private func readNow(_ id: String) async throws(SecretError) -> String {
        let text: String
        do { text = try await read(id) } catch { throw SecretError("secret \(id): \(error)") }
        let copy = Copy(text: text, readAt: clock.now())
        copies.withLock { $0[id] = copy }
        return text
    }
}
