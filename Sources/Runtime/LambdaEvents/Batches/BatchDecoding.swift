import Wire

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A record of a batch, found in the payload by one pass.
protocol BatchRecord: Sendable {
    /// The event's type, for error messages.
    static var event: String { get }

    /// A record of a decoded batch.
    init(view: RecordView)

    /// Reads one record, a JSON object.
    ///
    /// - Parameters:
    ///   - row: gets the places of the fields.
    ///   - arena: gets what is decoded from base64.
    ///   - place: told which field is at hand before it can fail.
    static func read(
        _ scanner: inout JSONScanner, into row: inout RecordRow, _ arena: inout ByteBuffer, _ place: inout BatchPlace
    ) throws(JSONError)

    /// A field's path in its record, for error messages.
    static func path(ofField field: Int) -> String
}

/// What is being read, for error messages.
struct BatchPlace {
    /// Whether the document is known to be an object.
    var isInDocument = false
    /// The member of the document that is at hand.
    var section: StaticString = Self.records
    /// Counts from zero; `nil` outside of the array of records.
    var record: Int?
    /// A field of that record.
    var field: Int?
    /// What comes behind the field, in objects whose keys are anybody's: those are not told.
    var member: StaticString = ""

    /// The member that holds the records.
    static let records: StaticString = "Records"

    func path<Record: BatchRecord>(_: Record.Type) -> String {
        guard isInDocument else { return "the document" }
        guard let record else { return "\(section)" }
        return "\(section)[\(record)]" + (field.map { "." + Record.path(ofField: $0) + "\(member)" } ?? "")
    }
}

/// Decodes payloads of the form `{"Records":[…]}` in one pass over their bytes.
///
/// Only what identifies and carries a record must be there; any other field may be missing or null, so that one strange
/// record does not fail its batch. A value of another type is refused.
///
/// Foundation's decoder is the model, as the tests check: of duplicate keys the first counts, unknown ones are passed
/// over. Different on purpose: what is not looked at must be valid JSON as well, no trailing commas, only UTF-8.
enum BatchDecoding {
    /// Reads a member of the document other than the records, and tells its place before it can fail.
    ///
    /// It returns whether it did; otherwise nothing was read, and the member is passed over.
    typealias MemberReader = (
        _ key: JSONString, _ scanner: inout JSONScanner, _ place: inout BatchPlace
    ) throws(JSONError) -> Bool

    /// The smallest record that AWS sends is larger; so the table gets its size at once.
    private static let minimumRecordBytes = 512

    /// The records of a payload.
    static func records<Record: BatchRecord>(
        _: Record.Type, _ payload: Bytes, otherMembers: MemberReader = { _, _, _ in false }
    ) throws(LambdaEventError) -> [Record] {
        var place = BatchPlace()
        do throws(JSONError) {
            let table = try table(Record.self, payload, &place, otherMembers)
            return (0..<table.count).map { Record(view: RecordView(table: table, row: $0)) }
        } catch {
            throw LambdaEventError(
                expected: Record.event, detail: DecodingProblem.describe(error, path: place.path(Record.self)))
        }
    }

    private static func table<Record: BatchRecord>(
        _: Record.Type, _ payload: Bytes, _ place: inout BatchPlace, _ readOtherMember: MemberReader
    ) throws(JSONError) -> RecordTable {
        var columns: [UInt64] = []
        columns.reserveCapacity((payload.count / minimumRecordBytes + 1) * RecordRow.columnCount)
        var arena = ByteBuffer()
        try payload.withUnsafeBytes { (document) throws(JSONError) in
            var scanner = try JSONScanner(document)
            var isFound = false
            try scanner.enterObject()
            place.isInDocument = true
            while let key = try scanner.nextKey() {
                if !isFound, scanner.withText(of: key, { $0.isEqual(to: BatchPlace.records) }) {
                    isFound = true
                    place.section = BatchPlace.records
                    try readRecords(Record.self, &scanner, into: &columns, &arena, &place)
                } else if try !readOtherMember(key, &scanner, &place) {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
            place.section = BatchPlace.records
            guard isFound else { throw JSONError(.isMissing, at: scanner.position) }
        }
        return RecordTable(document: payload, arena: arena.takeBytes(), columns: columns)
    }

    private static func readRecords<Record: BatchRecord>(
        _: Record.Type, _ scanner: inout JSONScanner, into columns: inout [UInt64], _ arena: inout ByteBuffer,
        _ place: inout BatchPlace
    ) throws(JSONError) {
        try scanner.enterArray()
        var count = 0
        while try scanner.nextElement() {
            place.record = count
            place.field = nil
            var row = RecordRow()
            try Record.read(&scanner, into: &row, &arena, &place)
            row.append(to: &columns)
            count += 1
        }
        place.record = nil
    }
}

/// Says what is wrong with a payload without quoting it, for it may hold customer data.
enum DecodingProblem {
    static func describe(_ error: JSONError, path: String) -> String {
        error.problem.isSyntax ? "not JSON: \(error.problem) at byte \(error.offset)" : "\(path) \(error.problem)"
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are a literal's bytes; the compiler turns this into a few comparisons of words.
    @inline(__always)
    func isEqual(to literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }
}
