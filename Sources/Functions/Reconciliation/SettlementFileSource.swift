import FoundationEssentials
import HTTPClient

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Hands out settlement files by name.
protocol SettlementFileSource: Sendable {
    /// The whole file.
    ///
    /// - Throws: `fileMissing`, `fileNotFetched`.
    func file(named name: String) async throws(ReconciliationError) -> Data
}

/// The provider's SFTP account, as Secrets Manager keeps it.
struct SFTPAccount: Sendable, Decodable {
    let host: String
    let port: Int
    let username: String
    /// The private key in OpenSSH or PEM form.
    let privateKey: String
    /// The pinned host key: SHA-256, base64 without padding.
    let hostKeySHA256: String
    /// Where the files are, absolute.
    let directory: String

    enum CodingKeys: String, CodingKey {
        case host, port, username, directory
        case privateKey = "private_key"
        case hostKeySHA256 = "host_key_sha256"
    }
}

/// Settlement files on a provider's SFTP server.
struct SFTPSettlementFiles: SettlementFileSource {
    /// A million rows (R8.5) of some 300 bytes; also what fits the function's memory.
    static let maximumFileBytes = 512 * 1024 * 1024
    /// A third of Lambda's 15 minutes: the rest of the run needs time too.
    static let timeoutMilliseconds = 300_000

    let account: SFTPAccount
    let client: HTTPClient
    /// Where the private key stands while a transfer needs it.
    var temporaryDirectory = FileManager.default.temporaryDirectory.path

    func file(named name: String) async throws(ReconciliationError) -> Data {
        let path = account.directory + (account.directory.hasSuffix("/") ? "" : "/") + name
        let key = try PrivateKeyFile(account.privateKey, in: temporaryDirectory)
        defer { key.remove() }
        let location = SFTPLocation(
            host: account.host, port: account.port, username: account.username, privateKeyFile: key.path,
            hostKeySHA256: account.hostKeySHA256)
        do throws(SFTPError) {
            return try await client.downloadSFTP(
                path: path, from: location, timeoutMilliseconds: Self.timeoutMilliseconds,
                maximumBytes: Self.maximumFileBytes)
        } catch {
            switch error {
            case .fileNotFound(let path): throw .fileMissing(path: path)
            case .hostKeyMismatch(let host):
                throw .fileNotFetched(
                    path: path, detail: "\(host) shows another host key than the pinned one; nothing was sent to it")
            case .authenticationFailed(let username):
                throw .fileNotFetched(path: path, detail: "the server refused the key of \(username)")
            case .tooLarge(_, let limitBytes):
                throw .fileNotFetched(path: path, detail: "it is larger than \(limitBytes) bytes")
            case .transferFailed(let detail): throw .fileNotFetched(path: path, detail: detail)
            }
        }
    }
}

/// A private key in a file that only this process's user can read, for as long as one transfer needs it: libssh2 reads
/// keys from files only.
struct PrivateKeyFile {
    let path: String

    init(_ key: String, in directory: String) throws(ReconciliationError) {
        var template = Array((directory + "/settlement-key-XXXXXX").utf8CString)
        // mkstemp makes a new file with mode 0600, whatever the umask says.
        let descriptor = mkstemp(&template)
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        guard descriptor >= 0 else {
            throw .fileNotFetched(path: path, detail: "no temporary file for the key: errno \(errno)")
        }
        defer { close(descriptor) }
        // A PEM file has to end with a line break.
        var rest = Array((key.hasSuffix("\n") ? key : key + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                unlink(path)
                throw .fileNotFetched(path: path, detail: "the key's temporary file cannot be written: errno \(errno)")
            }
            rest = rest.dropFirst(count)
        }
    }

    func remove() {
        unlink(path)
    }
}
