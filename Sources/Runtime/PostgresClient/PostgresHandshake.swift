import CPostgres
import Glibc

/// Opens connections of libpq step by step.
///
/// `PQconnectdbParams` would do it in one call, but tells why a server refused only in words, and in the server's
/// language. Between the steps libpq can be told to name the SQLSTATE in its messages, and that is how a password that
/// was rotated is told apart from a server that is away.
enum PostgresHandshake {
    /// A peer that vanished without a word is noticed after this long (the acknowledgement time of TCP_USER_TIMEOUT).
    private static let unacknowledgedMilliseconds = 10_000
    /// Invalid authorization specification and invalid password (PostgreSQL manual, appendix A, class 28).
    private static let authenticationStates: Set<String> = ["28000", "28P01"]

    /// A connection that is ready for statements; the caller closes it.
    static func connect(_ parameters: PostgresParameters) throws(PostgresError) -> OpaquePointer {
        guard let connection = start(parameters) else {
            throw .connectionFailed("libpq has no memory for a connection")
        }
        PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        do {
            try finish(connection, withinSeconds: parameters.connectTimeoutSeconds)
        } catch {
            let detail = "\(parameters): \(error.detail)"
            PQfinish(connection)
            let isRefused = !authenticationStates.isDisjoint(with: sqlStates(in: error.detail))
            throw isRefused ? .authenticationFailed(detail) : .connectionFailed(detail)
        }
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        return connection
    }

    private struct Failure: Error {
        let detail: String
    }

    private static func start(_ parameters: PostgresParameters) -> OpaquePointer? {
        var options: [(keyword: String, value: String)] = [
            ("host", parameters.host), ("port", String(parameters.port)), ("dbname", parameters.database),
            ("user", parameters.username), ("sslmode", parameters.sslMode.rawValue),
            ("application_name", parameters.applicationName), ("client_encoding", "UTF8"),
            ("tcp_user_timeout", String(unacknowledgedMilliseconds)),
        ]
        if let password = parameters.password { options.append(("password", password)) }
        if let file = parameters.rootCertificateFile { options.append(("sslrootcert", file)) }
        let keywords: [String?] = options.map(\.keyword) + [nil]
        let values: [String?] = options.map(\.value) + [nil]
        return CStrings.with(keywords) { keywords in
            CStrings.with(values) { values in PQconnectStartParams(keywords, values, 0) }
        }
    }

    /// Goes through the steps (PostgreSQL manual, 34.1, `PQconnectPoll`): waits for what the last step asked for.
    private static func finish(_ connection: OpaquePointer, withinSeconds seconds: Int) throws(Failure) {
        guard PQstatus(connection) != CONNECTION_BAD else { throw Failure(detail: message(of: connection)) }
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        var step = PGRES_POLLING_WRITING
        while step != PGRES_POLLING_OK {
            guard step != PGRES_POLLING_FAILED else { throw Failure(detail: message(of: connection)) }
            // The socket is another one for every address that libpq tries.
            let events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard wait(for: events, on: PQsocket(connection), until: deadline) else {
                throw Failure(detail: "no answer within \(seconds) s")
            }
            step = PQconnectPoll(connection)
        }
    }

    /// Whether the socket has something to say, be it an error, before the deadline.
    private static func wait(
        for events: Int32, on socket: Int32, until deadline: ContinuousClock.Instant
    ) -> Bool {
        while true {
            let remaining = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard remaining > 0 else { return false }
            var request = pollfd(fd: socket, events: Int16(events), revents: 0)
            let ready = poll(&request, 1, Int32(min(remaining.rounded(.up), Double(Int32.max))))
            guard ready < 0, errno == EINTR else { return ready > 0 }
        }
    }

    /// libpq's words on one line, without the places in the server's source that verbosity adds.
    private static func message(of connection: OpaquePointer) -> String {
        guard let text = PQerrorMessage(connection) else { return "no message" }
        return String(cString: text).split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("LOCATION:") }.joined(separator: "; ")
    }

    /// The SQLSTATEs in verbose messages, each between a severity and the text: `FATAL:  28P01: password …`.
    static func sqlStates(in message: String) -> Set<String> {
        Set(
            message.split(separator: ":").filter { part in
                part.hasPrefix("  ") && part.count == 7
                    && part.dropFirst(2).utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            }.map { String($0.dropFirst(2)) })
    }
}
