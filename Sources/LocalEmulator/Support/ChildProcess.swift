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

    private struct State {
        /// Set when the process has ended, before its id is free to be used again.
        var exit: ChildExit?
        /// Set when its last line was delivered as well.
        var isDrained = false
    }

    /// How long the last lines may take: a grandchild in a group of its own may hold the pipes open.
    private static let drainMilliseconds = 1_000

    /// The process id, which is also its process group.
    public let processID: pid_t
    /// The program's path.
    public let executable: String
    private let state = Monitor(State())

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - environment: the whole environment; nothing is inherited.
    ///   - onLine: called for each line of output, without its line break, from a thread of the process's own.
    ///   - onEnd: called once, as soon as the process has ended; lines of its output may still follow.
    ///   - onExit: called once, after the last line, from a thread of the process's own.
    public init(
        executable: String, arguments: [String] = [], environment: [String: String],
        workingDirectory: String? = nil,
        onLine: @escaping @Sendable (Stream, String) -> Void = { _, _ in },
        onEnd: @escaping @Sendable (ChildExit) -> Void = { _ in },
        onExit: @escaping @Sendable (ChildExit) -> Void = { _ in }
    ) throws(ChildProcessError) {
        self.executable = executable
        let output = try OutputPipe(executable)
        let error: OutputPipe
        do { error = try OutputPipe(executable) } catch {
            output.close()
            throw error
        }
        do {
            processID = try Self.spawn(
                executable, arguments, environment, workingDirectory, output: output.write, error: error.write)
        } catch let failure {
            output.close()
            error.close()
            throw failure
        }
        close(output.write)
        close(error.write)
        let readers = DispatchGroup()
        Self.readLines(output.read, readers) { onLine(.output, $0) }
        Self.readLines(error.read, readers) { onLine(.error, $0) }
        let thread = Thread { [self] in
            let result = waitAndReap()
            onEnd(result)
            _ = readers.wait(timeout: .now() + .milliseconds(Self.drainMilliseconds))
            state.withLock { $0.isDrained = true }
            onExit(result)
        }
        thread.name = "wait-\(processID)"
        thread.start()
    }

    /// How the process ended; `nil` while it runs.
    public var exitResult: ChildExit? { state.read { $0.exit } }

    /// Sends a signal to the process and everything in its group; nothing once the process has ended.
    public func signal(_ signal: Int32) {
        // The lock keeps the process from being reaped, and its id from being given to another, in between.
        state.read { state in
            guard state.exit == nil else { return }
            kill(-processID, signal)
            kill(processID, signal)
        }
    }

    /// Waits for the end and the last line, at most so long; `nil` when it still runs.
    @discardableResult
    public func waitForExit(timeoutMilliseconds: Int) -> ChildExit? {
        state.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + Int64(timeoutMilliseconds)) {
            $0.isDrained ? $0.exit : nil
        }
    }

    /// Asks with `signal`, waits, and kills what did not obey.
    public func terminate(signal: Int32 = SIGTERM, graceMilliseconds: Int = 3_000) {
        self.signal(signal)
        if waitForExit(timeoutMilliseconds: graceMilliseconds) == nil {
            self.signal(SIGKILL)
            waitForExit(timeoutMilliseconds: graceMilliseconds)
        }
    }

    /// Waits for the end without reaping, kills what the process left behind in its group, and only then reaps.
    ///
    /// A process that is not reaped keeps its id, and so its group's: nobody else can be hit.
    private func waitAndReap() -> ChildExit {
        var information = siginfo_t()
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        return state.withLock { state in
            kill(-processID, SIGKILL)
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            let exit = signal == 0 ? ChildExit.exited(status: (status >> 8) & 0xFF) : .signaled(signal: signal)
            state.exit = exit
            return exit
        }
    }

    /// Both ends of a pipe, closed in every program that is started meanwhile.
    private struct OutputPipe {
        let read: Int32
        let write: Int32

        init(_ executable: String) throws(ChildProcessError) {
            var ends: [Int32] = [0, 0]
            guard pipe2(&ends, O_CLOEXEC) == 0 else {
                throw ChildProcessError(executable: executable, reason: String(cString: strerror(errno)))
            }
            (read, write) = (ends[0], ends[1])
        }

        func close() {
            Glibc.close(read)
            Glibc.close(write)
        }
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
