/// The AWS services this client speaks to. The raw value is both the endpoint prefix and the name in a credential
/// scope, which are the same word for all of them.
public enum AWSService: String, Sendable, CaseIterable {
    case dynamoDB = "dynamodb"
    case kinesis = "kinesis"
    case lambda = "lambda"
    case s3 = "s3"
    case secretsManager = "secretsmanager"
    case sns = "sns"
    case sqs = "sqs"

    /// The service's name in a credential scope.
    public var signingName: String { rawValue }

    /// The environment variable that moves this service alone to another endpoint (AWS SDKs and Tools Reference
    /// Guide, "Service-specific endpoints").
    public var endpointVariable: String {
        switch self {
        case .dynamoDB: "AWS_ENDPOINT_URL_DYNAMODB"
        case .kinesis: "AWS_ENDPOINT_URL_KINESIS"
        case .lambda: "AWS_ENDPOINT_URL_LAMBDA"
        case .s3: "AWS_ENDPOINT_URL_S3"
        case .secretsManager: "AWS_ENDPOINT_URL_SECRETS_MANAGER"
        case .sns: "AWS_ENDPOINT_URL_SNS"
        case .sqs: "AWS_ENDPOINT_URL_SQS"
        }
    }
}
