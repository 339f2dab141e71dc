import Foundation
import LocalEmulator
import Testing

@Suite("Partial batch responses (AWS: with-sqs, with-kinesis)") struct BatchOutcomeTests {
    private func outcome(_ payload: String, reports: Bool = true, error: Bool = false) -> BatchOutcome {
        BatchOutcome(
            InvocationResult(requestID: "r", payload: Data(payload.utf8), functionError: error ? "Unhandled" : nil),
            reportsItemFailures: reports, identifiers: ["a", "b"])
    }

    @Test(
        "complete success",
        arguments: [
            "", "null", "{}", "[]", "\"\"", #"{"batchItemFailures":[]}"#, #"{"batchItemFailures":null}"#,
        ])
    func success(payload: String) {
        #expect(outcome(payload) == .allSucceeded)
    }

    @Test("the records named failed, as a set")
    func named() {
        let payload = #"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}"#
        #expect(outcome(payload) == .failed(["a"]))
    }

    @Test(
        "the whole batch failed",
        arguments: [
            "{", #"{"batchItemFailures":[{"itemIdentifier":""}]}"#, #"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            #"{"batchItemFailures":[{}]}"#, #"{"batchItemFailures":[{"foo":"a"}]}"#,
            #"{"batchItemFailures":[{"itemIdentifier":"unknown"}]}"#,
            #"{"batchItemFailures":[{"itemIdentifier":123}]}"#,
            #"{"batchItemFailures":"a"}"#,
        ])
    func whole(payload: String) {
        guard case .wholeBatchFailed = outcome(payload) else {
            Issue.record("\(outcome(payload))")
            return
        }
    }

    @Test("without ReportBatchItemFailures the answer is ignored, an error is not")
    func withoutReports() {
        #expect(outcome(#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#, reports: false) == .allSucceeded)
        guard case .wholeBatchFailed = outcome("{}", reports: false, error: true) else {
            Issue.record("a function error was ignored")
            return
        }
    }
}
