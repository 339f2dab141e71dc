import Domain
import Foundation
import Synchronization

/// Ids in the order in which they were asked for.
final class CountingIDs: IDGenerator {
    private let counter = Mutex(0)

    func make(prefix: String) -> String {
        let number = counter.withLock { count in
            count += 1
            return count
        }
        return "\(prefix)_\(String(repeating: "0", count: 8 - String(number).count))\(number)"
    }
}

/// A charge's stream in memory: decides, appends and applies as a handler does.
struct Stream {
    private(set) var envelopes: [EventEnvelope] = []
    private(set) var charge: Charge?
    private let ids = CountingIDs()

    static let context = EventContext(
        streamID: ChargeID(rawValue: "ch_1"),
        merchantID: MerchantID(rawValue: "mer_1"),
        occurredAt: Date(timeIntervalSince1970: 1_772_368_496.789),
        traceID: "trace-1",
        causationID: "req_1"
    )

    /// The names of the events the command led to.
    @discardableResult
    mutating func run(_ command: ChargeCommand) throws -> [String] {
        let events = try ChargeRules.decide(charge, command)
        try append(events)
        return events.map(\.typeName)
    }

    mutating func append(_ events: [ChargeEvent]) throws {
        let added = EventEnvelope.envelopes(
            for: events, after: charge?.version ?? 0, context: Self.context, ids: ids)
        for envelope in added {
            charge = try ChargeRules.apply(charge, envelope)
            envelopes.append(envelope)
        }
    }
}
