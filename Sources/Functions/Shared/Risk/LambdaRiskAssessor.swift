import AWSClient
import Domain
import FoundationEssentials

/// The risk engine as a function, invoked directly and waited for.
public struct LambdaRiskAssessor: RiskAssessor {
    /// The engine's own goal is 50 ms (requirement R7.1). The rest is for a cold start; a merchant waits meanwhile.
    public static let defaultTimeoutMilliseconds = 2_000

    private let client: LambdaClient
    private let function: String
    private let timeoutMilliseconds: Int

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
        let result: LambdaInvocationResult
        do {
            // The engine only reads: asking it twice does no harm.
            result = try await client.invoke(
                function: function, payload: payload, timeoutMilliseconds: timeoutMilliseconds, isRepeatable: true)
        } catch {
            throw RiskEngineUnavailable("\(error)")
        }
        // The payload of a failed function describes its error; it is the engine's log that has it in full.
        if let functionError = result.functionError { throw RiskEngineUnavailable("function error \(functionError)") }
        guard let assessment = try? JSONDecoder().decode(RiskAssessment.self, from: result.payload) else {
            throw RiskEngineUnavailable("the answer is not an assessment")
        }
        return assessment
    }
}
