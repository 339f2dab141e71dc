import CCurl
import CLinux
import CSignals
import Wire

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One open connection, made by libcurl: host names, addresses of both kinds, and the limit on connecting are its work.
final class RuntimeSocket: ByteSource {
    /// A neighbour on the same machine answers at once.
    private static let connectTimeoutSeconds = 1

    private let handle: UnsafeMutableRawPointer
    private let descriptor: Int32
    private let isInterruptible: Bool

    /// Connects.
    ///
    /// - Parameter isInterruptible: whether SIGTERM ends a wait on this connection; of one connection at a time.
    init(host: String, isInterruptible: Bool) throws(ConnectionError) {
        // An address needs no look-up.
        if host.first?.isNumber == false { fincore_use_built_in_name_services() }
        guard let handle = curl_easy_init() else { throw .notConnected("libcurl could not make a handle") }
        self.handle = handle
        self.isInterruptible = isInterruptible
        _ = fincore_curl_set_string(handle, CURLOPT_URL, "http://\(host)")
        _ = fincore_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = fincore_curl_set_string(handle, CURLOPT_NOPROXY, "*")
        _ = fincore_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http")
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, Self.connectTimeoutSeconds)
        _ = fincore_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        var descriptor: curl_socket_t = -1
        var result = curl_easy_perform(handle)
        if result == CURLE_OK { result = fincore_curl_get_socket(handle, CURLINFO_ACTIVESOCKET, &descriptor) }
        self.descriptor = descriptor
        guard result == CURLE_OK, descriptor >= 0 else {
            throw .notConnected(String(cString: curl_easy_strerror(result)))
        }
        // libcurl leaves it without blocking; a read that waits saves asking first, for each of them.
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        guard isInterruptible else { return }
        // SIGTERM interrupts the wait for an invocation by shutting this connection down; here it may have come before.
        fincore_termination_set_connection(descriptor)
        if fincore_termination_ends_wait() { throw .notConnected("the process is to end") }
    }

    deinit {
        if isInterruptible { fincore_termination_set_connection(-1) }
        curl_easy_cleanup(handle)
    }

    /// The address and port of the other side.
    var peer: (address: String, port: Int)? {
        var text: UnsafeMutablePointer<CChar>?
        var port = 0
        _ = fincore_curl_get_string(handle, CURLINFO_PRIMARY_IP, &text)
        _ = fincore_curl_get_long(handle, CURLINFO_PRIMARY_PORT, &port)
        return text.map { (String(cString: $0), port) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionError) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            let failure = errno
            guard failure == EINTR else { throw .broken(Self.text(failure), hasBegun: true) }
        }
    }

    /// Whether nothing has come since the last answer, and the connection is still open.
    var isQuiet: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    /// Sends what is left of a request.
    ///
    /// - Returns: `false` when something to read came before everything was sent.
    @discardableResult
    func send(_ request: inout OutgoingRequest) throws(ConnectionError) -> Bool {
        while !request.isSent {
            let sent = request.withUnsentParts { sendOnce($0, $1) }
            let failure = errno
            if sent >= 0 {
                request.advance(sent)
            } else if failure == EAGAIN {
                guard try waitUntilWritable() else { return false }
            } else if failure != EINTR {
                // A server that has answered may have closed its side already: the answer is still there to be read.
                if isReadable { return false }
                throw .broken(Self.text(failure), hasBegun: false)
            }
        }
        return true
    }

    /// Both parts in one system call, as much as the socket takes at once.
    private func sendOnce(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
            parts[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count)
            parts[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
            var message = msghdr()
            message.msg_iov = parts.baseAddress
            message.msg_iovlen = 2
            return sendmsg(descriptor, &message, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
    }

    /// Waits for room.
    ///
    /// - Returns: `false` when something to read came first.
    private func waitUntilWritable() throws(ConnectionError) -> Bool {
        while true {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN) | Int16(POLLOUT), revents: 0)
            if poll(&request, 1, -1) > 0 { return request.revents & Int16(POLLIN) == 0 }
            guard errno == EINTR else { throw .broken(Self.text(errno), hasBegun: false) }
        }
    }

    private var isReadable: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// A request on its way, and how much of it has left.
struct OutgoingRequest {
    private let head: [UInt8]
    private let body: Bytes
    private var sent = 0

    init(_ head: [UInt8], _ body: Bytes) {
        self.head = head
        self.body = body
    }

    var isSent: Bool { sent == head.count + body.count }

    mutating func advance(_ count: Int) {
        sent += count
    }

    /// Lends what is unsent of head and body.
    func withUnsentParts<Result>(
        _ use: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
    ) -> Result {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                use(
                    UnsafeRawBufferPointer(rebasing: head[min(sent, head.count)...]),
                    UnsafeRawBufferPointer(rebasing: body[max(0, sent - head.count)...]))
            }
        }
    }
}
