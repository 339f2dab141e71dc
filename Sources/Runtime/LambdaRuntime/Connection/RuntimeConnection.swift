import CSignals
import Wire

/// The kept-alive connection to the Runtime API.
///
/// libcurl makes it; requests and responses are written and read here, because what libcurl's own HTTP costs for each
/// exchange is more than all else the runtime does (docs/decisions/0011-runtime-api-connection.md).
final class RuntimeConnection {
    private let host: String
    private var reader = ResponseReader()
    private var open: RuntimeSocket?

    /// A connection to `host:port`, made when it is first needed.
    init(host: String) {
        self.host = host
    }

    /// Sends one request and reads its response, however long that takes.
    ///
    /// A kept connection may have been closed meanwhile; when not one byte of an answer comes over it, the request goes
    /// out once more over a new one (RFC 9112, 9.3.1). All requests of the Runtime API may be repeated so.
    func exchange(_ head: [UInt8], _ body: Bytes, _ response: inout Response) throws(ConnectionError) {
        if let kept = open {
            do throws(ConnectionError) {
                return try exchange(head, body, &response, over: kept)
            } catch {
                guard case .broken(_, hasBegun: false) = error, !fincore_termination_ends_wait() else { throw error }
            }
        }
        let fresh = try RuntimeSocket(host: host)
        open = fresh
        try exchange(head, body, &response, over: fresh)
    }

    /// The address and port of the other side; `nil` when there is no connection.
    var peer: (address: String, port: Int)? { open?.peer }

    private func exchange(
        _ head: [UInt8], _ body: Bytes, _ response: inout Response, over socket: RuntimeSocket
    ) throws(ConnectionError) {
        do throws(ConnectionError) {
            let isSent = try socket.send(head, body)
            try reader.read(&response, from: socket)
            if !response.keepsConnection || !isSent { close() }
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
