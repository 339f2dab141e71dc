import CurlEventLoop
import Domain
import Foundation
import FunctionsShared
import HTTPClient
import LambdaEvents
import LambdaRuntime
import PostgresClient
import StreamTestSupport
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Projectionist

@Suite("The database's password is rotated while the function runs")
struct SecretRotationTests {
    /// A secret of which everybody but who refreshes holds an old copy.
    private final class RotatedSecret: SecretSource {
        private struct State {
            let old: String
            var current: String?
            var refreshes = 0
        }

        private let state: Mutex<State>

        init(_ parameters: PostgresParameters) {
            let text = PostgresAccount.secret(parameters)
            state = Mutex(State(old: text, current: text))
        }

        var refreshes: Int { state.withLock { $0.refreshes } }

        /// Secrets Manager does not answer any more.
        func goAway() { state.withLock { $0.current = nil } }

        func change(to parameters: PostgresParameters) {
            state.withLock { $0.current = PostgresAccount.secret(parameters) }
        }

        func secret(_ id: String) async throws(SecretError) -> String { state.withLock { $0.old } }

        func refreshedSecret(_ id: String) async throws(SecretError) -> String {
            let current = state.withLock { state in
                state.refreshes += 1
                return state.current
            }
            guard let current else { throw SecretError("secret \(id): away") }
            return current
        }
    }

    private let account: PostgresAccount
    private let secret: RotatedSecret
    private let connection: PostgresConnection
    private let consumer: StreamConsumer
    private let logger = Logger(minimumLevel: .error, sink: { _ in })

    init() async throws {
        account = try PostgresAccount(.payment)
        secret = RotatedSecret(account.parameters)
        let environment = FunctionEnvironment(
            variables: ["PAYMENT_DB_SECRET_ID": "payment-db"], loop: EventLoop(), logger: logger)
        connection = try await environment.databaseConnection(
            secretNamedBy: "PAYMENT_DB_SECRET_ID", from: secret, applicationName: "test")
        consumer = StreamConsumer(
            connection: connection, journal: try InMemoryJournal(), projection: ChargeProjection())
    }

    private func rotate() throws { secret.change(to: try account.rotatePassword()) }

    @Test("a batch is applied, and the API reads, over a connection with the new password")
    func rotation() async throws {
        let events = try ChargeStory.refundedCharge("a")
        #expect(try await consumer.consume(StreamDelivery.batch(Array(events.prefix(3))), logger: logger) == .init())
        try rotate()
        #expect(try await consumer.consume(StreamDelivery.batch(events), logger: logger) == .init())
        #expect(secret.refreshes == 1)

        try rotate()
        let store = PostgresChargeReadStore(connection: connection)
        let view = try await store.charge(id: events[0].streamID, merchantID: events[0].merchantID)
        #expect(view?.version == events.count)
        #expect(secret.refreshes == 2)
    }

    @Test("a batch of nothing but strangers is parked over it too")
    func strangers() async throws {
        try rotate()
        let record = StreamDelivery.record(Data("x".utf8), partitionKey: "x", position: 1)
        let batch = KinesisEvent(records: [record])
        #expect(
            try await consumer.consume(batch, logger: logger)
                == BatchResponse(failedIdentifiers: [record.sequenceNumber]))
        #expect(try await consumer.consume(batch, logger: logger) == .init())
    }

    @Test("a secret that cannot be read again fails the batch and says so")
    func secretAway() async throws {
        _ = try account.rotatePassword()
        secret.goAway()
        let batch = try StreamDelivery.batch(ChargeStory.refundedCharge("a"))
        await #expect {
            try await consumer.consume(batch, logger: logger)
        } throws: { error in
            guard case .authenticationFailed(let detail)? = error as? PostgresError else { return false }
            return detail.contains("secret payment-db: away")
        }
    }
}
