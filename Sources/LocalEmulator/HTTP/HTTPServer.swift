import CLinux
import Foundation

/// Why a server could not start.
public enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process listens on the port.
    case portTaken(host: String, port: Int)
    /// The address cannot be listened on.
    case cannotListen(host: String, port: Int, reason: String)

    public var description: String {
        switch self {
        case .portTaken(let host, let port):
            "port \(port) on \(host) is already taken; stop what listens there or choose another port"
        case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
        }
    }
}

/// An HTTP/1.1 server for loopback: one blocking thread per connection.
///
/// A handful of clients hold a connection each and many of their requests wait (long polls), so threads are simpler
/// than an event loop and cost nothing here.
public final class HTTPServer: @unchecked Sendable {
    // @unchecked: the sockets live in a monitor; the rest is immutable.

    /// What answers a request; called on the connection's thread, may block.
    public typealias Handler = @Sendable (HTTPServerRequest) -> HTTPServerResponse

    private struct State {
        /// Descriptors stay here until they are closed, so that `stop` never shuts down somebody else's.
        var connections: Set<Int32> = []
        var isStopped = false
    }

    /// Most connections at once, each with a thread; the kernel's backlog holds further ones until one ends.
    public static let maximumConnections = 512
    /// How long to wait when the system has no descriptor or memory for another connection.
    private static let acceptPauseMilliseconds: Int64 = 50

    /// The port that is listened on, also when 0 was asked for.
    public let port: Int
    private let listener: Int32
    private let limit: Int
    private let bodies: HTTPBodyPolicy
    private let handler: Handler
    private let state = Monitor(State())

    /// Listens at once and serves on threads of its own until `stop`.
    ///
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - bodies: how much of a request's body is read.
    public init(
        host: String = "127.0.0.1", port: Int = 0, maximumConnections: Int = HTTPServer.maximumConnections,
        bodies: HTTPBodyPolicy = .services, handler: @escaping Handler
    ) throws(HTTPServerError) {
        (listener, self.port) = try Self.listen(host: host, port: port)
        limit = maximumConnections
        self.bodies = bodies
        self.handler = handler
        let thread = Thread { [self] in acceptConnections() }
        thread.name = "http-accept-\(self.port)"
        thread.start()
    }

    /// Stops listening and drops every connection.
    public func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.connections { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private static func listen(host: String, port: Int) throws(HTTPServerError) -> (Int32, Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .cannotListen(host: host, port: port, reason: errorText()) }
        var enabled: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &enabled, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            close(descriptor)
            throw .cannotListen(host: host, port: port, reason: "not an IPv4 address")
        }
        let bound = withSocketAddress(&address) { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EADDRINUSE
                ? .portTaken(host: host, port: port)
                : .cannotListen(host: host, port: port, reason: String(cString: strerror(code)))
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func withSocketAddress(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func errorText() -> String { String(cString: strerror(errno)) }

    private func acceptConnections() {
        while waitForRoom() {
            let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            let code = errno
            if descriptor >= 0 {
                serveOnThread(descriptor)
            } else if code != EINTR && code != ECONNABORTED {
                // No descriptor or no memory (EMFILE, ENFILE, ENOBUFS, ENOMEM): it passes when connections end.
                pause()
            }
        }
        state.withLock { _ in _ = close(listener) }
    }

    /// Waits until one more connection may be taken; `false` when the server is stopped.
    private func waitForRoom() -> Bool {
        state.wait(untilMilliseconds: nil) { state in
            if state.isStopped { return false }
            return state.connections.count < limit ? true : nil
        } ?? false
    }

    private func pause() {
        _ = state.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + Self.acceptPauseMilliseconds) {
            $0.isStopped ? true : nil
        }
    }

    private func serveOnThread(_ descriptor: Int32) {
        let isOpen = state.withLock { state in
            if state.isStopped {
                close(descriptor)
            } else {
                state.connections.insert(descriptor)
            }
            return !state.isStopped
        }
        guard isOpen else { return }
        let thread = Thread { [self] in serve(descriptor) }
        thread.stackSize = 1 << 20
        thread.start()
    }

    private func serve(_ descriptor: Int32) {
        var connection = HTTPConnection(descriptor: descriptor, bodies: bodies)
        while let request = connection.readRequest() {
            let response = handler(request)
            guard connection.write(response, to: request) else { break }
        }
        state.withLock { state in
            state.connections.remove(descriptor)
            close(descriptor)
        }
    }
}
