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
/// - A record that is no event of ours is parked and reported by its sequence number. Lambda then delivers from there
///   on again; the record is known by then and no longer reported, and what came after it is a duplicate.
/// - A stream that cannot go on is put into quarantine and blocks nothing but itself: its records count as handled,
///   because delivering them again helps nobody and would hold up the shard. It goes on by itself, read from the
///   journal, with the charge's next event or the next start of a process, once the cause is gone.
public struct StreamConsumer: Sendable {
    /// How many streams a starting process tries again: few enough for its start, which Lambda limits to 10 s.
    static let maximumRetriedStreams = 100

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
        let work = try await plan(batch)
        let blocked = try await connection.renewingParameters { () throws(PostgresError) in
            try apply(work.runs, blockedBefore: work.blocked)
        }
        var failures = BatchFailures()
        // Last: a batch that comes again as a whole must not find its records known before they were reported.
        for record in await park(batch.undecodable, logger: logger) { failures.add(record) }
        for (streamID, _) in work.unavailable {
            for record in batch.records[streamID] ?? [] { failures.add(record) }
        }
        log(blocked, work.unavailable, logger)
        return failures.response
    }

    /// Tries again what is in quarantine, the longest waiting first: a build that can read or apply it may have
    /// started, and the charge may never have another event. What fails here waits for the next start.
    public func retryQuarantined(logger: Logger) async {
        do throws(PostgresError) {
            let waiting = try Quarantine.oldest(limit: Self.maximumRetriedStreams, connection)
            guard !waiting.isEmpty else { return }
            let positions = try StreamPositions.read(waiting.map(\.streamID), connection)
            let work = await settle(
                waiting.map {
                    StreamDemand(
                        streamID: $0.streamID, position: positions[$0.streamID] ?? 0, waitingAt: $0.version)
                })
            log(try apply(work.runs, blockedBefore: work.blocked), work.unavailable, logger)
        } catch {
            logger.warning("quarantined charges cannot be tried again", ["error": .string("\(error)")])
        }
    }

    private func log(_ blocked: [BlockedStream], _ unavailable: [(ChargeID, EventStoreError)], _ logger: Logger) {
        for (streamID, error) in unavailable {
            logger.warning(
                "journal cannot be read", ["charge_id": .string(streamID.rawValue), "error": .string("\(error)")])
        }
        for stream in blocked {
            logger.error(
                "charge is blocked in the read model",
                [
                    "charge_id": .string(stream.streamID.rawValue), "version": .integer(stream.version),
                    "reason": .string(stream.reason.rawValue), "detail": .string(stream.detail),
                ])
        }
    }

    /// Notes what is no event of ours.
    ///
    /// - Returns: the records to report: those that had not been noted before, or all when they cannot be noted.
    private func park(_ undecodable: [StreamBatch.Undecodable], logger: Logger) async -> [KinesisEvent.Record] {
        guard !undecodable.isEmpty else { return [] }
        var reported = undecodable
        do throws(PostgresError) {
            reported = try await connection.renewingParameters { () throws(PostgresError) in
                try ParkedRecords.park(undecodable, connection)
            }
        } catch {
            logger.error("records that are not events cannot be parked", ["error": .string("\(error)")])
        }
        let sequenceNumbers = Set(reported.map(\.record.sequenceNumber))
        for stranger in undecodable {
            logger.error(
                "record is not an event",
                [
                    "sequence_number": .string(stranger.record.sequenceNumber),
                    "error": .string("\(stranger.problem)"),
                    "reported": .boolean(sequenceNumbers.contains(stranger.record.sequenceNumber)),
                ])
        }
        return reported.map(\.record)
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
        let positions = try await connection.renewingParameters { () throws(PostgresError) in
            try StreamPositions.read(streamIDs, connection)
        }
        return await settle(streamIDs.map { batch.demand(of: $0, at: positions[$0] ?? 0) })
    }

    /// Asks the journal for what was not delivered.
    private func settle(_ demands: [StreamDemand]) async -> Work {
        var work = Work()
        work.runs = demands.filter { $0.askedVersion == nil }.compactMap(\.run)
        let gaps = demands.filter { $0.askedVersion != nil }
        for outcome in await self.gaps.fill(gaps.map { ($0.streamID, $0.position, $0.askedVersion ?? $0.position) }) {
            switch outcome {
            case .nothingNew: continue
            case .filled(let run): work.runs.append(run)
            case .blocked(let stream):
                let demand = gaps.first { $0.streamID == stream.streamID }
                if let run = demand?.run { work.runs.append(run) }
                work.blocked.append(demand?.blocked(stream) ?? stream)
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
