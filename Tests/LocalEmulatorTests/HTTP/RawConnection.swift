import Foundation
import Testing

/// A TCP connection to loopback on which a test decides about every byte.
final class RawConnection {
    private var descriptor: Int32

    init(_ port: Int) throws {
        // Not for the programs that other tests start: they would keep it open.
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
    }

    deinit { close() }

    func send(_ text: String) throws {
        let sent = text.withCString { Glibc.send(descriptor, $0, text.utf8.count, Int32(MSG_NOSIGNAL)) }
        try #require(sent == text.utf8.count)
    }

    /// What has come, waiting for something; empty when the server closed.
    func receive() -> String {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        return String(decoding: chunk[..<max(0, count)], as: UTF8.self)
    }

    /// Says that no more comes, and still listens.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}
