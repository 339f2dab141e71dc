import Domain
import FoundationEssentials
import FunctionsShared
import PostgresClient

/// Builds PaymentDB: a charge's row is the fold of the charge's events, made by the same rules that decide on it.
///
/// The events themselves are kept next to the row. They are the timeline that the API shows, and what the next event
/// is folded onto: no second set of rules turns events into columns, so the row cannot drift from the domain.
struct ChargeProjection: StreamProjection {
    func apply(_ runs: [StreamRun], in session: PostgresSession) throws(PostgresError) -> [BlockedStream] {
        let known = try history(of: runs.filter { $0.position > 0 }.map(\.streamID), session)
        var states: [Charge] = []
        var events: [ChargeEventRow] = []
        var blocked: [BlockedStream] = []
        for run in runs {
            let outcome = advance(known[run.streamID] ?? [], by: run)
            if let charge = outcome.charge { states.append(charge) }
            events += outcome.events
            if let stuck = outcome.blocked { blocked.append(stuck) }
        }
        try PaymentTables.insert(events, session)
        try PaymentTables.upsert(states, updatedAt: lastOccurrence(in: events), session)
        try PaymentTables.upsertRefunds(of: states, session)
        return blocked
    }

    /// What a run makes of a charge.
    private struct Outcome {
        /// The charge after the last event that could be applied; `nil` when none could.
        var charge: Charge?
        var events: [ChargeEventRow] = []
        var blocked: BlockedStream?
    }

    /// Applies events until the first that the rules refuse, so that the result does not depend on how the events
    /// were cut into batches.
    private func advance(_ history: [EventEnvelope], by run: StreamRun) -> Outcome {
        var outcome = Outcome()
        var state: Charge?
        var current = run.envelopes[0]
        do {
            state = try ChargeRules.fold(history)
            for envelope in run.envelopes {
                current = envelope
                let row = try ChargeEventRow(envelope)
                state = try ChargeRules.apply(state, envelope)
                outcome.charge = state
                outcome.events.append(row)
            }
        } catch {
            outcome.blocked = BlockedStream(at: current, reason: .eventNotApplicable, detail: "\(error)")
        }
        return outcome
    }

    /// The events already applied, oldest first.
    private func history(
        of streams: [ChargeID], _ session: PostgresSession
    ) throws(PostgresError) -> [ChargeID: [EventEnvelope]] {
        guard !streams.isEmpty else { return [:] }
        let rows = try session.query(
            "SELECT envelope FROM charge_events WHERE charge_id = ANY ($1::text[]) ORDER BY charge_id, version",
            [.textArray(streams.map(\.rawValue))])
        var history: [ChargeID: [EventEnvelope]] = [:]
        for row in rows.rows {
            let envelope: EventEnvelope
            do {
                envelope = try EventEnvelope.decoded(from: Data(try row.text("envelope").utf8))
            } catch let error as PostgresError {
                throw error
            } catch {
                throw .unexpectedResult("a stored event cannot be read, rebuild PaymentDB: \(error)")
            }
            history[envelope.streamID, default: []].append(envelope)
        }
        return history
    }

    private func lastOccurrence(in events: [ChargeEventRow]) -> [ChargeID: Date] {
        events.reduce(into: [:]) { $0[$1.envelope.streamID] = $1.envelope.occurredAt }
    }
}

/// An event with the text in which it is stored: its canonical encoding, whatever bytes it came in.
struct ChargeEventRow {
    let envelope: EventEnvelope
    let text: String

    init(_ envelope: EventEnvelope) throws(EventCodingError) {
        self.envelope = envelope
        text = String(decoding: try envelope.encoded(), as: UTF8.self)
    }
}
