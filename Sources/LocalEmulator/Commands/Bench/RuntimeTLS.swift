import Foundation
import LocalEmulator

/// What the first verified TLS request of a process costs with one set of root certificates.
struct RuntimeTLSFigures: Sendable, Equatable {
    /// Which roots were loaded.
    let roots: String
    /// The whole first invocation, which consists of one request over a new connection.
    let firstMilliseconds: Double
    /// A later one, over another new connection.
    let laterMilliseconds: Double

    var document: JSONValue {
        [
            "roots": .string(roots), "first_milliseconds": .number(firstMilliseconds),
            "later_milliseconds": .number(laterMilliseconds),
        ]
    }
}

/// Measures the first TLS request from inside a bootstrap: a server with a P-256 certificate on loopback, whose root is
/// added to the roots that a function carries, or to those of the whole distribution.
struct RuntimeTLS {
    private static let probe = "NetworkProbe"
    private static let opensslSeconds = 30
    private static let startSeconds = 10.0
    private static let distributionRoots = "/etc/ssl/certs/ca-certificates.crt"
    /// The roots of AWS's endpoints (Amazon Trust Services), where Debian keeps them.
    private static let amazonRoots = [
        "Amazon_Root_CA_1", "Amazon_Root_CA_2", "Amazon_Root_CA_3", "Amazon_Root_CA_4", "Starfield_Class_2_CA",
        "Starfield_Root_Certificate_Authority_-_G2", "Starfield_Services_Root_Certificate_Authority_-_G2",
    ].map { "/usr/share/ca-certificates/mozilla/\($0).crt" }

    let harness: RuntimeHarness
    /// Where keys and certificates are made.
    let directory: String

    func measure() throws -> [RuntimeTLSFigures] {
        var contender = try RuntimeContenders.built(Self.probe, as: "tls")
        let root = try makeCertificates()
        let server = try TLSServer(certificate: directory + "/server.pem", key: directory + "/server.key")
        defer { server.stop() }
        guard let port = server.waitForPort(seconds: Self.startSeconds) else {
            throw BenchmarkError(reason: "openssl s_server has not started")
        }
        let event = directory + "/event.json"
        try Data(#"{"https":"https://127.0.0.1:\#(port)/"}"#.utf8).write(to: URL(fileURLWithPath: event))
        let bundles = [
            ("\(Self.amazonRoots.count) Amazon roots", try Self.amazonRoots.map { try Self.text($0) }),
            ("all of the distribution's roots", [try Self.text(Self.distributionRoots)]),
        ]
        return try bundles.map { name, certificates in
            let bundle = directory + "/ca.pem"
            let text = (certificates + [root]).joined(separator: "\n")
            try Data(text.utf8).write(to: URL(fileURLWithPath: bundle))
            contender.variables["CA_FILE"] = bundle
            let first = try run(contender, ["--starts", "30", "--warmup", "0", "--count", "1"], event)
            let later = try run(contender, ["--starts", "1", "--warmup", "1", "--count", "20"], event)
            return RuntimeTLSFigures(roots: name, firstMilliseconds: first, laterMilliseconds: later)
        }
    }

    /// The median of the invocations, in milliseconds.
    private func run(_ contender: RuntimeContender, _ arguments: [String], _ event: String) throws -> Double {
        let report = try harness.measure(
            contender, subject: RuntimeSubject.tls.rawValue,
            arguments: arguments + ["-e", event, "--expect", #""status":200"#])
        return (report.latency?.p50 ?? 0) / 1_000
    }

    /// Makes a root and a server certificate signed by it; the result is the root's PEM text.
    private func makeCertificates() throws -> String {
        let newKey = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        let alternative = "subjectAltName=IP:127.0.0.1"
        try openssl(
            newKey + [
                "-x509", "-days", "1", "-subj", "/CN=fincore bench root", "-keyout", "root.key", "-out", "root.pem",
            ])
        try openssl(
            newKey + ["-subj", "/CN=127.0.0.1", "-addext", alternative, "-keyout", "server.key", "-out", "server.csr"])
        try openssl([
            "x509", "-req", "-in", "server.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
            "1",
            "-copy_extensions", "copy", "-out", "server.pem",
        ])
        return try Self.text(directory + "/root.pem")
    }

    private func openssl(_ arguments: [String]) throws {
        _ = try ProgramRun(named: "env", ["-C", directory, "openssl"] + arguments)
            .output(withinSeconds: Self.opensslSeconds)
    }

    private static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchmarkError(reason: "\(path) cannot be read: it belongs to the package ca-certificates")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

/// `openssl s_server` on a free port of loopback; it answers every request with a status page and closes.
private struct TLSServer {
    private let process: ChildProcess
    private let port = Monitor<Int?>(nil)

    init(certificate: String, key: String) throws {
        let port = port
        process = try ChildProcess(
            executable: "/usr/bin/env",
            arguments: ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key", key],
            environment: ProcessInfo.processInfo.environment,
            onLine: { _, line in
                // "ACCEPT 127.0.0.1:36483"
                guard line.hasPrefix("ACCEPT"), let number = line.split(separator: ":").last.flatMap({ Int($0) }) else {
                    return
                }
                port.withLock { $0 = number }
            })
        Interruption.onInterruption { [process] in process.terminate(signal: SIGKILL) }
    }

    func waitForPort(seconds: Double) -> Int? {
        _ = Waiting.until(seconds: seconds) { port.read { $0 } != nil || process.exitResult != nil }
        return port.read { $0 }
    }

    func stop() { process.terminate(signal: SIGKILL) }
}
