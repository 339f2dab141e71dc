/// Why a private server could not be had.
public enum LocalServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A program is not installed.
    case programMissing(server: String, program: String, searched: [String], package: String)
    /// Another process listens on the port that was asked for.
    case portTaken(server: String, port: Int)
    /// The data directory cannot be made, or the server's account cannot reach it.
    case directoryUnusable(server: String, path: String, reason: String)
    /// A program that prepares the server failed.
    case preparationFailed(server: String, program: String, reason: String, lastLines: [String])
    /// The server ended before it was ready.
    case diedAtStart(server: String, exit: String, lastLines: [String])
    /// The server runs but did not become ready in time.
    case notReady(server: String, afterMilliseconds: Int, lastLines: [String])
    /// What was asked for needs a running server.
    case notRunning(server: String)

    public var description: String {
        switch self {
        case .programMissing(let server, let program, let searched, let package):
            "\(server): the program \(program) is not installed (looked in \(searched.joined(separator: ", "))); "
                + "on Debian or Ubuntu: apt-get install \(package)"
        case .portTaken(let server, let port):
            "\(server): port \(port) on 127.0.0.1 is already taken; stop what listens there or choose another port"
        case .directoryUnusable(let server, let path, let reason):
            "\(server): the data directory \(path) cannot be used: \(reason)"
        case .preparationFailed(let server, let program, let reason, let lines):
            "\(server): \(program) failed (\(reason))" + Self.quoted(lines)
        case .diedAtStart(let server, let exit, let lines):
            "\(server): ended at start (\(exit))" + Self.quoted(lines)
        case .notReady(let server, let milliseconds, let lines):
            "\(server): not ready after \(milliseconds) ms" + Self.quoted(lines)
        case .notRunning(let server):
            "\(server): not running"
        }
    }

    private static func quoted(_ lines: [String]) -> String {
        lines.isEmpty ? "; it printed nothing" : ":\n" + lines.map { "  " + $0 }.joined(separator: "\n")
    }
}
