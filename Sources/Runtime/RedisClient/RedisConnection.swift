import FoundationEssentials

/// An authenticated connection on which one command at a time goes out and its answer comes back. Not thread-safe.
final class RedisConnection {
    private let socket: RedisSocket
    private var received: [UInt8] = []

    /// Connects, authenticates and selects the database, all within the deadline.
    init(_ location: RedisLocation, certificateAuthorityFile: String?, by deadline: Deadline) throws(RedisError) {
        socket = try RedisSocket(location, certificateAuthorityFile: certificateAuthorityFile, by: deadline)
        if let password = location.password {
            let credentials = [location.username, password].compactMap { $0 }
            try expectOK(["AUTH"] + credentials, step: "authentication", by: deadline)
        }
        if location.database != 0 {
            try expectOK(["SELECT", String(location.database)], step: "selecting the database", by: deadline)
        }
    }

    /// Whether the next command can be sent; after an error that broke the stream it cannot.
    var isUsable: Bool { received.isEmpty && socket.isIdleAndOpen }

    /// Sends a command and waits for its answer. After an error the connection must not be used again: the answer
    /// might still come and be taken for that of the next command.
    func execute(_ arguments: [Data], by deadline: Deadline) throws(RedisError) -> RESPReply {
        try socket.send(RESP.encode(arguments), by: deadline)
        while true {
            if let (reply, length) = try RESP.decode(received) {
                guard length == received.count else { throw .protocolViolation("more than one answer to a command") }
                received.removeAll(keepingCapacity: true)
                return reply
            }
            try socket.receive(into: &received, by: deadline)
        }
    }

    /// The server's own words are left out of the error: they may repeat what was sent.
    private func expectOK(_ words: [String], step: String, by deadline: Deadline) throws(RedisError) {
        let reply = try execute(words.map { Data($0.utf8) }, by: deadline)
        if case .error(let code, _) = reply { throw .connectFailed("\(step) refused: \(code)") }
        guard reply == .status("OK") else { throw .protocolViolation("\(step): not the answer expected") }
    }
}
