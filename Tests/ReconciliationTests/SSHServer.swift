import Foundation

/// A real OpenSSH server on loopback for one test: the present user, one fresh host key, one fresh client key, SFTP only.
///
/// It ends with the value, and in any case with the test process, whose pipe its shell waits on.
final class SSHServer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let startDeadlineSeconds = 15.0

    let port: Int
    let username = NSUserName()
    /// The folder whose files are served.
    let files: URL
    let privateKey: String
    let hostKeySHA256: String
    private let directory: URL
    private let process = Process()
    private let lifeline = Pipe()

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("sftp-\(UUID().uuidString)")
        files = directory.appendingPathComponent("settlements")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let host = directory.appendingPathComponent("host").path
        let client = directory.appendingPathComponent("client").path
        for path in [host, client] {
            try Self.run("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path])
        }
        privateKey = try String(contentsOfFile: client, encoding: .utf8)
        // "256 SHA256:<base64> test (ED25519)"
        let fingerprint = try Self.run("/usr/bin/ssh-keygen", ["-l", "-E", "sha256", "-f", host + ".pub"])
        guard let hash = fingerprint.split(separator: " ").first(where: { $0.hasPrefix("SHA256:") }) else {
            throw Failure(description: "no fingerprint in \(fingerprint)")
        }
        hostKeySHA256 = String(hash.dropFirst("SHA256:".count))
        port = try Self.freePort()
        try start(host: host, client: client)
    }

    deinit {
        try? lifeline.fileHandleForWriting.close()
        try? FileManager.default.removeItem(at: directory)
    }

    private func start(host: String, client: String) throws {
        let configuration = """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(host)
            AuthorizedKeysFile \(client).pub
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password
            AllowUsers \(username)
            PidFile none
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp -d /
            """
        let path = directory.appendingPathComponent("sshd_config").path
        try Data((configuration + "\n").utf8).write(to: URL(fileURLWithPath: path))
        if geteuid() == 0 {
            try? FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // sshd wants to be started by its absolute path; it ends when the pipe does.
        process.arguments = [
            "-c", "\"$0\" -D -e -f \"$1\" 2>\"$1.log\" </dev/null & cat >/dev/null; kill $!", "/usr/sbin/sshd", path,
        ]
        process.standardInput = lifeline
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = Date(timeIntervalSinceNow: Self.startDeadlineSeconds)
        while Date() < deadline {
            if Self.accepts(port) { return }
            usleep(10_000)
        }
        let log = (try? String(contentsOfFile: path + ".log", encoding: .utf8)) ?? ""
        throw Failure(description: "sshd does not accept connections: \(log)")
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(program) failed: \(text)") }
        return text
    }

    /// A port that nobody listened on a moment ago.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withSockaddr(&address) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
        guard isBound else { throw Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func accepts(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: UInt16(port))
        return withSockaddr(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withSockaddr<Value>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Value
    ) -> Value {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
