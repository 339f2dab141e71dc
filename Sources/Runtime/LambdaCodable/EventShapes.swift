import LambdaEvents

// The shapes themselves know only `Codable`, so that a function that takes none of them stays free of Foundation.

extension ALBRequest: LambdaDecodable, LambdaEncodable {}
extension ALBResponse: LambdaDecodable, LambdaEncodable {}
extension APIGatewayV2Request: LambdaDecodable, LambdaEncodable {}
extension APIGatewayV2Response: LambdaDecodable, LambdaEncodable {}
extension AsynchronousInvocationRecord: LambdaDecodable, LambdaEncodable {}
extension EventBridgeEvent: LambdaDecodable, LambdaEncodable {}
extension JSONTree: LambdaDecodable, LambdaEncodable {}
extension S3Event: LambdaDecodable, LambdaEncodable {}
extension SNSEvent: LambdaDecodable, LambdaEncodable {}
extension SNSNotification: LambdaDecodable, LambdaEncodable {}
extension StreamFailureRecord: LambdaDecodable, LambdaEncodable {}
