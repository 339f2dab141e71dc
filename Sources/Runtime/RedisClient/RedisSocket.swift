import CCurl
import Glibc

/// A TCP or TLS connection made by libcurl, used as a plain byte stream with deadlines.
///
/// libcurl does name look-up, connecting with a time limit, TLS and certificate checks; with `CURLOPT_CONNECT_ONLY` it
/// then stays out of the way. Not thread-safe.
final class RedisSocket {
    private static let receiveBytes = 16 * 1_024

    private let handle: UnsafeMutableRawPointer
    private var descriptor: curl_socket_t = -1

    /// Connects within the deadline.
    init(_ location: RedisLocation, certificateAuthorityFile: String?, by deadline: Deadline) throws(RedisError) {
        _ = Self.globalSetUp
        guard let handle = curl_easy_init() else { throw .connectFailed("libcurl could not make a handle") }
        self.handle = handle
        // The scheme only tells libcurl whether to do TLS: not a byte of HTTP is ever sent.
        let scheme = location.usesTLS ? "https" : "http"
        _ = fincore_curl_set_string(handle, CURLOPT_URL, "\(scheme)://\(location.host):\(location.port)")
        setOptions(certificateAuthorityFile: certificateAuthorityFile, deadline)
        let result = curl_easy_perform(handle)
        if result == CURLE_OPERATION_TIMEDOUT { throw .timedOut("connecting") }
        guard result == CURLE_OK else { throw .connectFailed(Self.text(result)) }
        guard fincore_curl_get_socket(handle, CURLINFO_ACTIVESOCKET, &descriptor) == CURLE_OK, descriptor >= 0 else {
            throw .connectFailed("libcurl has no socket to give")
        }
    }

    deinit {
        curl_easy_cleanup(handle)
    }

    /// Whether the peer has neither closed the connection nor sent anything unasked while it lay idle.
    ///
    /// A Lambda environment may sleep for minutes between two commands, and wakes up with sockets whose peer is gone.
    /// Asking libcurl rather than `poll` lets it swallow what TLS itself sends, such as session tickets.
    var isIdleAndOpen: Bool {
        var byte: UInt8 = 0
        var received = 0
        return curl_easy_recv(handle, &byte, 1, &received) == CURLE_AGAIN
    }

    func send(_ bytes: [UInt8], by deadline: Deadline) throws(RedisError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            var sent = 0
            let result = rest.withUnsafeBytes { curl_easy_send(handle, $0.baseAddress, $0.count, &sent) }
            switch result {
            case CURLE_OK: rest = rest.dropFirst(sent)
            case CURLE_AGAIN: try wait(for: POLLOUT, by: deadline)
            default: throw .connectionLost(Self.text(result))
            }
        }
    }

    /// Appends at least one received byte to the buffer.
    func receive(into buffer: inout [UInt8], by deadline: Deadline) throws(RedisError) {
        while true {
            var received = 0
            let result = withUnsafeTemporaryAllocation(byteCount: Self.receiveBytes, alignment: 1) { space in
                let result = curl_easy_recv(handle, space.baseAddress, space.count, &received)
                if result == CURLE_OK { buffer.append(contentsOf: space[..<received]) }
                return result
            }
            switch result {
            case CURLE_OK where received > 0: return
            case CURLE_OK: throw .connectionLost("closed by the server")
            case CURLE_AGAIN: try wait(for: POLLIN, by: deadline)
            default: throw .connectionLost(Self.text(result))
            }
        }
    }

    private func setOptions(certificateAuthorityFile: String?, _ deadline: Deadline) {
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = fincore_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        // Zero would mean libcurl's default of five minutes.
        _ = fincore_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(deadline.remainingMilliseconds)))
        // Without this, giving up on a slow name server would wait for its answer all the same.
        _ = fincore_curl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        // Environment variables such as https_proxy are meant for HTTP.
        _ = fincore_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = fincore_curl_set_long(handle, CURLOPT_SSL_ENABLE_ALPN, 0)
        if let certificateAuthorityFile {
            _ = fincore_curl_set_string(handle, CURLOPT_CAINFO, certificateAuthorityFile)
            _ = fincore_curl_set_string(handle, CURLOPT_CAPATH, nil)
        }
    }

    private func wait(for events: Int32, by deadline: Deadline) throws(RedisError) {
        while true {
            let remaining = deadline.remainingMilliseconds
            guard remaining > 0 else { throw .timedOut(events == POLLIN ? "waiting for the answer" : "sending") }
            var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let ready = poll(&request, 1, remaining)
            // Errors and hang-ups count as ready: the next send or receive reports them.
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw .connectionLost("poll failed with errno \(errno)") }
        }
    }

    private static func text(_ result: CURLcode) -> String {
        String(cString: curl_easy_strerror(result))
    }

    private static let globalSetUp: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
}
