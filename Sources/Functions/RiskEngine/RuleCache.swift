import Domain
import FoundationEssentials
import FunctionsShared
import Synchronization
import Telemetry

/// Where risk rules come from.
protocol RiskRuleSource: Sendable {
    /// All rules that are in force.
    func rules() async throws(RecordStoreError) -> [RiskRule]
}

/// Keeps the rules in memory for a bounded time, so that a charge does not wait for a table.
final class RuleCache: Sendable {
    /// A changed rule is in force after this time at the latest.
    static let maximumAgeSeconds: Double = 30
    /// How long old rules stand in while the table does not answer. Afterwards the engine says that it is unavailable,
    /// and the configured policy decides: yesterday's blocklist must not silently pass for today's.
    static let maximumStaleSeconds: Double = 300

    private struct Snapshot {
        let rules: [RiskRule]
        let readAt: Date
    }

    private let source: any RiskRuleSource
    private let clock: any WallClock
    private let logger: Logger
    private let snapshot = Mutex<Snapshot?>(nil)

    init(source: any RiskRuleSource, clock: any WallClock, logger: Logger) {
        self.source = source
        self.clock = clock
        self.logger = logger
    }

    /// The rules, at most as old as the limits above say.
    func rules() async throws(RecordStoreError) -> [RiskRule] {
        let now = clock.now()
        let known = snapshot.withLock { $0 }
        if let known, now.timeIntervalSince(known.readAt) < Self.maximumAgeSeconds { return known.rules }
        do {
            let fresh = Snapshot(rules: try await source.rules(), readAt: now)
            snapshot.withLock { $0 = fresh }
            return fresh.rules
        } catch {
            guard let known, now.timeIntervalSince(known.readAt) < Self.maximumStaleSeconds else { throw error }
            logger.warning("rules cannot be read; older ones stand in", ["detail": .string(error.detail)])
            return known.rules
        }
    }
}
