import Foundation

/// What people read: progress and errors on standard error, results on standard output, colour only on a terminal.
struct Console: Sendable {
    /// Colours with a meaning.
    enum Style: String {
        case good = "32"
        case bad = "31"
        case warning = "33"
        case faint = "2"
        case strong = "1"
    }

    private let colours: Bool
    private let start = Date()

    init() {
        colours = isatty(1) == 1 && isatty(2) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    }

    /// Writes a line of the result.
    func print(_ line: String = "") {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// Says what is going on, with the time since the start.
    func progress(_ line: String) {
        let seconds = Date().timeIntervalSince(start)
        let time = String(format: "%5.1f s", seconds)
        write(styled(time, .faint) + "  " + line)
    }

    /// Says what is wrong.
    func error(_ message: String) {
        for line in message.split(separator: "\n") { write(styled("fincore: ", .bad) + line) }
    }

    /// The text in a style, when there is a terminal to show it.
    func styled(_ text: String, _ style: Style) -> String {
        colours ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Rows as aligned columns; numbers in columns named in `right` stand right-aligned.
    static func table(_ rows: [[String]], right: Set<Int> = []) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += right.contains(column) ? padding + cell : cell + padding
                if column < row.count - 1 { line += "  " }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    private func write(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
