import AWSClient
import FoundationEssentials
import LambdaRuntime

extension FunctionEnvironment {
    /// A client for AWS with this function's region, credentials and endpoints, waiting on this function's loop.
    public func makeAWSClient() throws -> AWSClient {
        let loop = self.loop
        return AWSClient(
            configuration: try AWSConfiguration(environment: variables), transport: http,
            sleep: { await loop.sleep(milliseconds: $0) })
    }
}
