import Foundation
import TestSupport

/// A real Redis on a free loopback port, with a password, and with TLS when asked for.
final class RedisServer: Sendable {
    static let password = "p:a/s%s"

    let port: Int
    /// The directory of the server, with its certificate `server.pem` when it speaks TLS.
    let directory: URL
    private let usesTLS: Bool
    private let process: ServerProcess

    /// - Parameter port: a port to come back on; `nil` takes a free one.
    init(usesTLS: Bool = false, port: Int? = nil) throws {
        let port = try port ?? Loopback.freePort()
        directory = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        if usesTLS { try Self.makeCertificate(in: directory) }
        var arguments = [
            "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory.path, "--requirepass",
            Self.password,
        ]
        if usesTLS {
            arguments += [
                "--port", "0", "--tls-port", String(port), "--tls-auth-clients", "no",
                "--tls-cert-file", directory.appending(path: "server.pem").path,
                "--tls-key-file", directory.appending(path: "server.key").path,
                "--tls-ca-cert-file", directory.appending(path: "server.pem").path,
            ]
        } else {
            arguments += ["--port", String(port)]
        }
        self.usesTLS = usesTLS
        self.port = port
        process = try ServerProcess("redis-server", arguments, port: port, directory: directory)
    }

    deinit {
        process.stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// The URL of a database on this server.
    func url(database: Int = 0) -> String {
        "\(usesTLS ? "rediss" : "redis")://:p%3Aa%2Fs%25s@127.0.0.1:\(port)/\(database)"
    }

    var certificateFile: String { directory.appending(path: "server.pem").path }

    /// Kills the server without warning.
    func kill() {
        process.stop()
    }

    /// What `redis-cli`, a client that is not ours, gets for a command.
    @discardableResult
    func cli(_ words: String...) throws -> String {
        var arguments = ["-h", "127.0.0.1", "-p", String(port), "-a", Self.password, "--no-auth-warning"]
        if usesTLS { arguments += ["--tls", "--cacert", certificateFile] }
        return try Self.run("redis-cli", arguments + words)
    }

    /// Connections accepted so far, that of this look included.
    func connectionsReceived() throws -> Int {
        try information("total_connections_received", section: "stats")
    }

    /// The process of the server itself, for signals.
    func processID() throws -> pid_t {
        pid_t(try information("process_id", section: "server"))
    }

    /// One number out of `INFO`.
    private func information(_ name: String, section: String) throws -> Int {
        let lines = try cli("INFO", section).split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.hasPrefix("\(name):") }),
            let number = Int(line.dropFirst(name.count + 1))
        else { throw ServerProcess.Failure(description: "no \(name) in INFO \(section)") }
        return number
    }

    private static func makeCertificate(in directory: URL) throws {
        try run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", directory.appending(path: "server.key").path,
                "-out", directory.appending(path: "server.pem").path,
            ])
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ServerProcess.Failure(description: "\(program) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
