import Domain
import LambdaEvents
import LambdaRuntime
import PostgresClient
import Telemetry

/// A read model that is built from the streams of events.
public protocol StreamProjection: Sendable {
    /// Writes runs, inside the transaction that also moves the positions; one statement per table.
    ///
    /// - Returns: the streams that are stuck at one of their events; the events before it must have been written.
    func apply(_ runs: [StreamRun], in session: PostgresSession) throws(PostgresError) -> [BlockedStream]
}

/// Feeds a read model from Kinesis batches, so that duplicates, gaps, reordering, bisected and replayed batches end in
/// the same tables.
///
/// - A version up to the position is a duplicate, the next one applies, and a gap is filled from the journal.
/// - A record that is no event of ours is reported by its sequence number. Lambda then delivers from there on again,
///   so what comes after it is applied now and recognised as a duplicate then.
/// - A stream that cannot go on is put into quarantine and blocks nothing but itself: its records count as handled,
///   because delivering them again helps nobody and would hold up the shard. It goes on by itself with the charge's
///   next event, read from the journal, once the cause is gone.
public struct StreamConsumer: Sendable {
    private let connection: PostgresConnection
    private let gaps: GapFilling
    private let projection: any StreamProjection

    /// A consumer that keeps positions and quarantine in the projection's own database.
    public init(connection: PostgresConnection, journal: any EventJournal, projection: any StreamProjection) {
        self.connection = connection
        self.projection = projection
        gaps = GapFilling(journal: journal)
    }

    /// Applies a batch and names the records that have to be delivered again.
    ///
    /// - Throws: when the database is not there; then the whole batch has to come again.
    public func consume(_ event: KinesisEvent, logger: Logger) async throws(PostgresError) -> BatchResponse {
        let batch = StreamBatch(event)
        var failures = BatchFailures()
        for undecodable in batch.undecodable {
            failures.add(undecodable.record)
            logger.error(
                "record is not an event",
                [
                    "sequence_number": .string(undecodable.record.sequenceNumber),
                    "error": .string("\(undecodable.problem)"),
                ])
        }
        let work = try await plan(batch)
        for (streamID, error) in work.unavailable {
            for record in batch.records[streamID] ?? [] { failures.add(record) }
            logger.warning(
                "journal cannot be read", ["charge_id": .string(streamID.rawValue), "error": .string("\(error)")])
        }
        let blocked = try apply(work.runs, blockedBefore: work.blocked)
        for stream in blocked {
            logger.error(
                "charge is blocked in the read model",
                [
                    "charge_id": .string(stream.streamID.rawValue), "version": .integer(stream.version),
                    "reason": .string(stream.reason.rawValue), "detail": .string(stream.detail),
                ])
        }
        return failures.response
    }

    /// What a batch asks for, before anything is written.
    private struct Work {
        var runs: [StreamRun] = []
        var blocked: [BlockedStream] = []
        var unavailable: [(ChargeID, EventStoreError)] = []
    }

    private func plan(_ batch: StreamBatch) async throws(PostgresError) -> Work {
        let streamIDs = batch.streamIDs
        guard !streamIDs.isEmpty else { return Work() }
        let positions = try StreamPositions.read(streamIDs, connection)
        var work = Work()
        var missing: [(streamID: ChargeID, position: Int, delivered: Int)] = []
        for streamID in streamIDs {
            let position = positions[streamID] ?? 0
            let delivered = batch.envelopes[streamID] ?? []
            switch StreamPlan(streamID: streamID, position: position, delivered: delivered) {
            case .nothingNew: continue
            case .run(let run): work.runs.append(run)
            case .askJournal:
                missing.append((streamID, position, delivered.map(\.version).max() ?? position))
            }
        }
        for outcome in await gaps.fill(missing) {
            switch outcome {
            case .nothingNew: continue
            case .filled(let run): work.runs.append(run)
            case .blocked(let stream): work.blocked.append(stream)
            case .unavailable(let streamID, let error): work.unavailable.append((streamID, error))
            }
        }
        work.runs.sort { $0.streamID.rawValue < $1.streamID.rawValue }
        return work
    }

    /// Writes the runs, all together when that works, else each event alone so that only a bad one stays behind.
    private func apply(
        _ runs: [StreamRun], blockedBefore: [BlockedStream]
    ) throws(PostgresError) -> [BlockedStream] {
        do throws(PostgresError) {
            return try applyTogether(runs, blockedBefore: blockedBefore)
        } catch {
            guard error.isCausedByData else { throw error }
        }
        var blocked = try applyTogether([], blockedBefore: blockedBefore)
        for run in runs { blocked += try applyOneByOne(run) }
        return blocked
    }

    private func applyOneByOne(_ run: StreamRun) throws(PostgresError) -> [BlockedStream] {
        for envelope in run.envelopes {
            let step = StreamRun(streamID: run.streamID, position: envelope.version - 1, envelopes: [envelope])
            do throws(PostgresError) {
                let blocked = try applyTogether([step], blockedBefore: [])
                if !blocked.isEmpty { return blocked }
            } catch {
                guard error.isCausedByData else { throw error }
                let stuck = BlockedStream(at: envelope, reason: .valueNotStorable, detail: "\(error)")
                return try applyTogether([], blockedBefore: [stuck])
            }
        }
        return []
    }

    /// One transaction: lock the positions, write, move the positions, keep the quarantine's books.
    private func applyTogether(
        _ runs: [StreamRun], blockedBefore: [BlockedStream]
    ) throws(PostgresError) -> [BlockedStream] {
        guard !runs.isEmpty || !blockedBefore.isEmpty else { return [] }
        return try connection.transaction { session throws(PostgresError) in
            let current = try Self.remaining(
                of: runs, at: StreamPositions.lock(runs.map(\.streamID), session))
            let stuck = current.isEmpty ? [] : try projection.apply(current, in: session)
            var reached = Dictionary(uniqueKeysWithValues: current.map { ($0.streamID, $0.lastVersion) })
            for stream in stuck { reached[stream.streamID] = stream.version - 1 }
            try StreamPositions.advance(reached, session)
            try Quarantine.release(reached, session)
            try Quarantine.record(blockedBefore + stuck, session)
            return blockedBefore + stuck
        }
    }

    /// Another invocation may have come further since the plan was made, but never less far.
    private static func remaining(
        of runs: [StreamRun], at positions: [ChargeID: Int]
    ) throws(PostgresError) -> [StreamRun] {
        var remaining: [StreamRun] = []
        for run in runs {
            let position = positions[run.streamID] ?? 0
            guard position >= run.position else {
                throw .unexpectedResult("the read model was emptied while a batch was on its way")
            }
            if let rest = run.trimmed(to: position) { remaining.append(rest) }
        }
        return remaining
    }
}
