import Cryptography
import FoundationEssentials
import HTTPClient

/// AWS signature version 4, in the `Authorization` header.
///
/// Written here because libcurl's own signer (7.88) leaves the query unsorted and sends S3 no payload hash, both of
/// which AWS refuses.
public struct SignatureV4: Sendable {
    private static let algorithm = "AWS4-HMAC-SHA256"
    private static let scopeTerminator = "aws4_request"

    private let credentials: AWSCredentials
    private let region: String
    private let serviceName: String

    /// - Parameter serviceName: the service's name in the credential scope, such as `dynamodb`.
    public init(credentials: AWSCredentials, region: String, serviceName: String) {
        self.credentials = credentials
        self.region = region
        self.serviceName = serviceName
    }

    /// The request with `X-Amz-Date`, `X-Amz-Security-Token` (temporary credentials), `X-Amz-Content-Sha256` (S3) and
    /// `Authorization` set; what an earlier signature put there is replaced.
    ///
    /// Every other field present is signed, so nothing may be added or changed afterwards except `User-Agent` and the
    /// fields an HTTP client owns. `Host` is taken from the URL.
    ///
    /// - Throws: `AWSError.configuration` when the URL is not an absolute `http` or `https` URL.
    public func sign(_ request: HTTPRequest, at date: Date) throws(AWSError) -> HTTPRequest {
        guard let location = RequestLocation(request.url) else {
            throw .configuration("cannot sign a request to \(request.url): not an absolute http or https URL")
        }
        let time = SigningTime(date)
        let payloadHash = SHA256.hexDigest(request.body ?? Data())
        var signed = request
        signed.headers["Authorization"] = nil
        signed.headers["X-Amz-Date"] = time.timestamp
        signed.headers["X-Amz-Security-Token"] = credentials.sessionToken
        if isS3 { signed.headers["X-Amz-Content-Sha256"] = payloadHash }
        let canonical = CanonicalRequest(
            method: signed.method, location: location, headers: signed.headers, payloadHash: payloadHash,
            pathRule: isS3 ? .asSent : .normalizedAndEncodedAgain)
        signed.headers["Authorization"] = authorization(canonical, time)
        return signed
    }

    private var isS3: Bool { serviceName == AWSService.s3.signingName }

    private func authorization(_ canonical: CanonicalRequest, _ time: SigningTime) -> String {
        let scope = "\(time.day)/\(region)/\(serviceName)/\(Self.scopeTerminator)"
        let stringToSign = [Self.algorithm, time.timestamp, scope, canonical.hash].joined(separator: "\n")
        let signature = HMAC.sha256Hex(key: signingKey(day: time.day), message: stringToSign.utf8)
        return "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
    }

    private func signingKey(day: String) -> [UInt8] {
        let secret = Array("AWS4\(credentials.secretAccessKey)".utf8)
        return [day, region, serviceName, Self.scopeTerminator].reduce(secret) { key, part in
            HMAC.sha256(key: key, message: part.utf8)
        }
    }
}
