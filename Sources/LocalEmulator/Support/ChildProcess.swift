import CLinux
import Foundation

/// Why a program could not be started.
public struct ChildProcessError: Error, Sendable, CustomStringConvertible {
    /// The program's path.
    public let executable: String
    /// What the system said.
    public let reason: String

    public var description: String { "cannot start \(executable): \(reason)" }
}

/// How a child process ended.
public enum ChildExit: Sendable, Equatable, CustomStringConvertible {
    /// It exited with a status.
    case exited(status: Int32)
    /// A signal ended it.
    case signaled(signal: Int32)

    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signaled(let signal): "signal: \(Self.name(of: signal))"
        }
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGKILL: "killed"
        case SIGSEGV: "segmentation fault"
        case SIGABRT: "aborted"
        case SIGILL: "illegal instruction"
        case SIGTRAP: "trace/breakpoint trap"
        case SIGTERM: "terminated"
        default: "\(signal)"
        }
    }
}

/// A running program of the emulator's: its own process group, exact environment, output delivered by lines.
public final class ChildProcess: @unchecked Sendable {
    // @unchecked: the state is in a monitor; the rest is immutable.

    /// Which stream a line came from.
    public enum Stream: Sendable { case output, error }

    /// The process id, which is also its process group.
    public let processID: pid_t
    /// The program's path.
    public let executable: String
    private let exit = Monitor<ChildExit?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - environment: the whole environment; nothing is inherited.
    ///   - onLine: called for each line of output, without its line break, from a thread of the process's own.
    ///   - onExit: called once, after the last line, from a thread of the process's own.
    public init(
        executable: String, arguments: [String] = [], environment: [String: String],
        workingDirectory: String? = nil,
        onLine: @escaping @Sendable (Stream, String) -> Void = { _, _ in },
        onExit: @escaping @Sendable (ChildExit) -> Void = { _ in }
    ) throws(ChildProcessError) {
        self.executable = executable
        let output = try Self.pipe(executable)
        let error = try Self.pipe(executable)
        processID = try Self.spawn(
            executable, arguments, environment, workingDirectory, output: output.write, error: error.write)
        close(output.write)
        close(error.write)
        let readers = DispatchGroup()
        Self.readLines(output.read, readers) { onLine(.output, $0) }
        Self.readLines(error.read, readers) { onLine(.error, $0) }
        let thread = Thread { [self] in
            let result = Self.wait(processID)
            // A grandchild may hold the pipes open; the child's own end must not wait for it for ever.
            _ = readers.wait(timeout: .now() + .seconds(1))
            exit.withLock { $0 = result }
            onExit(result)
        }
        thread.name = "wait-\(processID)"
        thread.start()
    }

    /// How the process ended; `nil` while it runs.
    public var exitResult: ChildExit? { exit.read { $0 } }

    /// Sends a signal to the process and everything in its group.
    public func signal(_ signal: Int32) {
        guard exitResult == nil else { return }
        kill(-processID, signal)
        kill(processID, signal)
    }

    /// Waits for the end, at most so long; `nil` when it still runs.
    @discardableResult
    public func waitForExit(timeoutMilliseconds: Int) -> ChildExit? {
        exit.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + Int64(timeoutMilliseconds)) { $0 }
    }

    /// Asks with `signal`, waits, and kills what did not obey.
    public func terminate(signal: Int32 = SIGTERM, graceMilliseconds: Int = 3_000) {
        self.signal(signal)
        if waitForExit(timeoutMilliseconds: graceMilliseconds) == nil {
            self.signal(SIGKILL)
            waitForExit(timeoutMilliseconds: graceMilliseconds)
        }
    }

    private static func pipe(_ executable: String) throws(ChildProcessError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw ChildProcessError(executable: executable, reason: String(cString: strerror(errno)))
        }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String: String], _ directory: String?,
        output: Int32, error: Int32
    ) throws(ChildProcessError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        let argumentPointers = ([executable] + arguments).map { strdup($0) } + [nil]
        let environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argumentPointers + environmentPointers).forEach { free($0) } }
        var identifier: pid_t = 0
        let code = posix_spawn(
            &identifier, executable, &actions, &attributes, argumentPointers, environmentPointers)
        guard code == 0 else {
            throw ChildProcessError(executable: executable, reason: String(cString: strerror(code)))
        }
        return identifier
    }

    private static func wait(_ identifier: pid_t) -> ChildExit {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .signaled(signal: signal)
    }

    private static func readLines(
        _ descriptor: Int32, _ group: DispatchGroup, _ onLine: @escaping @Sendable (String) -> Void
    ) {
        group.enter()
        let thread = Thread {
            var pending = Data()
            var chunk = [UInt8](repeating: 0, count: 16 * 1024)
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                pending.append(contentsOf: chunk[..<count])
                while let end = pending.firstIndex(of: 0x0A) {
                    onLine(String(decoding: pending[..<end], as: UTF8.self))
                    pending = Data(pending[pending.index(after: end)...])
                }
            }
            if !pending.isEmpty { onLine(String(decoding: pending, as: UTF8.self)) }
            close(descriptor)
            group.leave()
        }
        thread.stackSize = 256 * 1024
        thread.start()
    }
}
