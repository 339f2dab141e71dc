import Foundation
import Synchronization

extension S3Service {
    func listBuckets() -> S3Answer {
        let all = buckets.withLock { $0.values.sorted { $0.name < $1.name } }
        return .xml("ListAllMyBucketsResult") { xml in
            xml.element("Buckets") { list in
                for bucket in all {
                    list.element("Bucket") { element in
                        element.element("Name", bucket.name)
                        element.element("CreationDate", AWSDate.iso(bucket.createdMilliseconds))
                    }
                }
            }
            xml.element("Owner") { $0.element("ID", account.id) }
        }
    }

    func performOnBucket(_ request: S3Request, _ bucket: String) throws(AWSServiceError) -> S3Answer {
        switch request.method {
        case "PUT": return try createBucket(request, bucket)
        case "HEAD":
            try requireBucket(bucket)
            return S3Answer(headers: ["x-amz-bucket-region": account.region])
        case "DELETE": return try deleteBucket(bucket)
        case "GET" where request.parameter("location") != nil: return try location(bucket)
        case "GET": return try listObjects(request, bucket)
        case "POST" where request.parameter("delete") != nil: return try deleteObjects(request, bucket)
        default: throw methodNotAllowed(request, "a bucket")
        }
    }

    private func requireBucket(_ name: String) throws(AWSServiceError) {
        guard buckets.withLock({ $0[name] != nil }) else { throw noSuchBucket(name) }
    }

    private func createBucket(_ request: S3Request, _ name: String) throws(AWSServiceError) -> S3Answer {
        let isWellFormed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isWellFormed, (3...63).contains(name.utf8.count) else {
            throw AWSServiceError("InvalidBucketName", "The specified bucket is not valid: \(name)")
        }
        let region = account.region
        try buckets.withLock { (buckets) throws(AWSServiceError) in
            if buckets[name] != nil {
                // The oldest region answers a repeated creation with success, every other one with this.
                if region == "us-east-1" { return }
                throw AWSServiceError(
                    "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it: \(name)",
                    status: 409)
            }
            buckets[name] = S3Bucket(name: name, createdMilliseconds: now())
        }
        return S3Answer(headers: ["Location": "/\(name)"])
    }

    private func deleteBucket(_ name: String) throws(AWSServiceError) -> S3Answer {
        try buckets.withLock { (buckets) throws(AWSServiceError) in
            guard let bucket = buckets[name] else { throw noSuchBucket(name) }
            guard bucket.objects.isEmpty else {
                throw AWSServiceError(
                    "BucketNotEmpty", "The bucket you tried to delete is not empty: \(name)", status: 409)
            }
            buckets[name] = nil
        }
        return S3Answer(status: 204)
    }

    private func location(_ name: String) throws(AWSServiceError) -> S3Answer {
        try requireBucket(name)
        // For us-east-1 the element is empty.
        var xml = AWSXML()
        xml.element("LocationConstraint", account.region == "us-east-1" ? "" : account.region)
        return S3Answer(headers: ["Content-Type": "application/xml"], body: xml.document)
    }

    // MARK: Listing

    private func listObjects(_ request: S3Request, _ name: String) throws(AWSServiceError) -> S3Answer {
        guard request.parameter("list-type") == "2" else {
            throw AWSServiceError(
                "NotImplemented", "The local emulator lists objects with 'list-type=2' (ListObjectsV2) only.",
                status: 501)
        }
        guard let bucket = buckets.withLock({ $0[name] }) else { throw noSuchBucket(name) }
        let listing = try S3Listing(request, bucket)
        let encode: (String) -> String = { text in
            guard request.parameter("encoding-type") == "url" else { return text }
            return text.addingPercentEncoding(withAllowedCharacters: S3Listing.unescaped) ?? text
        }
        return .xml("ListBucketResult") { xml in
            xml.element("Name", name)
            xml.element("Prefix", encode(request.parameter("prefix") ?? ""))
            if let delimiter = request.parameter("delimiter") { xml.element("Delimiter", encode(delimiter)) }
            if let type = request.parameter("encoding-type") { xml.element("EncodingType", type) }
            if let token = request.parameter("continuation-token") { xml.element("ContinuationToken", token) }
            xml.element("MaxKeys", String(listing.limit))
            xml.element("KeyCount", String(listing.entries.count))
            xml.element("IsTruncated", listing.nextToken == nil ? "false" : "true")
            if let token = listing.nextToken { xml.element("NextContinuationToken", token) }
            for case .object(let key) in listing.entries {
                guard let object = bucket.objects[key] else { continue }
                xml.element("Contents") { element in
                    element.element("Key", encode(key))
                    element.element("LastModified", AWSDate.iso(object.modifiedMilliseconds))
                    element.element("ETag", "\"\(object.entityTag)\"")
                    element.element("Size", String(object.data.count))
                    element.element("StorageClass", "STANDARD")
                }
            }
            for case .commonPrefix(let prefix) in listing.entries {
                xml.element("CommonPrefixes") { $0.element("Prefix", encode(prefix)) }
            }
        }
    }

    // MARK: Deleting many

    private func deleteObjects(_ request: S3Request, _ name: String) throws(AWSServiceError) -> S3Answer {
        let document = try S3DeleteRequest(request.body)
        guard document.keys.count <= Self.maximumKeysPerDelete else {
            throw AWSServiceError("MalformedXML", "At most \(Self.maximumKeysPerDelete) keys can be deleted at once.")
        }
        try buckets.withLock { (buckets) throws(AWSServiceError) in
            guard buckets[name] != nil else { throw noSuchBucket(name) }
            for key in document.keys { buckets[name]?.objects[key] = nil }
        }
        return .xml("DeleteResult") { xml in
            guard !document.isQuiet else { return }
            for key in document.keys { xml.element("Deleted") { $0.element("Key", key) } }
        }
    }
}

/// One page of a bucket's keys.
struct S3Listing: Sendable {
    enum Entry: Sendable {
        case object(String)
        case commonPrefix(String)
    }

    /// What `encoding-type=url` leaves as it is.
    static let unescaped = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*/")

    let limit: Int
    private(set) var entries: [Entry] = []
    private(set) var nextToken: String?

    init(_ request: S3Request, _ bucket: S3Bucket) throws(AWSServiceError) {
        let requested = request.parameter("max-keys")
        guard let limit = requested.map({ Int($0) }) ?? S3Service.maximumKeysPerPage, limit >= 0 else {
            throw AWSServiceError("InvalidArgument", "Provided max-keys not an integer or within integer range")
        }
        self.limit = min(limit, S3Service.maximumKeysPerPage)
        let prefix = request.parameter("prefix") ?? ""
        let delimiter = request.parameter("delimiter").flatMap { $0.isEmpty ? nil : $0 }
        var after = request.parameter("start-after") ?? ""
        var listedBefore = ""
        if let token = request.parameter("continuation-token") {
            guard let data = Data(base64Encoded: token) else {
                throw AWSServiceError("InvalidArgument", "The continuation token provided is incorrect")
            }
            after = String(decoding: data, as: UTF8.self)
            listedBefore = after
        }
        let keys = bucket.objects.keys.filter { $0.hasPrefix(prefix) && S3Service.precedes(after, $0) }
            .sorted(by: S3Service.precedes)
        fill(keys, prefix: prefix, delimiter: delimiter, listedBefore: listedBefore)
    }

    private mutating func fill(_ keys: [String], prefix: String, delimiter: String?, listedBefore: String) {
        var lastPrefix: String?
        var lastKey = listedBefore
        for key in keys {
            var entry = Entry.object(key)
            if let delimiter, let range = key.dropFirst(prefix.count).range(of: delimiter) {
                let common = String(key[..<range.upperBound])
                // Keys of one common prefix follow each other; one that an earlier page ended in was listed there.
                if common == lastPrefix || listedBefore.hasPrefix(common) {
                    lastKey = key
                    continue
                }
                lastPrefix = common
                entry = .commonPrefix(common)
            }
            guard entries.count < limit else {
                if limit > 0 { nextToken = Data(lastKey.utf8).base64EncodedString() }
                return
            }
            entries.append(entry)
            lastKey = key
        }
    }
}

/// The body of a DeleteObjects call.
private struct S3DeleteRequest {
    var keys: [String] = []
    var isQuiet = false

    /// The document is flat and known, so the two elements that matter are cut out of the text.
    init(_ body: Data) throws(AWSServiceError) {
        let text = String(decoding: body, as: UTF8.self)
        guard text.contains("<Delete") else {
            throw AWSServiceError("MalformedXML", "The XML you provided was not well-formed or did not validate.")
        }
        for part in text.components(separatedBy: "<Key>").dropFirst() {
            guard let end = part.range(of: "</Key>") else {
                throw AWSServiceError("MalformedXML", "A <Key> is not closed.")
            }
            keys.append(Self.unescape(String(part[..<end.lowerBound])))
        }
        isQuiet = text.contains("<Quiet>true</Quiet>")
    }

    private static func unescape(_ text: String) -> String {
        text.replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
            .replacingOccurrences(of: "&quot;", with: "\"").replacingOccurrences(of: "&apos;", with: "'")
            .replacingOccurrences(of: "&#13;", with: "\r").replacingOccurrences(of: "&#10;", with: "\n")
            .replacingOccurrences(of: "&amp;", with: "&")
    }
}
