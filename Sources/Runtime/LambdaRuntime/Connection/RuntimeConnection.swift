import CSignals
import Wire

/// The kept-alive connection to the Runtime API.
///
/// libcurl makes it; requests and responses are written and read here, because what libcurl's own HTTP costs for each
/// exchange is more than all else the runtime does (docs/decisions/0011-runtime-api-connection.md).
final class RuntimeConnection {
    private let host: String
    private let isInterruptible: Bool
    private var reader = ResponseReader()
    private var open: RuntimeSocket?

    /// A connection to `host:port`, made when it is first needed.
    ///
    /// - Parameter isInterruptible: whether SIGTERM ends a wait on it; true of one connection at most.
    init(host: String, isInterruptible: Bool) {
        self.host = host
        self.isInterruptible = isInterruptible
    }

    /// Sends one request and reads its response, however long that takes.
    ///
    /// A kept connection may have been closed meanwhile; when not one byte of an answer comes over it, the request goes
    /// out once more over a new one (RFC 9112, 9.3.1). All requests of the Runtime API may be repeated so.
    func exchange(_ head: [UInt8], _ body: Bytes, _ response: inout Response) throws(ConnectionError) {
        // What came unasked over a kept connection (408, a goodbye) is no answer to anything.
        if let kept = open, kept.isQuiet {
            do throws(ConnectionError) {
                return try exchange(head, body, &response, over: kept)
            } catch {
                guard case .broken(_, hasBegun: false) = error, !fincore_termination_ends_wait() else { throw error }
            }
        }
        try exchange(head, body, &response, over: connect())
    }

    /// Sends one request whose answer nobody waits for; the connection stays open with this object.
    func send(_ head: [UInt8]) throws(ConnectionError) {
        var request = OutgoingRequest(head, [])
        try connect().send(&request)
    }

    /// The address and port of the other side, which is connected to when there is no connection yet.
    func peer() throws(ConnectionError) -> (address: String, port: Int)? {
        if let open { return open.peer }
        return try connect().peer
    }

    private func connect() throws(ConnectionError) -> RuntimeSocket {
        close()
        let socket = try RuntimeSocket(host: host, isInterruptible: isInterruptible)
        open = socket
        return socket
    }

    private func exchange(
        _ head: [UInt8], _ body: Bytes, _ response: inout Response, over socket: RuntimeSocket
    ) throws(ConnectionError) {
        do throws(ConnectionError) {
            var request = OutgoingRequest(head, body)
            while try !socket.send(&request) {
                if try reader.finalAnswerHasBegun(socket) { break }
            }
            try reader.read(&response, from: socket)
            if !response.keepsConnection || !request.isSent { close() }
        } catch {
            close()
            throw error
        }
    }

    private func close() {
        open = nil
        reader.reset()
    }
}
