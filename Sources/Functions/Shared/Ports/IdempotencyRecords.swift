import Domain
import FoundationEssentials

/// A JSON answer, kept so that a repeated request gets the same bytes.
public struct StoredResponse: Sendable, Equatable, Codable {
    /// The HTTP status.
    public let status: Int
    /// The JSON document.
    public let body: Data

    /// An answer made of its parts.
    public init(status: Int, body: Data) {
        self.status = status
        self.body = body
    }
}

/// What stands behind an idempotency key.
public struct IdempotencyRecord: Sendable, Equatable {
    /// Merchant and key; one merchant's keys never meet another's.
    public let id: String
    /// Tells whether a later request with the same key is the same request.
    public let fingerprint: String
    /// The ids every step of the request uses, by name, however often the request is run.
    public let allottedIDs: [String: String]
    /// Who may run the request; a new name for every run.
    public let leaseOwner: String
    /// Until when the owner may run it; afterwards the same request may be resumed by another run.
    public let leaseExpiresAtMilliseconds: Int64
    /// The answer, once there is one.
    public let response: StoredResponse?
    /// When a finished record may be forgotten. A record without an answer is never forgotten: its request may have
    /// had effects, and forgetting it would free the key for a second charge.
    public let expiresAtSeconds: Int64?

    /// A record made of its parts.
    public init(
        id: String, fingerprint: String, allottedIDs: [String: String], leaseOwner: String,
        leaseExpiresAtMilliseconds: Int64, response: StoredResponse? = nil, expiresAtSeconds: Int64? = nil
    ) {
        self.id = id
        self.fingerprint = fingerprint
        self.allottedIDs = allottedIDs
        self.leaseOwner = leaseOwner
        self.leaseExpiresAtMilliseconds = leaseExpiresAtMilliseconds
        self.response = response
        self.expiresAtSeconds = expiresAtSeconds
    }
}

/// The durable store of idempotency records. Each call is one atomic, conditional write.
public protocol IdempotencyRecords: Sendable {
    /// Writes the record if none stands under its id, or only one whose `expiresAtSeconds` is not after `nowSeconds`.
    ///
    /// - Returns: the record that stands afterwards; it is the caller's own exactly if the lease owner is the caller's.
    func create(_ record: IdempotencyRecord, nowSeconds: Int64) async throws(RecordStoreError) -> IdempotencyRecord

    /// Moves the lease of an unfinished record from `previousOwner` to `owner`.
    ///
    /// - Returns: whether `owner` holds the lease now.
    func takeLease(
        id: String, from previousOwner: String, to owner: String, expiresAtMilliseconds: Int64
    ) async throws(RecordStoreError) -> Bool

    /// Stores the answer of the run that holds the lease.
    ///
    /// - Returns: the answer that stands: the given one, or the one another run stored before; `nil` when another run
    ///   holds the lease and has not answered yet.
    func finish(
        id: String, owner: String, response: StoredResponse, expiresAtSeconds: Int64
    ) async throws(RecordStoreError) -> StoredResponse?
}

/// A fast store in front of the durable one. It may forget anything at any time and never fails its caller.
public protocol ResponseCache: Sendable {
    /// The bytes under a name, or `nil`.
    func value(for name: String) async -> Data?
    /// Keeps the bytes for a time, as far as the store can.
    func store(_ value: Data, for name: String, expirySeconds: Int) async
}
