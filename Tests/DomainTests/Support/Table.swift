/// A table of words: the first line names the columns, the first word of each line the row; `-` is an empty cell.
struct Table: Equatable {
    private let cells: [String: [String: String]]

    init(_ text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        var cells: [String: [String: String]] = [:]
        for line in lines.dropFirst() {
            precondition(line.count == lines[0].count, "ragged table: \(line)")
            cells[line[0]] = Dictionary(uniqueKeysWithValues: zip(lines[0].dropFirst(), line.dropFirst()))
        }
        self.cells = cells
    }

    init(rows: [String], columns: [String], cell: (_ row: Int, _ column: Int) throws -> String?) rethrows {
        var cells: [String: [String: String]] = [:]
        for (rowIndex, row) in rows.enumerated() {
            for (columnIndex, column) in columns.enumerated() {
                cells[row, default: [:]][column] = try cell(rowIndex, columnIndex) ?? "-"
            }
        }
        self.cells = cells
    }
}
