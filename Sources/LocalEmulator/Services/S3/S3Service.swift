import Cryptography
import CurlEventLoop
import Foundation
import HTTPClient
import Synchronization

/// Amazon S3 with path-style addresses: buckets, and objects put in one piece; all state in memory.
///
/// Checksums sent along are accepted and not verified; `Content-MD5` is. Versions, multipart uploads and access
/// control are not offered and are refused by name.
public final class S3Service: AWSService {
    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
    /// Keys on one page of a listing (API reference, ListObjectsV2).
    static let maximumKeysPerPage = 1_000
    /// UTF-8 bytes of a key (user guide, "Naming Amazon S3 objects").
    static let maximumKeyBytes = 1_024
    /// Keys of one DeleteObjects call (API reference).
    static let maximumKeysPerDelete = 1_000

    /// The name in the credential scope.
    public let signingName = "s3"

    let account: AWSAccount
    let now: @Sendable () -> Int64
    let buckets = Mutex<[String: S3Bucket]>([:])

    /// Makes a service without buckets.
    ///
    /// - Parameter now: milliseconds since 1970.
    public init(
        account: String, region: String, now: @escaping @Sendable () -> Int64 = EmulatorClock.nowMilliseconds
    ) {
        self.account = AWSAccount(id: account, region: region)
        self.now = now
    }

    /// Answers one request of the wire protocol.
    public func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let requestID = AWSRequestID.make()
        var answer: S3Answer
        do throws(AWSServiceError) {
            answer = try perform(S3Request(request))
        } catch {
            answer = .error(error, resource: request.path, requestID: requestID)
        }
        answer.headers["x-amz-request-id"] = requestID
        return .reply(status: answer.status, headers: answer.headers, body: answer.body)
    }

    // MARK: For the emulator

    /// Creates a bucket, or leaves the one of that name alone.
    public func createBucket(_ name: String) {
        buckets.withLock { buckets in
            if buckets[name] == nil { buckets[name] = S3Bucket(name: name, createdMilliseconds: now()) }
        }
    }

    /// An object's bytes; `nil` when there is no such bucket or key.
    public func object(bucket: String, key: String) -> Data? {
        buckets.withLock { $0[bucket]?.objects[key]?.data }
    }

    /// The keys of a bucket that begin with a prefix, in the order of their UTF-8 bytes.
    public func keys(bucket: String, prefix: String = "") -> [String] {
        buckets.withLock { buckets in
            (buckets[bucket]?.objects.keys.filter { $0.hasPrefix(prefix) } ?? []).sorted(by: S3Service.precedes)
        }
    }

    /// Puts an object as a client would.
    ///
    /// - Returns: whether the bucket exists.
    @discardableResult
    public func putObject(bucket: String, key: String, data: Data, contentType: String = "binary/octet-stream") -> Bool
    {
        let object = S3Object(
            data: data, entityTag: MD5.hexDigest(data), modifiedMilliseconds: now(),
            headers: ["Content-Type": contentType])
        return buckets.withLock { buckets in
            buckets[bucket]?.objects[key] = object
            return buckets[bucket] != nil
        }
    }

    /// Forgets every bucket and object.
    public func reset() {
        buckets.withLock { $0.removeAll() }
    }

    /// S3 lists in the order of the keys' UTF-8 bytes.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}

/// A request with its address taken apart.
struct S3Request: Sendable {
    let method: String
    let bucket: String?
    let key: String?
    let query: [(name: String, value: String)]
    let headers: HTTPHeaders
    let body: Data

    init(_ request: HTTPServerRequest) throws(AWSServiceError) {
        method = request.method
        headers = request.headers
        query = request.queryItems().map { (name: $0.0, value: $0.1) }
        let path = request.path.dropFirst(request.path.hasPrefix("/") ? 1 : 0)
        let slash = path.firstIndex(of: "/") ?? path.endIndex
        let bucketText = String(path[..<slash])
        // Everything behind the first slash is the key, further slashes included.
        let keyText = slash == path.endIndex ? "" : String(path[path.index(after: slash)...])
        guard let bucket = bucketText.removingPercentEncoding, let key = keyText.removingPercentEncoding else {
            throw AWSServiceError("InvalidURI", "Couldn't parse the specified URI: \(request.path)")
        }
        self.bucket = bucket.isEmpty ? nil : bucket
        self.key = key.isEmpty ? nil : key
        body = try Self.decodedBody(request)
    }

    func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    private static func decodedBody(_ request: HTTPServerRequest) throws(AWSServiceError) -> Data {
        let isChunked =
            request.headers["Content-Encoding"]?.lowercased().contains("aws-chunked") == true
            || request.headers["x-amz-content-sha256"]?.hasPrefix("STREAMING-") == true
        guard isChunked else { return request.body }
        guard let decoded = AWSChunkedBody.decode(request.body) else {
            throw AWSServiceError("InvalidRequest", "The body is not a well-formed aws-chunked body.")
        }
        if let length = request.headers["x-amz-decoded-content-length"], length != String(decoded.count) {
            throw AWSServiceError(
                "IncompleteBody",
                "x-amz-decoded-content-length says \(length) bytes, the body holds \(decoded.count).")
        }
        return decoded
    }
}

/// An answer being put together.
struct S3Answer: Sendable {
    var status = 200
    var headers: HTTPHeaders = [:]
    var body = Data()

    static func xml(_ root: String, _ content: (inout AWSXML) -> Void) -> S3Answer {
        var xml = AWSXML()
        xml.element(root, attributes: "xmlns=\"\(S3Service.namespace)\"", content)
        return S3Answer(headers: ["Content-Type": "application/xml"], body: xml.document)
    }

    static func error(_ error: AWSServiceError, resource: String, requestID: String) -> S3Answer {
        var xml = AWSXML()
        xml.element("Error") { body in
            body.element("Code", error.code)
            body.element("Message", error.message)
            body.element("Resource", resource)
            body.element("RequestId", requestID)
        }
        return S3Answer(
            status: error.status, headers: ["Content-Type": "application/xml"],
            // A 304 has no body.
            body: error.status == 304 ? Data() : xml.document)
    }
}
