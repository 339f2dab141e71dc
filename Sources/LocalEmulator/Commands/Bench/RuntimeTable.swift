import Foundation

/// Rows under a title, to be printed for a terminal or for a document; the first column holds names.
struct RuntimeTable: Sendable, Equatable {
    let title: String
    /// The heading of each column; the first one's names what the rows are.
    let header: [String]
    let rows: [[String]]

    /// Aligned with spaces, without the title.
    var lines: [String] {
        Console.table([header] + rows, right: Set(1..<header.count))
    }

    /// As Markdown, with the title as a heading.
    var markdown: [String] {
        let alignment = ["---"] + [String](repeating: "--:", count: header.count - 1)
        return ["### \(title)", "", Self.row(header), "|" + alignment.joined(separator: "|") + "|"]
            + rows.map(Self.row) + [""]
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// A figure with so many decimals.
    static func text(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

    /// A limit as a goal states it: 1.25, 500.
    static func plain(_ value: Double) -> String { String(format: "%g", value) }
}
