import Foundation
import Synchronization

/// A server for a test, in a process of its own which ends with the test process, however that ends.
public final class ServerProcess: @unchecked Sendable {
    // @unchecked: nothing is assigned after init; Process and Pipe are used by the one call of `stop` that comes first.

    /// Why a server could not be used.
    public struct Failure: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String

        /// A failure with its reason.
        public init(description: String) {
            self.description = description
        }
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
    public init(_ executable: String, _ arguments: [String], port: Int, directory: URL) throws {
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
    public func stop() {
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
