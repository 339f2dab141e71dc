import Foundation
import Glibc
import Synchronization

/// A server for a test, in a process of its own which ends with the test process, however that ends.
// @unchecked: nothing is assigned after init; Process and Pipe are used by the one call of `stop` that comes first.
final class ServerProcess: @unchecked Sendable {
    /// Why a server could not be used.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process = Process()
    private let lifeline = Pipe()
    private let logFile: URL
    private let port: Int
    private let isStopped = Mutex(false)

    /// Starts a program and waits until it accepts connections on a loopback port.
    ///
    /// It is killed when this object goes, and also when the test process dies: the shell around it waits for the end
    /// of a pipe that only the test process holds open.
    init(_ executable: String, _ arguments: [String], port: Int, directory: URL) throws {
        self.port = port
        logFile = directory.appending(path: "server-\(UUID().uuidString).log")
        try Data().write(to: logFile)
        let log = try FileHandle(forWritingTo: logFile)
        process.executableURL = URL(filePath: "/bin/sh")
        let script = "log=$1; shift; \"$@\" & child=$!; read -r line; kill -9 $child; rm -f \"$log\""
        process.arguments = ["-c", script, "sh", logFile.path, executable] + arguments
        process.currentDirectoryURL = directory
        process.standardInput = lifeline
        process.standardOutput = log
        process.standardError = log
        try process.run()
        try waitUntilListening()
    }

    deinit {
        stop()
    }

    /// Kills the server without warning and waits until it is gone.
    func stop() {
        let isFirst = isStopped.withLock { isStopped in
            defer { isStopped = true }
            return !isStopped
        }
        guard isFirst else { return }
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
        // The shell cannot wait for its child: a process started from here has SIGCHLD blocked.
        while Loopback.accepts(port: port) { usleep(1_000) }
    }

    private func waitUntilListening() throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while !Loopback.accepts(port: port) {
            guard ContinuousClock.now < deadline, process.isRunning else {
                throw Failure(description: "no server on port \(port); its output:\n\(output)")
            }
            usleep(10_000)
        }
    }

    private var output: String {
        (try? String(contentsOf: logFile, encoding: .utf8)) ?? ""
    }
}

/// The loopback interface, at the level of sockets.
enum Loopback {
    /// A port nobody listens on at the moment.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withSockaddr(&address) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
        guard isBound else { throw ServerProcess.Failure(description: "no free port: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether somebody accepts connections on the port.
    static func accepts(port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = address(port: port)
        return withSockaddr(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }

    static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    static func withSockaddr<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
