import Testing

@testable import AWSClient

@Suite("Warming up")
struct WarmUpTests {
    @Test("nothing is sent, and the first call is signed as without it")
    func nothingIsSent() async throws {
        let answer = #"{"SecretString":"s"}"#
        let (warm, cold) = (try ScriptedAWS([.json(answer)]), try ScriptedAWS([.json(answer)]))
        warm.client.warmUp()
        #expect(warm.transport.requests.isEmpty)
        for aws in [warm, cold] { _ = try await SecretsManagerClient(aws.client).secretString(id: "stripe") }
        let signatures = [warm, cold].map { $0.transport.requests.map { $0.headers["Authorization"] } }
        #expect(signatures[0] == signatures[1])
        #expect(signatures[0].count == 1)
    }
}
