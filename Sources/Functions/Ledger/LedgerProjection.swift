import Domain
import FunctionsShared
import PostgresClient

/// Builds LedgerDB: each event that moves money becomes one balanced transaction, by the domain's posting rules.
struct LedgerProjection: StreamProjection {
    func apply(_ runs: [StreamRun], in session: PostgresSession) throws(PostgresError) -> [BlockedStream] {
        var postings: [Posting] = []
        var blocked: [BlockedStream] = []
        for run in runs {
            do throws(BlockedStream) {
                for envelope in run.envelopes {
                    if let posting = try Posting(envelope) { postings.append(posting) }
                }
            } catch {
                blocked.append(error)
            }
        }
        try LedgerTables.insertAccounts(of: postings, session)
        try LedgerTables.insertTransactions(postings, session)
        try LedgerTables.insertEntries(of: postings, session)
        return blocked
    }
}

/// A transaction with its place in the charge's stream.
struct Posting {
    let version: Int
    let transaction: LedgerTransaction

    /// What an event posts; `nil` when it posts nothing.
    ///
    /// - Throws: an event that this build must not pass over: one of an unknown type may move money, and one that the
    ///   rules refuse would leave a hole in the books.
    init?(_ envelope: EventEnvelope) throws(BlockedStream) {
        if case .unrecognized(let event) = envelope.event {
            throw BlockedStream(
                at: envelope, reason: .eventTypeUnknown, detail: "no posting rule for events of type \(event.type)")
        }
        let transaction: LedgerTransaction?
        do throws(DomainError) {
            transaction = try PostingRules.transaction(for: envelope)
        } catch {
            throw BlockedStream(at: envelope, reason: .eventNotApplicable, detail: "\(error)")
        }
        guard let transaction else { return nil }
        version = envelope.version
        self.transaction = transaction
    }
}
