import Foundation
import PostgresClient

/// An account of the fixture's server that has to give its password, unlike the owner, and whose password can change.
public struct PostgresAccount: Sendable {
    /// The fixture's server asks the members of this role for their passwords.
    static let group = "password_login"

    /// The account's login to a database of its own, with the password it had in the beginning.
    public let parameters: PostgresParameters
    /// The login of the database's owner.
    public let owner: PostgresParameters

    /// Makes an account that may do in a fresh database what the role may, or work on all of its tables.
    public init(_ schema: PostgresFixture.Schema = .empty, role: String? = nil) throws {
        owner = try PostgresFixture.database(schema)
        var parameters = owner
        parameters.username = "account_\(UInt64.random(in: 0 ... .max))"
        parameters.password = "before-\(UUID().uuidString)"
        parameters.role = role
        self.parameters = parameters
        let connection = try PostgresConnection(parameters: owner)
        try connection.execute("CREATE ROLE \(parameters.username) LOGIN IN ROLE \(Self.group)")
        try setPassword(parameters, connection)
        try connection.execute(
            role.map { "GRANT \($0) TO \(parameters.username)" }
                ?? "GRANT ALL ON ALL TABLES IN SCHEMA public TO \(parameters.username)")
    }

    /// Gives the account a new password and ends its sessions, as a failover after a rotation does.
    ///
    /// - Returns: the login with the new password.
    public func rotatePassword() throws -> PostgresParameters {
        var rotated = parameters
        rotated.password = "after-\(UUID().uuidString)"
        let connection = try PostgresConnection(parameters: owner)
        try setPassword(rotated, connection)
        try connection.query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1",
            [.text(parameters.username)])
        return rotated
    }

    /// The login as Secrets Manager keeps it.
    public static func secret(_ parameters: PostgresParameters) -> String {
        """
        {"engine":"postgres","host":"\(parameters.host)","port":\(parameters.port),"sslmode":"disable",\
        "username":"\(parameters.username)","password":"\(parameters.password ?? "")","dbname":"\(parameters.database)"}
        """
    }

    private func setPassword(_ parameters: PostgresParameters, _ connection: PostgresConnection) throws {
        try connection.execute("ALTER ROLE \(parameters.username) PASSWORD '\(parameters.password ?? "")'")
    }
}
