import FoundationEssentials

/// How much of TLS a connection insists on; the raw values are libpq's `sslmode`.
public enum PostgresSSLMode: String, Sendable, Codable {
    /// Never TLS; only for a socket that does not leave the machine.
    case disable
    /// TLS when the server offers it; open to a downgrade, so only for a loopback connection.
    case prefer
    /// TLS, whoever the server is.
    case require
    /// TLS, and the certificate chain must lead to the root certificate.
    case verifyChain = "verify-ca"
    /// TLS, chain and host name verified.
    case verifyFull = "verify-full"
}

/// Where a database is and who connects to it.
public struct PostgresParameters: Sendable, Equatable {
    /// PostgreSQL's own port.
    public static let defaultPort = 5432

    /// Host name, address, or the absolute path of the folder that holds a Unix socket.
    public var host: String
    /// TCP port, or the number in the socket's name.
    public var port: Int
    /// The database's name.
    public var database: String
    /// The account that logs in.
    public var username: String
    /// The account's password; `nil` where the server trusts the socket. Never printed.
    public var password: String?
    /// How much of TLS is insisted on.
    public var sslMode: PostgresSSLMode
    /// A file of root certificates for the two verifying modes; `nil` is libpq's default.
    public var rootCertificateFile: String?
    /// A role every session assumes after logging in, so that it holds no more rights than its work needs, whatever
    /// the account may do; `nil` keeps the account's own.
    public var role: String?
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// How long connecting may take, over all addresses of the host together.
    public var connectTimeoutSeconds: Int
    /// How long the server works on one statement before it gives up with SQLSTATE 57014; 0 is no limit.
    public var statementTimeoutMilliseconds: Int

    /// Parameters of a connection.
    ///
    /// - Parameter sslMode: `nil` chooses `require`, or `prefer` for a host that is this machine.
    public init(
        host: String, port: Int = PostgresParameters.defaultPort, database: String, username: String,
        password: String?, sslMode: PostgresSSLMode? = nil, rootCertificateFile: String? = nil, role: String? = nil,
        applicationName: String = "fincore", connectTimeoutSeconds: Int = 5,
        statementTimeoutMilliseconds: Int = 30_000
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.username = username
        self.password = password
        self.sslMode = sslMode ?? (Self.isThisMachine(host) ? .prefer : .require)
        self.rootCertificateFile = rootCertificateFile
        self.role = role
        self.applicationName = applicationName
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
    }

    /// Parameters out of a secret in the form in which Secrets Manager keeps RDS credentials:
    /// `{"engine":"postgres","host","port","username","password","dbname"}`, optionally with `"sslmode"`.
    ///
    /// - Throws: `PostgresError.invalidParameters`, which names the key that is wrong and never a value.
    public init(
        secret: String, role: String? = nil, applicationName: String, rootCertificateFile: String? = nil
    ) throws(PostgresError) {
        let form: DatabaseSecret
        do {
            form = try JSONDecoder().decode(DatabaseSecret.self, from: Data(secret.utf8))
        } catch {
            throw .invalidParameters("the database secret is not in the RDS form: \(DatabaseSecret.problem(in: error))")
        }
        if let engine = form.engine, !engine.hasPrefix("postgres"), engine != "aurora-postgresql" {
            throw .invalidParameters("the database secret is for the engine \(engine), not postgres")
        }
        let verifying: PostgresSSLMode? = rootCertificateFile == nil ? nil : .verifyFull
        self.init(
            host: form.host, port: form.port, database: form.database, username: form.username,
            password: form.password, sslMode: form.sslMode ?? verifying, rootCertificateFile: rootCertificateFile,
            role: role, applicationName: applicationName)
    }

    private static func isThisMachine(_ host: String) -> Bool {
        host.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains(host)
    }
}

extension PostgresParameters: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// User, host, port and database; the password stays out of every log and crash report.
    public var description: String {
        "postgres://\(username)@\(host):\(port)/\(database)"
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Shows nothing but `description`, so that `dump` does not print the password.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

/// The JSON form of an RDS secret.
private struct DatabaseSecret: Decodable {
    let engine: String?
    let host: String
    let port: Int
    let username: String
    let password: String
    let database: String
    let sslMode: PostgresSSLMode?

    enum CodingKeys: String, CodingKey {
        case engine, host, port, username, password
        case database = "dbname"
        case sslMode = "sslmode"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        engine = try container.decodeIfPresent(String.self, forKey: .engine)
        host = try container.decode(String.self, forKey: .host)
        username = try container.decode(String.self, forKey: .username)
        password = try container.decode(String.self, forKey: .password)
        database = try container.decode(String.self, forKey: .database)
        sslMode = try container.decodeIfPresent(PostgresSSLMode.self, forKey: .sslMode)
        port = try Self.port(in: container)
    }

    /// RDS writes the port as a number; secrets written by hand often hold it as text.
    private static func port(in container: KeyedDecodingContainer<CodingKeys>) throws -> Int {
        guard container.contains(.port) else { return PostgresParameters.defaultPort }
        if let number = try? container.decode(Int.self, forKey: .port) { return number }
        guard let number = Int(try container.decode(String.self, forKey: .port)) else {
            throw DecodingError.dataCorruptedError(forKey: .port, in: container, debugDescription: "not a number")
        }
        return number
    }

    /// What is wrong, in words that hold no value of the secret.
    static func problem(in error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\"\(context.codingPath.last?.stringValue ?? "the whole")\" has the wrong type"
        case DecodingError.dataCorrupted(let context):
            context.codingPath.last.map { "\"\($0.stringValue)\" cannot be read" } ?? "it is not JSON"
        default: "it is not JSON"
        }
    }
}
