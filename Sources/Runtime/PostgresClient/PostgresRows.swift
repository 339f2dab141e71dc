import CPostgres
import FoundationEssentials

/// The rows a statement returned, or how many it changed.
///
/// Rows stay in libpq's memory until the last reference goes; only the values that are asked for are copied.
// @unchecked: a PGresult is never changed after the server's answer is complete, and libpq allows reading one from any
// thread (PostgreSQL manual, 34.20).
public final class PostgresRows: @unchecked Sendable {
    private let result: OpaquePointer
    private let columnNumbers: [String: Int32]

    /// Takes ownership of a successful result.
    init(owning result: OpaquePointer) {
        self.result = result
        var numbers: [String: Int32] = [:]
        for column in 0..<PQnfields(result) {
            guard let name = PQfname(result, column) else { continue }
            numbers[String(cString: name)] = column
        }
        columnNumbers = numbers
    }

    deinit {
        PQclear(result)
    }

    /// How many rows came back.
    public var count: Int { Int(PQntuples(result)) }

    /// How many rows INSERT, UPDATE, DELETE or SELECT touched; 0 for other commands.
    public var affectedCount: Int {
        guard let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The server's command tag, for example `COMMIT` or `INSERT 0 3`.
    var commandTag: String {
        guard let text = PQcmdStatus(result) else { return "" }
        return String(cString: text)
    }

    /// The rows in the server's order.
    public var rows: some Sequence<PostgresRow> {
        (0..<count).lazy.map { PostgresRow(rows: self, number: Int32($0)) }
    }

    /// The first row, or `nil` when there is none.
    public var first: PostgresRow? {
        count > 0 ? PostgresRow(rows: self, number: 0) : nil
    }

    fileprivate func text(_ column: String, row: Int32) throws(PostgresError) -> String? {
        guard let number = columnNumbers[column] else {
            throw .unexpectedResult("the result has no column \(column)")
        }
        guard PQgetisnull(result, row, number) == 0, let value = PQgetvalue(result, row, number) else { return nil }
        return String(cString: value)
    }
}

/// One row of a result.
public struct PostgresRow: Sendable {
    fileprivate let rows: PostgresRows
    fileprivate let number: Int32

    /// A column as text, `nil` for NULL.
    public func optionalText(_ column: String) throws(PostgresError) -> String? {
        try rows.text(column, row: number)
    }

    /// A column as text; NULL is an error.
    public func text(_ column: String) throws(PostgresError) -> String {
        guard let value = try optionalText(column) else { throw .unexpectedResult("\(column) is NULL") }
        return value
    }

    /// A column as an integer of up to 64 bits; NULL is an error.
    public func integer(_ column: String) throws(PostgresError) -> Int64 {
        let value = try text(column)
        guard let integer = Int64(value) else { throw .unexpectedResult("\(column) is not a 64-bit integer") }
        return integer
    }

    /// A column as a truth value; NULL is an error.
    public func boolean(_ column: String) throws(PostgresError) -> Bool {
        switch try text(column) {
        case "t": return true
        case "f": return false
        default: throw .unexpectedResult("\(column) is not a boolean")
        }
    }

    /// A `timestamptz` column, `nil` for NULL.
    public func optionalTimestamp(_ column: String) throws(PostgresError) -> Date? {
        guard let value = try optionalText(column) else { return nil }
        guard let date = PostgresTimestamp.date(of: value) else {
            throw .unexpectedResult("\(column) is not a timestamp with time zone")
        }
        return date
    }

    /// A `timestamptz` column; NULL is an error.
    public func timestamp(_ column: String) throws(PostgresError) -> Date {
        guard let date = try optionalTimestamp(column) else { throw .unexpectedResult("\(column) is NULL") }
        return date
    }
}
