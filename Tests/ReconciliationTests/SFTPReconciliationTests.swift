import CurlEventLoop
import Foundation
import HTTPClient
import LambdaRuntime
import Testing

@testable import Reconciliation

@Suite("The settlement file over real SFTP")
struct SFTPReconciliationTests {
    private static let day = "2026-11-19"

    private func account(_ server: SSHServer, hostKeySHA256: String? = nil) throws -> SFTPAccount {
        let secret: [String: Any] = [
            "host": "127.0.0.1", "port": server.port, "username": server.username, "private_key": server.privateKey,
            "host_key_sha256": hostKeySHA256 ?? server.hostKeySHA256, "directory": server.files.path,
        ]
        return try SFTPAccount(secret: String(decoding: JSONSerialization.data(withJSONObject: secret), as: UTF8.self))
    }

    /// The source under test with a folder of its own for the private key.
    private func source(_ account: SFTPAccount, _ loop: EventLoop) throws -> SFTPSettlementFiles {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return SFTPSettlementFiles(
            account: account, client: HTTPClient(loop: loop), temporaryDirectory: folder)
    }

    /// Whether nothing stays behind of the private key; removes the folder.
    private func leavesNothing(_ source: SFTPSettlementFiles) throws -> Bool {
        defer { try? FileManager.default.removeItem(atPath: source.temporaryDirectory) }
        return try FileManager.default.contentsOfDirectory(atPath: source.temporaryDirectory).isEmpty
    }

    @Test("a whole run with a planted discrepancy, and no key file stays behind")
    func wholeRun() throws {
        let server = try SSHServer()
        let setup = try ReconciliationSetup()
        try setup.bookCharge("a", 1999, at: "2026-11-19T11:59:00Z")
        try setup.bookCharge("b", 5000, at: "2026-11-19T12:00:00Z")
        let text = SettlementFile.text([
            SettlementFile.charge("a", "19.99", at: "2026-11-19 11:59:00"),
            SettlementFile.charge("b", "49.99", at: "2026-11-19 12:00:00"),
        ])
        try Data(text.utf8).write(to: server.files.appendingPathComponent("stripe_2026-11-19.csv"))
        let loop = EventLoop()
        let source = try source(account(server), loop)
        let summary = try loop.run { try await setup.run(Self.day, files: source) }
        #expect((summary.rows, summary.matched, summary.discrepancies) == (2, 1, 1))
        #expect(setup.places.alerts.first?.message.contains("charge ch_b: ledger 50.00 EUR, file 49.99 EUR") == true)
        #expect(try leavesNothing(source))
    }

    @Test("a server with another host key than the pinned one gets nothing")
    func hostKeyMismatch() throws {
        let server = try SSHServer()
        let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        let error = try failure(account: account(server, hostKeySHA256: other))
        guard case .fileNotFetched(_, let detail)? = error else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        #expect(detail.contains("another host key"))
    }

    @Test("a file that is not there is told apart from a server that is not there")
    func missingFile() throws {
        let server = try SSHServer()
        #expect(
            try failure(account: account(server))
                == .fileMissing(path: server.files.path + "/stripe_2026-11-19.csv"))
        let unreachable = SFTPAccount(
            host: "127.0.0.1", port: 1, username: "u", privateKey: server.privateKey,
            hostKeySHA256: server.hostKeySHA256, directory: "/x")
        guard case .fileNotFetched(path: "/x/stripe_2026-11-19.csv", _)? = try failure(account: unreachable) else {
            Issue.record("an unreachable server is not reported as such")
            return
        }
    }

    @Test("the private key stands in a file that nobody else can read, and only as long as it is needed")
    func keyFile() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let key = try PrivateKeyFile("-----BEGIN-----", in: folder)
        let attributes = try FileManager.default.attributesOfItem(atPath: key.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try String(contentsOfFile: key.path, encoding: .utf8) == "-----BEGIN-----\n")
        key.remove()
        #expect(!FileManager.default.fileExists(atPath: key.path))
        #expect(throws: ReconciliationError.self) { try PrivateKeyFile("x", in: "/nonexistent") }
    }

    @Test("a secret of another form is refused without being quoted")
    func secret() {
        for secret in ["hunter2", #"{"host":"hunter2"}"#] {
            #expect {
                _ = try SFTPAccount(secret: secret)
            } throws: { error in
                guard case .invalidVariable("SETTLEMENT_SFTP_SECRET_ID", let reason)? = error as? ConfigurationError
                else { return false }
                return !reason.contains("hunter2")
            }
        }
    }

    private func failure(account: SFTPAccount) throws -> ReconciliationError? {
        let loop = EventLoop()
        let source = try source(account, loop)
        var failure: ReconciliationError?
        do {
            _ = try loop.run { try await source.file(named: "stripe_\(Self.day).csv") }
        } catch {
            failure = error as? ReconciliationError
        }
        #expect(try leavesNothing(source))
        return failure
    }
}
