// A function that makes one connection to the outside for each event and says what came of it: the same client, roots
// and static build as the real functions, so that tests and measurements see names resolved, certificates verified and
// files transferred from inside a deployed zip.

import FoundationEssentials
import HTTPClient
import LambdaCodable
import LambdaEvents
import LambdaRuntime

/// Where to connect to; one of the members is set.
struct ProbeRequest: Decodable, LambdaDecodable {
    /// A file on an SFTP server.
    struct File: Decodable, Sendable {
        let host: String
        let port: Int
        let username: String
        /// Path of the private key.
        let privateKeyFile: String
        /// SHA-256 of the server's key, base64 without padding.
        let hostKeySHA256: String
        /// Absolute path on the server.
        let path: String

        enum CodingKeys: String, CodingKey {
            case host, port, username, path
            case privateKeyFile = "private_key_file"
            case hostKeySHA256 = "host_key_sha256"
        }
    }

    /// An HTTPS URL to get.
    let https: String?
    let sftp: File?
}

/// What came of it.
struct ProbeAnswer: Encodable, LambdaEncodable {
    /// The HTTP status.
    var status: Int?
    /// The size of what was received.
    var bytes: Int?
    /// Why nothing was received.
    var error: String?
    /// How long it took.
    var milliseconds: Double = 0
}

struct NetworkProbe: LambdaHandler {
    let client: HTTPClient

    func handle(_ event: ProbeRequest, context: LambdaContext) async -> ProbeAnswer {
        let clock = ContinuousClock()
        let start = clock.now
        var answer = await connect(event)
        answer.milliseconds = start.duration(to: clock.now) / .milliseconds(1)
        return answer
    }

    private func connect(_ event: ProbeRequest) async -> ProbeAnswer {
        do {
            if let url = event.https {
                let response = try await client.send(HTTPRequest(url: url))
                return ProbeAnswer(status: response.status, bytes: response.body.count)
            }
            guard let file = event.sftp else { return ProbeAnswer(error: "the event names neither https nor sftp") }
            let location = SFTPLocation(
                host: file.host, port: file.port, username: file.username, privateKeyFile: file.privateKeyFile,
                hostKeySHA256: file.hostKeySHA256)
            return ProbeAnswer(bytes: try await client.downloadSFTP(path: file.path, from: location).count)
        } catch {
            return ProbeAnswer(error: "\(error)")
        }
    }
}

LambdaRuntime.run { environment in
    let packaged = environment.optional("LAMBDA_TASK_ROOT").map { $0 + "/ca.pem" }
    return NetworkProbe(
        client: HTTPClient(
            loop: environment.loop, certificateAuthorityFile: environment.optional("CA_FILE") ?? packaged))
}
