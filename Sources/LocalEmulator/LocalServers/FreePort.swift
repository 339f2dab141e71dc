import CLinux
import Foundation

/// Ports on 127.0.0.1.
enum FreePort {
    /// How often a server is started again on another port when a free one was taken before the server had it.
    static let maximumAttempts = 5

    /// A port nobody listens on at this moment.
    static func find(server: String) throws(LocalServerError) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes -> Bool in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
        guard isBound else {
            throw .preparationFailed(
                server: server, program: "bind", reason: "no free port: \(String(cString: strerror(errno)))",
                lastLines: [])
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Starts a server on the port asked for, or on a free one; a free one that is lost in between is replaced.
    static func start<Server>(
        server: String, port: Int?, _ start: (Int) throws(LocalServerError) -> Server
    ) throws(LocalServerError) -> (port: Int, server: Server) {
        if let port { return (port, try start(port)) }
        var attempt = 1
        while true {
            let candidate = try find(server: server)
            do {
                return (candidate, try start(candidate))
            } catch {
                guard case .portTaken = error, attempt < maximumAttempts else { throw error }
                attempt += 1
            }
        }
    }
}
