/// Changes of objects in an S3 bucket (event source `aws:s3`).
public struct S3Event: Codable, Sendable, Equatable {
    /// The changes.
    public var records: [Record]

    /// An event of these changes.
    public init(records: [Record]) {
        self.records = records
    }

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    /// One change.
    public struct Record: Codable, Sendable, Equatable {
        /// Version of the record's shape, `2.x`; the first number grows when something breaks.
        public var eventVersion: String
        /// `aws:s3`.
        public var eventSource: String
        /// The bucket's region.
        public var awsRegion: String
        /// When S3 finished the change, RFC 3339 with milliseconds, UTC.
        public var eventTime: String
        /// What happened, without `s3:`, for example `ObjectCreated:Put`.
        public var eventName: String
        /// Who did it.
        public var userIdentity: Principal?
        /// Where the request came from.
        public var requestParameters: RequestParameters?
        /// How S3 names the request, for its support.
        public var responseElements: [String: String]?
        /// What was changed.
        public var s3: Entity
        /// Of a restored object: until when the copy lives, and where it came from.
        public var glacierEventData: JSONTree?
        /// Of an object that was moved: the tier it is in now.
        public var intelligentTieringEventData: JSONTree?
        /// Of an object that was or was not replicated: how it went.
        public var replicationEventData: JSONTree?
        /// Of an object whose storage class was changed: the new one.
        public var lifecycleEventData: JSONTree?

        /// A change made of its parts.
        public init(
            eventName: String, eventTime: String, awsRegion: String, s3: Entity, userIdentity: Principal? = nil,
            requestParameters: RequestParameters? = nil, responseElements: [String: String]? = nil,
            eventVersion: String = "2.1", eventSource: String = "aws:s3"
        ) {
            self.eventVersion = eventVersion
            self.eventSource = eventSource
            self.awsRegion = awsRegion
            self.eventTime = eventTime
            self.eventName = eventName
            self.userIdentity = userIdentity
            self.requestParameters = requestParameters
            self.responseElements = responseElements
            self.s3 = s3
        }
    }

    /// Who did or owns something.
    public struct Principal: Codable, Sendable, Equatable {
        /// The account, user or service.
        public var principalID: String

        /// A principal of this id.
        public init(principalID: String) {
            self.principalID = principalID
        }

        enum CodingKeys: String, CodingKey {
            case principalID = "principalId"
        }
    }

    /// Where a request came from.
    public struct RequestParameters: Codable, Sendable, Equatable {
        /// The client's address, or the name of an AWS service.
        public var sourceIPAddress: String

        /// A request from there.
        public init(sourceIPAddress: String) {
            self.sourceIPAddress = sourceIPAddress
        }
    }

    /// What was changed.
    public struct Entity: Codable, Sendable, Equatable {
        /// Version of this shape.
        public var s3SchemaVersion: String
        /// Names the notification in the bucket's configuration.
        public var configurationID: String?
        /// The bucket.
        public var bucket: Bucket
        /// The object.
        public var object: Object

        /// An object in a bucket.
        public init(
            bucket: Bucket, object: Object, configurationID: String? = nil, s3SchemaVersion: String = "1.0"
        ) {
            self.s3SchemaVersion = s3SchemaVersion
            self.configurationID = configurationID
            self.bucket = bucket
            self.object = object
        }

        enum CodingKeys: String, CodingKey {
            case s3SchemaVersion, bucket, object
            case configurationID = "configurationId"
        }
    }

    /// A bucket.
    public struct Bucket: Codable, Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Whose it is.
        public var ownerIdentity: Principal?
        /// Its ARN.
        public var arn: String

        /// A bucket made of its parts.
        public init(name: String, ownerIdentity: Principal? = nil, arn: String) {
            self.name = name
            self.ownerIdentity = ownerIdentity
            self.arn = arn
        }
    }

    /// An object, as it was after the change.
    public struct Object: Codable, Sendable, Equatable {
        /// The key as S3 sends it, in the form encoding of URLs; `decodedKey` is the key itself.
        public var key: String
        /// Bytes; `nil` when the object was deleted.
        public var size: Int64?
        /// The entity tag; `nil` when the object was deleted.
        public var eTag: String?
        /// The version, in a bucket that keeps versions.
        public var versionID: String?
        /// Hexadecimal digits that order the changes of one key: pad the shorter one with zeros on the right.
        public var sequencer: String?

        /// An object made of its parts; the key in the form encoding of URLs.
        public init(
            key: String, size: Int64? = nil, eTag: String? = nil, versionID: String? = nil, sequencer: String? = nil
        ) {
            self.key = key
            self.size = size
            self.eTag = eTag
            self.versionID = versionID
            self.sequencer = sequencer
        }

        /// The object's key: percent escapes decoded, `+` a space.
        public var decodedKey: String { FormText.decoded(key) }

        enum CodingKeys: String, CodingKey {
            case key, size, eTag, sequencer
            case versionID = "versionId"
        }
    }
}
