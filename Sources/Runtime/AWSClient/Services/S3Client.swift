import Cryptography
import FoundationEssentials
import HTTPClient

/// Amazon S3: whole objects in and out.
public struct S3Client: Sendable {
    /// The largest object one request may carry (Amazon S3 User Guide, "Uploading objects": 5 GB).
    public static let maximumObjectBytes = 5 * 1_024 * 1_024 * 1_024
    /// The longest key, in bytes of UTF-8 (Amazon S3 User Guide, "Naming Amazon S3 objects").
    public static let maximumKeyBytes = 1_024

    private let aws: AWSClient

    /// A client that sends through `aws`.
    public init(_ aws: AWSClient) {
        self.aws = aws
    }

    /// Stores an object, replacing one with the same key. S3 verifies the SHA-256 checksum sent along, which buckets
    /// with object lock demand.
    public func putObject(
        bucket: String, key: String, body: Data, contentType: String = "application/octet-stream"
    ) async throws(AWSError) {
        let operation = "PutObject"
        guard body.count <= Self.maximumObjectBytes else {
            throw .invalidRequest(
                service: .s3, operation: operation,
                detail: "\(body.count) bytes; one request carries up to \(Self.maximumObjectBytes)")
        }
        let url = try objectURL(bucket: bucket, key: key, operation: operation)
        let checksum = Data(SHA256.digest(body)).base64EncodedString()
        _ = try await aws.send(
            AWSCall(
                service: .s3, operation: operation, method: "PUT", url: url,
                headers: ["Content-Type": contentType, "x-amz-checksum-sha256": checksum], body: body))
    }

    /// The content of an object.
    ///
    /// - Throws: `AWSError.service` with code `NoSuchKey` when there is none.
    public func getObject(bucket: String, key: String) async throws(AWSError) -> Data {
        let url = try objectURL(bucket: bucket, key: key, operation: "GetObject")
        return try await aws.send(AWSCall(service: .s3, operation: "GetObject", method: "GET", url: url)).body
    }

    /// The bucket is part of the host name (Amazon S3 User Guide, "Virtual hosting of buckets"), except at a replaced
    /// endpoint, where such names do not resolve, and for names with dots, which no wildcard certificate covers.
    private func objectURL(bucket: String, key: String, operation: String) throws(AWSError) -> String {
        guard Self.isBucketName(bucket) else {
            throw .invalidRequest(service: .s3, operation: operation, detail: "\"\(bucket)\" is not a bucket name")
        }
        guard (1...Self.maximumKeyBytes).contains(key.utf8.count) else {
            throw .invalidRequest(
                service: .s3, operation: operation, detail: "a key has 1 to \(Self.maximumKeyBytes) bytes")
        }
        let configuration = aws.configuration
        let path = PercentEncoding.encodePath(key)
        if configuration.overriddenEndpoint(for: .s3) != nil || bucket.contains(".") {
            return "\(configuration.endpoint(for: .s3))/\(bucket)/\(path)"
        }
        return "https://\(bucket).s3.\(configuration.region).\(configuration.domainSuffix)/\(path)"
    }

    /// The bucket becomes part of a host name, so nothing but the documented characters may pass (Amazon S3 User
    /// Guide, "General purpose bucket naming rules").
    private static func isBucketName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
