import FoundationEssentials
import HTTPClient

extension AWSClient {
    /// Does, without sending anything, what the first call of a process would do besides its own work: OpenSSL finds its
    /// algorithms, and the JSON coders set themselves up. For the start of a function that makes no call there, so that
    /// its first invocation does not wait for that (docs/benchmarks.md, "What is done before the first invocation").
    public func warmUp() {
        let sample = WarmUpDocument(texts: ["text": "text"], number: 0)
        // Neither can fail; and if it could, the first call would say so.
        guard let body = try? JSONEncoder().encode(sample) else { return }
        _ = try? JSONDecoder().decode(WarmUpDocument.self, from: body)
        let signer = SignatureV4(
            credentials: configuration.credentials, region: configuration.region,
            serviceName: AWSService.dynamoDB.signingName)
        _ = try? signer.sign(
            HTTPRequest(method: "POST", url: configuration.endpoint(for: .dynamoDB) + "/", body: body), at: Date())
    }
}

private struct WarmUpDocument: Codable {
    let texts: [String: String]
    let number: Int?
}
