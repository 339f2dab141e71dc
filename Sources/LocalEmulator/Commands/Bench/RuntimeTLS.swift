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

/// The first TLS request from inside a bootstrap: a server with a P-256 certificate on loopback, whose root is added to
/// those that a function is packaged with, or to all that this machine trusts.
final class RuntimeTLS {
    private static let probe = "NetworkProbe"
    private static let startSeconds = 10.0
    /// The function whose roots they are: it speaks to AWS and to payment providers.
    private static let function = "Worker"
    /// All that a Debian trusts, in one file, made by `update-ca-certificates`.
    private static let machineRoots = "/etc/ssl/certs/ca-certificates.crt"
    private static let arguments = ["--starts", "6", "--warmup", "1", "--count", "4", "--expect", #""status":200"#]

    /// One measurement for each set of roots; the packaged one first.
    let measurements: [RuntimeMeasurement]
    private let server: TLSServer

    /// - Parameter directory: where keys and certificates are made.
    init(directory: String) throws {
        let probe = try RuntimeContenders.built(Self.probe, as: Self.probe)
        let root = try Self.makeCertificates(directory)
        let packaged = try Program(script: "certificate-bundle").run([Self.function])
        guard let machine = FileManager.default.contents(atPath: Self.machineRoots) else {
            throw BenchmarkError(reason: "\(Self.machineRoots) is missing: install ca-certificates")
        }
        server = try TLSServer(certificate: directory + "/server.pem", key: directory + "/server.key")
        guard let port = server.waitForPort(seconds: Self.startSeconds) else {
            server.stop()
            throw BenchmarkError(reason: "openssl s_server has not started")
        }
        let event = directory + "/tls.json"
        try Data(#"{"https":"https://127.0.0.1:\#(port)/"}"#.utf8).write(to: URL(fileURLWithPath: event))
        let bundles = [
            (name: "of \(Self.function)", text: packaged.joined(separator: "\n")),
            (name: "of this machine", text: String(decoding: machine, as: UTF8.self)),
        ]
        measurements = try bundles.enumerated().map { number, bundle in
            let file = "\(directory)/roots-\(number).pem"
            try Data((bundle.text + "\n" + root).utf8).write(to: URL(fileURLWithPath: file))
            let count = bundle.text.components(separatedBy: "-----BEGIN CERTIFICATE-----").count - 1
            var contender = probe
            contender.name = "\(count) roots \(bundle.name)"
            contender.variables["CA_FILE"] = file
            return RuntimeMeasurement(
                subject: .tls, contender: contender, arguments: Self.arguments + ["-e", event])
        }
    }

    func stop() { server.stop() }

    /// What was measured, in the order of the measurements.
    static func figures(_ measured: [(name: String, figures: RuntimeFigures)]) -> [RuntimeTLSFigures] {
        measured.map { name, figures in
            RuntimeTLSFigures(
                roots: name, firstMilliseconds: figures.firstInvocationMicroseconds / 1_000,
                laterMilliseconds: figures.p50Microseconds / 1_000)
        }
    }

    /// Makes a root and a server certificate signed by it; the result is the root's PEM text.
    private static func makeCertificates(_ directory: String) throws -> String {
        let openssl = Program("openssl", package: "openssl")
        let newKey = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        func file(_ name: String) -> String { directory + "/" + name }
        try openssl.run(
            newKey + [
                "-x509", "-days", "1", "-subj", "/CN=fincore bench root", "-keyout", file("root.key"), "-out",
                file("root.pem"),
            ])
        try openssl.run(
            newKey + [
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file("server.key"),
                "-out", file("server.csr"),
            ])
        try openssl.run([
            "x509", "-req", "-in", file("server.csr"), "-CA", file("root.pem"), "-CAkey", file("root.key"),
            "-CAcreateserial", "-days", "1", "-copy_extensions", "copy", "-out", file("server.pem"),
        ])
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: file("root.pem"))), as: UTF8.self)
    }
}

/// `openssl s_server` on a free port of loopback; it answers every request with a status page and closes.
private struct TLSServer {
    private let process: ChildProcess
    private let port = Monitor<Int?>(nil)

    init(certificate: String, key: String) throws {
        let port = port
        process = try Interruption.start {
            try ChildProcess(
                executable: "/usr/bin/env",
                arguments: [
                    "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate, "-key", key,
                ],
                environment: ProcessInfo.processInfo.environment,
                onLine: { _, line in
                    // "ACCEPT 127.0.0.1:36483"
                    guard line.hasPrefix("ACCEPT"), let number = line.split(separator: ":").last.flatMap({ Int($0) })
                    else { return }
                    port.withLock { $0 = number }
                })
        } stop: {
            $0.terminate(signal: SIGKILL)
        }
    }

    func waitForPort(seconds: Double) -> Int? {
        _ = Waiting.until(seconds: seconds) { port.read { $0 } != nil || process.exitResult != nil }
        return port.read { $0 }
    }

    func stop() { process.terminate(signal: SIGKILL) }
}
