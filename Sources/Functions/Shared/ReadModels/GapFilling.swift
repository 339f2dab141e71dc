import Domain

/// Reads what Kinesis did not deliver from the journal.
struct GapFilling: Sendable {
    /// What became of one stream.
    enum Outcome: Sendable {
        /// The journal has everything from the position on.
        case filled(StreamRun)
        /// The read model has everything the journal has.
        case nothingNew
        /// The stream cannot go on.
        case blocked(BlockedStream)
        /// The journal did not answer; the records have to come again.
        case unavailable(ChargeID, EventStoreError)
    }

    /// How many streams are read at once: DynamoDB answers in milliseconds, and a batch has at most a few gaps.
    static let maximumConcurrentReads = 8

    let journal: any EventJournal

    /// Reads several streams, some at a time.
    ///
    /// - Parameter gaps: each stream's position and the highest version that was delivered.
    func fill(_ gaps: [(streamID: ChargeID, position: Int, delivered: Int)]) async -> [Outcome] {
        await withTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for (index, gap) in gaps.enumerated() {
                if index >= Self.maximumConcurrentReads, let outcome = await group.next() { outcomes.append(outcome) }
                group.addTask { await fill(gap.streamID, position: gap.position, delivered: gap.delivered) }
            }
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }

    private func fill(_ streamID: ChargeID, position: Int, delivered: Int) async -> Outcome {
        let stored: [EventEnvelope]
        do throws(EventStoreError) {
            stored = try await journal.load(streamID).map(\.envelope)
        } catch {
            guard case .corrupt(_, let detail) = error else { return .unavailable(streamID, error) }
            return .blocked(
                BlockedStream(
                    streamID: streamID, version: position + 1, eventID: nil, reason: .journalUnreadable,
                    detail: detail))
        }
        guard (stored.last?.version ?? 0) >= delivered else {
            // The stream carries only what the journal accepted before, and the journal is read consistently.
            return .blocked(
                BlockedStream(
                    streamID: streamID, version: position + 1, eventID: nil, reason: .gapNotInJournal,
                    detail: "version \(delivered) was delivered, the journal ends at \(stored.last?.version ?? 0)"))
        }
        switch StreamPlan(streamID: streamID, position: position, delivered: stored) {
        case .nothingNew: return .nothingNew
        case .run(let run): return .filled(run)
        case .askJournal:
            return .blocked(
                BlockedStream(
                    streamID: streamID, version: position + 1, eventID: nil, reason: .gapNotInJournal,
                    detail: "the journal's versions are not contiguous"))
        }
    }
}
