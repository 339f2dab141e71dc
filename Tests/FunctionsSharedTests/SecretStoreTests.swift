import AWSClient
import Domain
import FoundationEssentials
import FunctionsTestSupport
import HTTPClient
import Synchronization
import Testing

@testable import FunctionsShared

@Suite("Secret store")
struct SecretStoreTests {
    private final class Vault: Sendable {
        private let state = Mutex((text: "first", readCount: 0, isAway: false))

        var readCount: Int { state.withLock { $0.readCount } }

        func rotate(to text: String) { state.withLock { $0.text = text } }

        func goAway() { state.withLock { $0.isAway = true } }

        func read() throws(AWSError) -> String {
            let (text, isAway) = state.withLock { state in
                state.readCount += 1
                return (state.text, state.isAway)
            }
            guard !isAway else {
                throw .transport(service: .secretsManager, operation: "GetSecretValue", .notSent("refused"))
            }
            return text
        }
    }

    private let vault = Vault()
    private let clock = ManualClock()

    private var store: SecretStore {
        let vault = self.vault
        return SecretStore(clock: clock) { _ throws(AWSError) in try vault.read() }
    }

    @Test("a copy serves for its time, then the secret is read again")
    func age() async throws {
        let store = store
        #expect(try await store.secret("a") == "first")
        vault.rotate(to: "second")
        clock.advance(seconds: SecretStore.maximumAgeSeconds - 1)
        #expect(try await store.secret("a") == "first")
        clock.advance(seconds: 1)
        #expect(try await store.secret("a") == "second")
        #expect(vault.readCount == 2)
    }

    @Test("whoever was refused gets a fresh copy, but not more often than the limit")
    func refresh() async throws {
        let store = store
        _ = try await store.secret("a")
        vault.rotate(to: "second")
        clock.advance(seconds: SecretStore.minimumRefreshIntervalSeconds)
        #expect(try await store.refreshedSecret("a") == "second")
        for _ in 0..<100 { _ = try await store.refreshedSecret("a") }
        #expect(vault.readCount == 2)
    }

    @Test("an old copy serves while Secrets Manager is away; without one there is an error that shows no secret")
    func away() async throws {
        let store = store
        _ = try await store.secret("a")
        vault.goAway()
        clock.advance(seconds: 3600)
        #expect(try await store.secret("a") == "first")
        await #expect(throws: SecretError.self) { try await store.secret("b") }
    }
}
