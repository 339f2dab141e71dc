import CurlEventLoop
import Foundation
import HTTPClient
import Testing

@testable import LocalEmulator

@Suite struct SFTPServerTests {
    /// A running server with one file, and the client's key in a file as libssh2 and OpenSSH want it.
    private final class Fixture: Sendable {
        let folder: TemporaryFolder
        let server: SFTPServer
        let keyFile: String
        let knownHostsFile: String

        init() throws {
            folder = try TemporaryFolder()
            server = SFTPServer(dataDirectory: folder.path + "/sftp")
            try server.start()
            try Data("a,b\n1,2\n".utf8).write(to: URL(fileURLWithPath: server.rootDirectory + "/file.csv"))
            keyFile = folder.path + "/key"
            knownHostsFile = folder.path + "/known_hosts"
            try Data(server.privateKey.utf8).write(to: URL(fileURLWithPath: keyFile))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile)
            let hostKey = try String(contentsOfFile: folder.path + "/sftp/server/host_key.pub", encoding: .utf8)
            try Data("[127.0.0.1]:\(server.port) \(hostKey)".utf8).write(to: URL(fileURLWithPath: knownHostsFile))
        }

        deinit { server.stop() }

        var options: [String] {
            [
                "-i", keyFile, "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(knownHostsFile)",
                "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
            ]
        }

        func sftp(_ command: String) throws -> ClientProgram {
            let batch = folder.path + "/batch"
            try Data((command + "\n").utf8).write(to: URL(fileURLWithPath: batch))
            return try ClientProgram(
                "sftp", options + ["-b", batch, "-P", "\(server.port)", "\(server.username)@127.0.0.1"])
        }

        func location(hostKeySHA256: String? = nil, keyFile: String? = nil) -> SFTPLocation {
            SFTPLocation(
                host: "127.0.0.1", port: server.port, username: server.username,
                privateKeyFile: keyFile ?? self.keyFile, hostKeySHA256: hostKeySHA256 ?? server.hostKeySHA256)
        }
    }

    private func download(_ path: String, from location: SFTPLocation) throws -> Data {
        let loop = EventLoop()
        let client = HTTPClient(loop: loop)
        return try loop.run { try await client.downloadSFTP(path: path, from: location) }
    }

    @Test func aRealClientFetchesWhatWasWritten() throws {
        let fixture = try Fixture()
        let target = fixture.folder.path + "/fetched"
        let fetched = try fixture.sftp("get \(fixture.server.remoteDirectory)/file.csv \(target)")
        #expect(fetched.succeeded, "\(fetched.output)")
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "a,b\n1,2\n")
    }

    @Test func theFunctionsOwnClientFetchesWithThePinnedKey() throws {
        let fixture = try Fixture()
        let path = fixture.server.remoteDirectory + "/file.csv"
        #expect(try download(path, from: fixture.location()) == Data("a,b\n1,2\n".utf8))
        let missing = fixture.server.remoteDirectory + "/missing.csv"
        #expect(throws: SFTPError.fileNotFound(path: missing)) {
            try download(missing, from: fixture.location())
        }
    }

    @Test func aWrongHostKeyIsRefused() throws {
        let fixture = try Fixture()
        let other = try Fixture()
        let path = fixture.server.remoteDirectory + "/file.csv"
        #expect(throws: SFTPError.hostKeyMismatch(host: "127.0.0.1")) {
            try download(path, from: fixture.location(hostKeySHA256: other.server.hostKeySHA256))
        }
        try Data("[127.0.0.1]:\(fixture.server.port) \(hostKey(of: other.folder))".utf8)
            .write(to: URL(fileURLWithPath: fixture.knownHostsFile))
        let refused = try fixture.sftp("ls /")
        #expect(!refused.succeeded && refused.output.contains("Host key verification failed"))
    }

    private func hostKey(of folder: TemporaryFolder) throws -> String {
        try String(contentsOfFile: folder.path + "/sftp/server/host_key.pub", encoding: .utf8)
    }

    @Test func aForeignKeyIsRefused() throws {
        let fixture = try Fixture()
        let other = try Fixture()
        #expect(throws: SFTPError.authenticationFailed(username: fixture.server.username)) {
            try download("/", from: fixture.location(keyFile: other.keyFile))
        }
    }

    @Test func theFingerprintIsTheOneSSHKeygenPrints() throws {
        let fixture = try Fixture()
        let printed = try ClientProgram(
            "ssh-keygen", ["-l", "-E", "sha256", "-f", fixture.folder.path + "/sftp/server/host_key.pub"])
        #expect(printed.output.contains("SHA256:\(fixture.server.hostKeySHA256) "))
        #expect(!fixture.server.hostKeySHA256.contains("="))
    }

    @Test func theServerHandsOutFilesAndDoesNothingElse() throws {
        let fixture = try Fixture()
        let written = try fixture.sftp("put \(fixture.keyFile) \(fixture.server.remoteDirectory)/written")
        #expect(!written.succeeded && written.output.contains("Permission denied"))
        let shell = try ClientProgram(
            "ssh", fixture.options + ["-p", "\(fixture.server.port)", "\(fixture.server.username)@127.0.0.1", "id"])
        #expect(!shell.output.contains("uid="))
        // A forward is asked for after the login and refused by the server.
        let forward = try ClientProgram(
            "ssh",
            fixture.options + [
                "-o", "ExitOnForwardFailure=yes", "-N", "-R", "0:127.0.0.1:1", "-p", "\(fixture.server.port)",
                "\(fixture.server.username)@127.0.0.1",
            ])
        #expect(!forward.succeeded && forward.output.contains("forwarding failed"), "\(forward.output)")
    }

    @Test func aRestartKeepsTheKeys() throws {
        let fixture = try Fixture()
        let (hostKey, clientKey) = (fixture.server.hostKeySHA256, fixture.server.privateKey)
        fixture.server.stop()
        try fixture.server.start()
        #expect(fixture.server.hostKeySHA256 == hostKey && fixture.server.privateKey == clientKey)
    }

    @Test func stoppingEndsOpenSessions() throws {
        let fixture = try Fixture()
        let client = try ChildProcess(
            executable: try ServerPrograms.find("ssh", server: "test", package: "openssh-client"),
            // A login that asks for nothing stays open until one side ends it.
            arguments: fixture.options + [
                "-N", "-p", "\(fixture.server.port)", "\(fixture.server.username)@127.0.0.1",
            ],
            environment: ServerProcess.environment)
        defer { client.terminate(signal: SIGKILL) }
        let server = try #require(fixture.server.processID)
        #expect(eventually { ProcessTree.descendants(of: server).count >= 2 })
        let sessions = ProcessTree.descendants(of: server)
        fixture.server.stop()
        #expect(eventually { !sessions.contains(where: isAlive) })
    }
}
