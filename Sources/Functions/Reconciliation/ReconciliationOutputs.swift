import FoundationEssentials

/// Keeps reports.
protocol ReportStore: Sendable {
    /// Stores a document under a key, over whatever an earlier run put there.
    func store(_ document: Data, key: String, contentType: String) async throws(ReconciliationError)
}

/// Tells people.
protocol AlertTopic: Sendable {
    /// Sends one message.
    func publish(subject: String, message: String) async throws(ReconciliationError)
}
