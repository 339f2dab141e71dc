import LambdaRuntime
import PostgresClient

extension FunctionEnvironment {
    /// A connection to a database that follows the rotation of its secret: when the server refuses the account,
    /// ``PostgresConnection/renewingParameters(_:)`` reads the secret again.
    ///
    /// `DATABASE_CA_FILE` names the root certificates for a database outside this machine; with it the server's
    /// certificate and name are verified.
    ///
    /// - Parameters:
    ///   - variable: the environment variable with the secret's id, for example `PAYMENT_DB_SECRET_ID`.
    ///   - role: the role that sessions assume, so that the function holds no more rights than its work needs.
    ///   - connectsOnFirstUse: for a function that has something to answer even without its database; all others
    ///     connect at once, so that a wrong secret shows at start.
    ///   - statementTimeoutMilliseconds: shorter than the invocation may last when somebody waits for the answer;
    ///     `nil` takes the client's own.
    public func databaseConnection(
        secretNamedBy variable: String, from secrets: any SecretSource, role: String? = nil, applicationName: String,
        connectsOnFirstUse: Bool = false, statementTimeoutMilliseconds: Int? = nil
    ) async throws -> PostgresConnection {
        let secretID = try required(variable)
        let parse: @Sendable (String) throws(PostgresError) -> PostgresParameters = { (secret) throws(PostgresError) in
            var parameters = try databaseParameters(secret, role, applicationName)
            if let limit = statementTimeoutMilliseconds { parameters.statementTimeoutMilliseconds = limit }
            return parameters
        }
        let parameters = try parse(try await secrets.secret(secretID))
        let source: PostgresConnection.ParameterSource = { () async throws(PostgresError) in
            let secret: String
            do throws(SecretError) {
                secret = try await secrets.refreshedSecret(secretID)
            } catch {
                throw .authenticationFailed("the secret cannot be read again: \(error.detail)")
            }
            return try parse(secret)
        }
        if connectsOnFirstUse { return PostgresConnection(connectingOnFirstUse: parameters, renewedBy: source) }
        return try PostgresConnection(parameters: parameters, renewedBy: source)
    }

    private func databaseParameters(
        _ secret: String, _ role: String?, _ applicationName: String
    ) throws(PostgresError) -> PostgresParameters {
        try PostgresParameters(
            secret: secret, role: role, applicationName: applicationName,
            rootCertificateFile: optional("DATABASE_CA_FILE"))
    }
}
