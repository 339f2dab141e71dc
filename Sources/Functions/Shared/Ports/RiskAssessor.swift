import Domain

/// Judges a charge before anything is enqueued.
public protocol RiskAssessor: Sendable {
    /// The engine's assessment.
    ///
    /// - Throws: `RiskEngineUnavailable` when there is none; the caller applies its configured policy.
    func assess(_ request: RiskRequest) async throws(RiskEngineUnavailable) -> RiskAssessment
}

/// The risk engine gave no assessment.
public struct RiskEngineUnavailable: Error, Sendable, Equatable {
    /// What went wrong.
    public let detail: String

    /// An error with this explanation.
    public init(_ detail: String) {
        self.detail = detail
    }
}
