import Foundation
import Testing

@testable import AWSClient

@Suite("Secrets Manager on the wire")
struct SecretsManagerClientTests {
    @Test("the text of a secret is returned")
    func text() async throws {
        let aws = try ScriptedAWS([.json(#"{"Name":"s","SecretString":"{\"api_key\":\"k\"}"}"#)])
        #expect(try await SecretsManagerClient(aws.client).secretString(id: "stripe") == #"{"api_key":"k"}"#)
        #expect(aws.transport.requests[0].headers["X-Amz-Target"] == "secretsmanager.GetSecretValue")
        #expect(try aws.jsonBody() == ["SecretId": "stripe"])
    }

    @Test("a binary secret is an error, and no error repeats a secret")
    func binary() async throws {
        let bodies = [#"{"SecretBinary":"aHVudGVyMg=="}"#, #"{"SecretString":["hunter2"]}"#, "hunter2"]
        for body in bodies {
            let aws = try ScriptedAWS([.json(body)])
            let error = await #expect(throws: AWSError.self) {
                try await SecretsManagerClient(aws.client).secretString(id: "stripe")
            }
            #expect(error.map { String(describing: $0).contains("hunter2") } == false)
        }
    }
}
