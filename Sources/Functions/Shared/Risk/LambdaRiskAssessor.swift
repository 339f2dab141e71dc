import AWSClient
import Domain
import FoundationEssentials

/// The risk engine as a function, invoked directly and waited for.
public struct LambdaRiskAssessor: RiskAssessor {
    /// The engine's own goal is 50 ms (requirement R7.1). The rest is for a cold start; a merchant waits meanwhile.
    public static let defaultTimeoutMilliseconds = 2_000

    /// A process that crashed is replaced by Lambda at once, so one more question is usually answered.
    private static let maximumAttempts = 2
    /// The longest that a caller waits, as long as nothing else is configured.
    static let maximumTotalMilliseconds = maximumAttempts * defaultTimeoutMilliseconds

    private let client: LambdaClient
    private let function: String
    private let timeoutMilliseconds: Int

    /// An assessor that asks this function.
    public init(
        client: LambdaClient, function: String,
        timeoutMilliseconds: Int = LambdaRiskAssessor.defaultTimeoutMilliseconds
    ) {
        self.client = client
        self.function = function
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    public func assess(_ request: RiskRequest) async throws(RiskEngineUnavailable) -> RiskAssessment {
        guard let payload = try? JSONEncoder().encode(request) else {
            throw RiskEngineUnavailable("the request cannot be encoded")
        }
        var failure = RiskEngineUnavailable("not asked")
        for _ in 0..<Self.maximumAttempts {
            let result = try await invoke(payload)
            // The payload of a failed function describes its error; it is the engine's log that has it in full.
            if let functionError = result.functionError {
                failure = RiskEngineUnavailable("function error \(functionError)")
                continue
            }
            guard let assessment = try? JSONDecoder().decode(RiskAssessment.self, from: result.payload) else {
                throw RiskEngineUnavailable("the answer is not an assessment")
            }
            return assessment
        }
        throw failure
    }

    private func invoke(_ payload: Data) async throws(RiskEngineUnavailable) -> LambdaInvocationResult {
        do {
            // The engine only reads: asking it twice does no harm.
            return try await client.invoke(
                function: function, payload: payload, timeoutMilliseconds: timeoutMilliseconds, isRepeatable: true)
        } catch {
            throw RiskEngineUnavailable("\(error)")
        }
    }
}
