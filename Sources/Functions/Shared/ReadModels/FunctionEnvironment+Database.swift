import LambdaRuntime
import PostgresClient

extension FunctionEnvironment {
    /// Where a database is and who connects to it, from the secret whose id a variable holds.
    ///
    /// `DATABASE_CA_FILE` names the root certificates for a database outside this machine; with it the server's
    /// certificate and name are verified.
    ///
    /// - Parameters:
    ///   - variable: the environment variable with the secret's id, for example `PAYMENT_DB_SECRET_ID`.
    ///   - role: the role that sessions assume, so that the function holds no more rights than its work needs.
    public func databaseParameters(
        secretNamedBy variable: String, from secrets: any SecretSource, role: String? = nil, applicationName: String
    ) async throws -> PostgresParameters {
        let secret = try await secrets.secret(try required(variable))
        return try PostgresParameters(
            secret: secret, role: role, applicationName: applicationName,
            rootCertificateFile: optional("DATABASE_CA_FILE"))
    }
}
