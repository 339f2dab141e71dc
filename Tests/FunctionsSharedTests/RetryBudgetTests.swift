import AWSClient
import Foundation
import Testing

@testable import FunctionsShared

@Suite("The time of functions behind the load balancer")
struct RetryBudgetTests {
    private static let template = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "infra/functions.json")

    /// The deployed limit of a function.
    private func timeoutMilliseconds(of function: String) throws -> Int {
        let template = try #require(JSON(parsing: Data(contentsOf: Self.template)))
        let timeout = template["Resources"]?[function]?["Properties"]?["Timeout"]?.integerValue
        return Int(try #require(timeout)) * 1000
    }

    @Test("D-28: a call that fails, and the one that tidies up after it, leave time for an answer")
    func budget() throws {
        let call = RetryPolicy.whileSomebodyWaits.totalTimeoutMilliseconds
        #expect(RetryPolicy.whileSomebodyWaits.attemptTimeoutMilliseconds < call)
        let payment = LambdaRiskAssessor.maximumTotalMilliseconds + 2 * call
        #expect(payment < (try timeoutMilliseconds(of: "PaymentService")))
        #expect(2 * call < (try timeoutMilliseconds(of: "Webhook")))
    }
}
