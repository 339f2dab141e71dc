import Cryptography
import Foundation

/// An ed25519 key pair in files made by `ssh-keygen`.
struct SSHKeyPair: Sendable {
    /// The private key's file; the public key is beside it with `.pub`.
    let file: String

    /// Makes the pair unless the file exists, readable by the given account only.
    ///
    /// ed25519 because libssh2 1.10, the client of the functions, signs RSA only with SHA-1, which sshd refuses.
    init(file: String, generator: String, account: ServerAccount, server: String) throws(LocalServerError) {
        self.file = file
        guard !FileManager.default.fileExists(atPath: file) else { return }
        try ServerProcess.run(
            generator, ["-q", "-t", "ed25519", "-N", "", "-C", "fincore", "-f", file], server: server,
            account: account)
    }

    /// The private key as OpenSSH writes it.
    func privateKey(server: String) throws(LocalServerError) -> String {
        try contents(of: file, server)
    }

    /// The line of the public key file: type, key in base64, comment.
    func publicLine(server: String) throws(LocalServerError) -> String {
        try contents(of: file + ".pub", server).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// SHA-256 of the public key, base64 without padding, as `ssh-keygen -lf` prints it.
    func fingerprint(server: String) throws(LocalServerError) -> String {
        let parts = try publicLine(server: server).split(separator: " ")
        guard parts.count >= 2, let key = Data(base64Encoded: String(parts[1])) else {
            throw .directoryUnusable(server: server, path: file + ".pub", reason: "it is not a public key")
        }
        return Data(SHA256.digest(key)).base64EncodedString().replacing("=", with: "")
    }

    private func contents(of path: String, _ server: String) throws(LocalServerError) -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .directoryUnusable(server: server, path: path, reason: ServerAccount.reason(error))
        }
    }
}
