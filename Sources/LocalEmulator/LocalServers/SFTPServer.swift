import Foundation

/// A private OpenSSH server that hands out files over SFTP and does nothing else: the bank's side of settlement files.
///
/// It runs unprivileged, so it cannot lock its client into a directory (chroot needs root): paths over SFTP are the
/// paths of this machine, read only, with the rights of the server's account. Whoever holds the private key already
/// runs on this machine under the user's account.
public final class SFTPServer: Sendable {
    private static let name = "SFTP server"
    /// `daemon` exists everywhere and owns next to nothing. `nobody` comes second: where systemd answers for accounts
    /// it is reported as locked, and sshd lets no locked account in.
    private static let accounts = ["daemon", "nobody"]

    private struct Running: Sendable {
        let process: ServerProcess
        let port: Int
        let username: String
        let hostKeySHA256: String
        let privateKey: String
    }

    private let dataDirectory: String
    private let requestedPort: Int?
    private let running = Monitor<Running?>(nil)

    /// A server that is not started yet.
    ///
    /// - Parameters:
    ///   - dataDirectory: a directory of the server's own; it is made when it does not exist.
    ///   - port: the port on 127.0.0.1; `nil` takes a free one at each start.
    public init(dataDirectory: String, port: Int? = nil) {
        self.dataDirectory = URL(fileURLWithPath: dataDirectory).standardizedFileURL.path
        requestedPort = port
    }

    /// The directory whose files are handed out; what is written into it (world-readable) can be fetched at once.
    public var rootDirectory: String { dataDirectory + "/settlements" }

    /// The same directory as a client names it: an absolute path, because there is no chroot.
    public var remoteDirectory: String { rootDirectory }

    /// The port while the server runs; 0 otherwise.
    public var port: Int { running.read { $0?.port ?? 0 } }

    /// The account to log in with; empty while the server does not run.
    public var username: String { running.read { $0?.username ?? "" } }

    /// SHA-256 of the only host key, base64 without padding; empty while the server does not run.
    public var hostKeySHA256: String { running.read { $0?.hostKeySHA256 ?? "" } }

    /// The client's private key, the only way in; empty while the server does not run.
    public var privateKey: String { running.read { $0?.privateKey ?? "" } }

    /// The server's process id while it runs.
    public var processID: pid_t? { running.read { $0?.process.processID } }

    /// Starts the server and returns when it accepts connections.
    public func start() throws(LocalServerError) {
        guard running.read({ $0 == nil }) else { return }
        let program = try ServerPrograms.find("sshd", server: Self.name, package: "openssh-server")
        let generator = try ServerPrograms.find("ssh-keygen", server: Self.name, package: "openssh-client")
        let account = try ServerAccount.forServer(Self.name, preferring: Self.accounts)
        try makeDirectories(account)
        let hostKey = try SSHKeyPair(
            file: dataDirectory + "/server/host_key", generator: generator, account: account, server: Self.name)
        let clientKey = try SSHKeyPair(
            file: dataDirectory + "/server/client_key", generator: generator, account: account, server: Self.name)
        try account.write(
            try clientKey.publicLine(server: Self.name) + "\n", to: dataDirectory + "/server/authorized_keys",
            server: Self.name)
        let (port, process) = try FreePort.start(server: Self.name, port: requestedPort) {
            port throws(LocalServerError) in
            try launch(program, account, port)
        }
        let started = Running(
            process: process, port: port, username: account.name,
            hostKeySHA256: try hostKey.fingerprint(server: Self.name),
            privateKey: try clientKey.privateKey(server: Self.name))
        running.withLock { $0 = started }
    }

    /// Stops the server and the sessions it has open; at the latest by force.
    public func stop() {
        let stopped = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let process = stopped?.process else { return }
        // Each session is a process group of its own and would outlive the listener.
        let sessions = ProcessTree.descendants(of: process.processID)
        process.stop([(SIGTERM, 3_000)])
        for session in sessions { kill(session, SIGKILL) }
    }

    deinit { stop() }
}

extension SFTPServer {
    /// The data directory can be passed by everyone; keys and configuration belong to the server's account alone, the
    /// files to hand out to the user who writes them.
    private func makeDirectories(_ account: ServerAccount) throws(LocalServerError) {
        for directory in [dataDirectory, rootDirectory] {
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
            } catch {
                throw .directoryUnusable(server: Self.name, path: directory, reason: ServerAccount.reason(error))
            }
        }
        try account.makeDirectory(dataDirectory + "/server", server: Self.name)
    }

    private func launch(
        _ program: String, _ account: ServerAccount, _ port: Int
    ) throws(LocalServerError) -> ServerProcess {
        let file = dataDirectory + "/server/sshd_config"
        try account.write(configuration(account, port), to: file, server: Self.name)
        // -D stays in the foreground, -e logs to standard error. sshd executes itself again for each connection and
        // insists on an absolute path for that.
        return try ServerProcess(
            ServerProcess.Launch(
                server: Self.name, program: program, arguments: ["-D", "-e", "-f", file], account: account,
                workingDirectory: dataDirectory, port: port, readyText: "Server listening on 127.0.0.1 port \(port)"))
    }

    private func configuration(_ account: ServerAccount, _ port: Int) -> String {
        // sshd replaces %-tokens in this path; the others it takes as they are.
        let authorizedKeys = (dataDirectory + "/server/authorized_keys").replacing("%", with: "%%")
        return """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey "\(dataDirectory)/server/host_key"
            PidFile none
            AuthenticationMethods publickey
            PubkeyAuthentication yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            AuthorizedKeysFile "\(authorizedKeys)"
            AllowUsers \(account.name)
            # The directories above may belong to others; the key files themselves are the account's alone.
            StrictModes no
            UsePAM no
            UseDNS no
            DisableForwarding yes
            PermitTTY no
            PermitTunnel no
            PermitUserRC no
            # Read only: what is settled is not the client's to change.
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp -R
            LoginGraceTime 10
            LogLevel INFO

            """
    }
}
