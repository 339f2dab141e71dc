import Wire

/// Where the fields of a batch's records are.
///
/// One table holds all records: one reference to count, no text built before somebody asks for it.
final class RecordTable: Sendable {
    /// What the texts are in: the payload itself, or what a record was made of.
    let document: Bytes
    /// What was decoded from base64.
    let arena: Bytes
    /// The rows, one behind the other.
    private let columns: [UInt64]

    init(document: Bytes, arena: Bytes, columns: [UInt64]) {
        self.document = document
        self.arena = arena
        self.columns = columns
    }

    /// How many records there are.
    var count: Int { columns.count / RecordRow.columnCount }

    fileprivate func column(_ column: Int, row: Int) -> UInt64 { columns[row * RecordRow.columnCount + column] }
}

/// One record's fields while they are found.
struct RecordRow {
    /// Enough for the event with the most fields: a Kinesis record with its payload.
    typealias Columns = InlineArray<13, UInt64>

    static var columnCount: Int { Columns.count }
    /// What no place and no number looks like: the fields that are not there.
    fileprivate static let absent = UInt64.max

    private var columns = Columns(repeating: absent)

    /// Notes where a text is; `nil` leaves the field out.
    mutating func set(_ column: Int, _ string: JSONString?) {
        guard let string else { return }
        columns[column] = FieldPlace(string).bits
    }

    /// Notes where a value is, or bytes in the arena.
    mutating func set(_ column: Int, _ range: Range<Int>) {
        columns[column] = FieldPlace(JSONString(offset: range.lowerBound, count: range.count, isEscaped: false)).bits
    }

    /// Notes a number; NaN cannot be told from an absent one, and is none in JSON.
    mutating func set(_ column: Int, _ number: Double) {
        columns[column] = number.bitPattern
    }

    /// Appends the row to a table's columns.
    func append(to table: inout [UInt64]) {
        columns.span.withUnsafeBufferPointer { table.append(contentsOf: $0) }
    }
}

/// A place in 64 bits: 31 for the offset, 1 for escapes, 32 for the length. `JSONScanner` bounds offset and length.
private struct FieldPlace {
    let bits: UInt64

    init(bits: UInt64) {
        self.bits = bits
    }

    init(_ string: JSONString) {
        bits =
            UInt64(UInt32(truncatingIfNeeded: string.count)) << 32 | (string.isEscaped ? 1 << 31 : 0)
            | UInt64(UInt32(truncatingIfNeeded: string.offset))
    }

    var string: JSONString {
        JSONString(offset: Int(bits & 0x7FFF_FFFF), count: Int(bits >> 32), isEscaped: bits & 1 << 31 != 0)
    }
}

/// One record: a row of a table.
struct RecordView: Sendable {
    let table: RecordTable
    let row: Int

    private func place(_ column: Int) -> JSONString? {
        let bits = table.column(column, row: row)
        return bits == RecordRow.absent ? nil : FieldPlace(bits: bits).string
    }

    /// A text that need not be there.
    func optionalText(_ column: Int) -> String? { place(column)?.text(in: table.document) }

    /// A text; empty when it is not there.
    func text(_ column: Int) -> String { optionalText(column) ?? "" }

    /// A text's UTF-8, without a copy where nothing is escaped.
    func textBytes(_ column: Int) -> Bytes { place(column)?.bytes(in: table.document) ?? Bytes() }

    /// Bytes decoded from base64, without a copy.
    func data(_ column: Int) -> Bytes { place(column)?.bytes(in: table.arena) ?? Bytes() }

    /// A number; zero when it is not there.
    func number(_ column: Int) -> Double {
        let bits = table.column(column, row: row)
        return bits == RecordRow.absent ? 0 : Double(bitPattern: bits)
    }
}

/// Makes a record of its parts, as a table of one row.
struct RecordBuilder: ~Copyable {
    private var document = ByteBuffer()
    private var arena = Bytes()
    private var row = RecordRow()

    /// Sets a text; `nil` leaves the field out.
    mutating func set(_ column: Int, _ text: String?) {
        guard let text else { return }
        let start = document.count
        document.append(utf8: text)
        row.set(column, start..<document.count)
    }

    /// Sets a value that is JSON.
    mutating func set(_ column: Int, json: Bytes) {
        let start = document.count
        document.append(json)
        row.set(column, start..<document.count)
    }

    /// Sets the bytes that are base64 in JSON.
    mutating func set(_ column: Int, data: Bytes) {
        arena = data
        row.set(column, 0..<data.count)
    }

    /// Sets a number.
    mutating func set(_ column: Int, _ number: Double) {
        row.set(column, number)
    }

    /// The record.
    consuming func build() -> RecordView {
        var columns: [UInt64] = []
        row.append(to: &columns)
        return RecordView(table: RecordTable(document: document.takeBytes(), arena: arena, columns: columns), row: 0)
    }
}
