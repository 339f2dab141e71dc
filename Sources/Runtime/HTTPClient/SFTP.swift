import CCurl
import CurlEventLoop
import FoundationEssentials

/// An SFTP server, the account on it, and the one host key it must show.
public struct SFTPLocation: Sendable {
    /// Host name or address.
    public var host: String
    /// TCP port, usually 22.
    public var port: Int
    /// The account.
    public var username: String
    /// Path of the private key file (OpenSSH ed25519 or PEM ECDSA), readable by this process only.
    public var privateKeyFile: String
    /// SHA-256 of the host key, base64 without padding, as `ssh-keygen -lf KEY -E sha256` prints it after `SHA256:`.
    public var hostKeySHA256: String

    /// A location; without a pinned host key there is none, because libcurl then accepts any server silently.
    public init(host: String, port: Int, username: String, privateKeyFile: String, hostKeySHA256: String) {
        self.host = host
        self.port = port
        self.username = username
        self.privateKeyFile = privateKeyFile
        self.hostKeySHA256 = hostKeySHA256
    }
}

/// Why a file did not come over SFTP.
public enum SFTPError: Error, Sendable, Equatable {
    /// The path does not exist on the server.
    case fileNotFound(path: String)
    /// The server showed another host key than the pinned one: nothing was sent to it.
    case hostKeyMismatch(host: String)
    /// The server refused the key.
    case authenticationFailed(username: String)
    /// The file is larger than allowed.
    case tooLarge(path: String, limitBytes: Int)
    /// Connecting or transferring failed.
    case transferFailed(String)
}

extension HTTPClient {
    /// Downloads one file.
    ///
    /// - Parameters:
    ///   - path: absolute path on the server.
    ///   - maximumBytes: a larger file is an error, not a cut one.
    public func downloadSFTP(
        path: String, from location: SFTPLocation, timeoutMilliseconds: Int = 60_000,
        maximumBytes: Int = HTTPClient.maximumResponseBytes
    ) async throws(SFTPError) -> Data {
        let encoded = path.split(separator: "/", omittingEmptySubsequences: false)
            .map { Self.percentEncoded(String($0)) }.joined(separator: "/")
        guard
            let transfer = Transfer(
                url: "sftp://\(location.host):\(location.port)\(encoded)", timeoutMilliseconds: timeoutMilliseconds,
                connectTimeoutMilliseconds: 10_000, maximumBytes: maximumBytes)
        else { throw .transferFailed("libcurl could not make a handle") }
        transfer.set(CURLOPT_PROTOCOLS_STR, "sftp")
        transfer.set(CURLOPT_USERNAME, location.username)
        transfer.set(CURLOPT_SSH_AUTH_TYPES, Int(CURLSSH_AUTH_PUBLICKEY))
        transfer.set(CURLOPT_SSH_PRIVATE_KEYFILE, location.privateKeyFile)
        // libssh2 derives the public key from the private one when it is given none.
        transfer.set(CURLOPT_SSH_PUBLIC_KEYFILE, "")
        transfer.set(CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, location.hostKeySHA256)
        let outcome = await transfer.perform(on: loop)
        guard outcome.result == CURLE_OK else {
            throw Self.sftpError(of: outcome, path: path, location: location, maximumBytes: maximumBytes)
        }
        return Data(outcome.body)
    }

    private static func sftpError(
        of outcome: Transfer.Outcome, path: String, location: SFTPLocation, maximumBytes: Int
    ) -> SFTPError {
        if outcome.exceededLimit { return .tooLarge(path: path, limitBytes: maximumBytes) }
        return switch outcome.result {
        case CURLE_REMOTE_FILE_NOT_FOUND: .fileNotFound(path: path)
        case CURLE_PEER_FAILED_VERIFICATION: .hostKeyMismatch(host: location.host)
        case CURLE_LOGIN_DENIED: .authenticationFailed(username: location.username)
        default: .transferFailed(outcome.detail)
        }
    }

    private static func percentEncoded(_ segment: String) -> String {
        guard let escaped = curl_easy_escape(nil, segment, Int32(clamping: segment.utf8.count)) else { return segment }
        defer { curl_free(escaped) }
        return String(cString: escaped)
    }
}
