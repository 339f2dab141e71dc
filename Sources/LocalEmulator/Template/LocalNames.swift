import Foundation

/// The names, ARNs and URLs under which a template's resources exist on this machine.
public struct LocalNames: Sendable {
    /// The account that every resource pretends to be in, in the region where the system is deployed.
    public static let defaultAccount = AWSAccount(id: "000000000000", region: "eu-west-1")

    /// The account and region every resource is in.
    public let account: AWSAccount
    /// Base URL of the AWS endpoint; queue URLs lie below it.
    public let endpoint: String

    /// Names below this endpoint.
    public init(account: AWSAccount, endpoint: String) {
        self.account = account
        self.endpoint = endpoint
    }

    /// A resource's physical name: its explicit name, or else its logical id.
    public func physicalName(_ logicalID: String, _ resource: JSONValue) -> String {
        let type = resource["Type"]?.stringValue ?? ""
        let properties = resource["Properties"]
        let key =
            switch type {
            case "AWS::Serverless::Function": "FunctionName"
            case "AWS::DynamoDB::Table": "TableName"
            case "AWS::SQS::Queue": "QueueName"
            case "AWS::S3::Bucket": "BucketName"
            case "AWS::SNS::Topic": "TopicName"
            default: "Name"
            }
        if let name = properties?[key]?.stringValue { return name }
        switch type {
        case "AWS::SQS::Queue" where properties?["FifoQueue"] == true: return logicalID + ".fifo"
        // Bucket names hold no capital letters.
        case "AWS::S3::Bucket": return logicalID.lowercased()
        default: return logicalID
        }
    }

    func pseudoParameter(_ name: String) -> String? {
        switch name {
        case "AWS::Region": account.region
        case "AWS::AccountId": account.id
        case "AWS::Partition": "aws"
        case "AWS::StackName": "fincore"
        case "AWS::URLSuffix": "amazonaws.com"
        default: nil
        }
    }

    /// What `Ref` gives.
    func reference(_ logicalID: String, _ resource: JSONValue) -> String {
        let name = physicalName(logicalID, resource)
        return switch resource["Type"]?.stringValue {
        case "AWS::SQS::Queue": "\(endpoint)/\(account.id)/\(name)"
        case "AWS::SNS::Topic": arn(logicalID, resource)
        default: name
        }
    }

    /// What `Fn::GetAtt` gives.
    func attribute(_ attribute: String, of logicalID: String, _ resource: JSONValue) -> String {
        switch attribute {
        case "Arn", "TopicArn": arn(logicalID, resource)
        case "QueueName", "TopicName", "Name": physicalName(logicalID, resource)
        case "QueueUrl": reference(logicalID, resource)
        case "DNSName": "127.0.0.1"
        default: "\(logicalID).\(attribute)"
        }
    }

    /// A resource's ARN.
    func arn(_ logicalID: String, _ resource: JSONValue) -> String {
        let name = physicalName(logicalID, resource)
        return switch resource["Type"]?.stringValue {
        case "AWS::Serverless::Function": functionARN(name)
        case "AWS::SQS::Queue": account.arn("sqs", name)
        case "AWS::Kinesis::Stream": account.arn("kinesis", "stream/\(name)")
        case "AWS::DynamoDB::Table": account.arn("dynamodb", "table/\(name)")
        case "AWS::S3::Bucket": "arn:aws:s3:::\(name)"
        case "AWS::SNS::Topic": account.arn("sns", name)
        case "AWS::ElasticLoadBalancingV2::TargetGroup":
            account.arn("elasticloadbalancing", "targetgroup/\(name)/0123456789abcdef")
        default: account.arn("local", "\(resource["Type"]?.stringValue ?? "resource")/\(name)")
        }
    }

    /// A function's ARN.
    public func functionARN(_ name: String) -> String {
        account.arn("lambda", "function:\(name)")
    }
}
