import Cryptography
import CurlEventLoop
import Foundation
import HTTPClient
import Synchronization

extension S3Service {
    /// Performs one request, told apart by method, address and sub-resource.
    func perform(_ request: S3Request) throws(AWSServiceError) -> S3Answer {
        try refuseUnknownSubresource(request)
        guard let bucket = request.bucket else {
            guard request.method == "GET" else { throw methodNotAllowed(request, "the list of buckets") }
            return listBuckets()
        }
        guard let key = request.key else { return try performOnBucket(request, bucket) }
        guard key.utf8.count <= Self.maximumKeyBytes else {
            throw AWSServiceError("KeyTooLongError", "Your key is too long: at most \(Self.maximumKeyBytes) bytes.")
        }
        switch request.method {
        case "PUT": return try putObject(request, bucket, key)
        case "GET", "HEAD": return try getObject(request, bucket, key)
        case "DELETE": return try deleteObject(bucket, key)
        default: throw methodNotAllowed(request, "an object")
        }
    }

    /// Parameters that change nothing about what is done; every other one names a feature, such as `uploads`.
    private static let harmlessParameters: Set<String> = [
        "list-type", "prefix", "delimiter", "max-keys", "continuation-token", "start-after", "encoding-type",
        "fetch-owner", "location", "delete", "x-id",
    ]

    private func refuseUnknownSubresource(_ request: S3Request) throws(AWSServiceError) {
        let unknown = request.query.first { item in
            !Self.harmlessParameters.contains(item.name) && !item.name.hasPrefix("X-Amz-")
                && !item.name.hasPrefix("response-")
        }
        if let unknown {
            throw AWSServiceError(
                "NotImplemented", "The local emulator does not offer '?\(unknown.name)' of S3.", status: 501)
        }
        if request.headers["x-amz-copy-source"] != nil {
            throw AWSServiceError("NotImplemented", "The local emulator does not offer CopyObject of S3.", status: 501)
        }
    }

    func methodNotAllowed(_ request: S3Request, _ what: String) -> AWSServiceError {
        AWSServiceError(
            "MethodNotAllowed", "The method \(request.method) is not allowed against \(what).", status: 405)
    }

    func noSuchBucket(_ name: String) -> AWSServiceError {
        AWSServiceError("NoSuchBucket", "The specified bucket does not exist: \(name)", status: 404)
    }

    // MARK: Objects

    private func putObject(_ request: S3Request, _ bucket: String, _ key: String) throws(AWSServiceError) -> S3Answer {
        if let sent = request.headers["Content-MD5"] {
            let actual = Hex.decode(MD5.hexDigest(request.body)).map { Data($0).base64EncodedString() }
            guard sent == actual else {
                throw AWSServiceError(
                    "BadDigest", "The Content-MD5 you specified did not match what we received: \(sent)")
            }
        }
        let object = S3Object(
            data: request.body, entityTag: MD5.hexDigest(request.body), modifiedMilliseconds: now(),
            headers: Self.keptHeaders(request.headers))
        let ifNoneMatch = request.headers["If-None-Match"]
        let ifMatch = request.headers["If-Match"]
        try buckets.withLock { (buckets) throws(AWSServiceError) in
            guard let existing = buckets[bucket]?.objects else { throw noSuchBucket(bucket) }
            if let ifNoneMatch, Self.matches(ifNoneMatch, existing[key]) {
                throw Self.preconditionFailed("If-None-Match")
            }
            if let ifMatch {
                guard let current = existing[key] else { throw Self.noSuchKey(key) }
                guard Self.matches(ifMatch, current) else { throw Self.preconditionFailed("If-Match") }
            }
            buckets[bucket]?.objects[key] = object
        }
        return S3Answer(headers: ["ETag": "\"\(object.entityTag)\""])
    }

    private func getObject(_ request: S3Request, _ bucket: String, _ key: String) throws(AWSServiceError) -> S3Answer {
        let object = try buckets.withLock { (buckets) throws(AWSServiceError) in
            guard let bucket = buckets[bucket] else { throw noSuchBucket(bucket) }
            guard let object = bucket.objects[key] else { throw Self.noSuchKey(key) }
            return object
        }
        if let ifMatch = request.headers["If-Match"], !Self.matches(ifMatch, object) {
            throw Self.preconditionFailed("If-Match")
        }
        if let ifNoneMatch = request.headers["If-None-Match"], Self.matches(ifNoneMatch, object) {
            throw AWSServiceError("NotModified", "Not Modified", status: 304)
        }
        var answer = S3Answer(body: object.data)
        for (name, value) in object.headers { answer.headers[name] = value }
        answer.headers["ETag"] = "\"\(object.entityTag)\""
        answer.headers["Last-Modified"] = object.httpDate
        answer.headers["Accept-Ranges"] = "bytes"
        if let range = request.headers["Range"] { try Self.cut(&answer, to: range) }
        return answer
    }

    /// `bytes=a-b`, `bytes=a-` and `bytes=-n`; anything else is ignored, as HTTP allows.
    private static func cut(_ answer: inout S3Answer, to header: String) throws(AWSServiceError) {
        let count = answer.body.count
        guard header.hasPrefix("bytes="), !header.contains(",") else { return }
        let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return }
        let range: Range<Int>
        switch (Int(bounds[0]), Int(bounds[1])) {
        case (let first?, let last?) where first <= last: range = first..<max(first, min(last + 1, count))
        case (let first?, nil) where bounds[1].isEmpty: range = first..<max(first, count)
        case (nil, let suffix?) where bounds[0].isEmpty: range = max(0, count - suffix)..<count
        default: return
        }
        guard !range.isEmpty, range.lowerBound < count else {
            throw AWSServiceError("InvalidRange", "The requested range is not satisfiable: \(header)", status: 416)
        }
        answer.status = 206
        answer.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)"
        answer.body = Data(answer.body.dropFirst(range.lowerBound).prefix(range.count))
    }

    /// Deleting what is not there succeeds.
    private func deleteObject(_ bucket: String, _ key: String) throws(AWSServiceError) -> S3Answer {
        try buckets.withLock { (buckets) throws(AWSServiceError) in
            guard buckets[bucket] != nil else { throw noSuchBucket(bucket) }
            buckets[bucket]?.objects[key] = nil
        }
        return S3Answer(status: 204)
    }

    private static func keptHeaders(_ headers: HTTPHeaders) -> [String: String] {
        var kept = ["Content-Type": headers["Content-Type"] ?? "binary/octet-stream"]
        for name in ["Cache-Control", "Content-Disposition", "Content-Language", "Expires"] {
            kept[name] = headers[name]
        }
        // The transfer's own coding is not part of the object.
        let codings = (headers["Content-Encoding"] ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { $0 != "aws-chunked" && !$0.isEmpty }
        if !codings.isEmpty { kept["Content-Encoding"] = codings.joined(separator: ",") }
        for (name, value) in headers.pairs where name.lowercased().hasPrefix("x-amz-meta-") {
            kept[name.lowercased()] = value
        }
        return kept
    }

    private static func matches(_ header: String, _ object: S3Object?) -> Bool {
        guard let object else { return false }
        return header.split(separator: ",").contains { tag in
            let tag = tag.trimmingCharacters(in: .whitespaces)
            return tag == "*" || tag == "\"\(object.entityTag)\"" || tag == object.entityTag
        }
    }

    private static func preconditionFailed(_ header: String) -> AWSServiceError {
        AWSServiceError(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold: \(header)", status: 412)
    }

    private static func noSuchKey(_ key: String) -> AWSServiceError {
        AWSServiceError("NoSuchKey", "The specified key does not exist: \(key)", status: 404)
    }
}
