import CCurl
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

    init(host: String) throws(ConnectionError) {
        guard let handle = curl_easy_init() else { throw .notConnected("libcurl could not make a handle") }
        self.handle = handle
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
        // SIGTERM interrupts the wait for an invocation by shutting this connection down; here it may have come before.
        fincore_termination_set_connection(descriptor)
        if fincore_termination_ends_wait() { throw .notConnected("the process is to end") }
    }

    deinit {
        fincore_termination_set_connection(-1)
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
            guard errno == EINTR else { throw .broken(Self.lastError, hasBegun: true) }
        }
    }

    /// Sends a request.
    ///
    /// - Returns: `false` when the answer came before everything was sent: the rest is not wanted (413).
    func send(_ head: [UInt8], _ body: Bytes) throws(ConnectionError) -> Bool {
        try head.withUnsafeBufferPointer { (head) throws(ConnectionError) in
            try body.withUnsafeBytes { (body) throws(ConnectionError) in try send(UnsafeRawBufferPointer(head), body) }
        }
    }

    private func send(
        _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer
    ) throws(ConnectionError) -> Bool {
        var head = head
        var body = body
        while !head.isEmpty || !body.isEmpty {
            let sent = Self.sendOnce(descriptor, head, body)
            if sent >= 0 {
                let ofHead = min(sent, head.count)
                head = UnsafeRawBufferPointer(rebasing: head[ofHead...])
                body = UnsafeRawBufferPointer(rebasing: body[(sent - ofHead)...])
            } else if errno == EAGAIN {
                guard try waitUntilWritable() else { return false }
            } else if errno != EINTR {
                // A server that has answered may have closed its side already: the answer is still there to be read.
                if isReadable { return false }
                throw .broken(Self.lastError, hasBegun: false)
            }
        }
        return true
    }

    /// Both parts in one system call, as much as the socket takes at once.
    private static func sendOnce(
        _ descriptor: Int32, _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer
    ) -> Int {
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
            guard errno == EINTR else { throw .broken(Self.lastError, hasBegun: false) }
        }
    }

    private var isReadable: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 0) > 0, request.revents & Int16(POLLIN) != 0 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
