import Testing

@testable import AWSClient

@Suite("AWS configuration")
struct AWSConfigurationTests {
    private static let base = [
        "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hunter2",
    ]

    @Test("without overrides, services are where AWS has them")
    func defaults() throws {
        let configuration = try AWSConfiguration(environment: Self.base)
        #expect(configuration.endpoint(for: .sqs) == "https://sqs.eu-central-1.amazonaws.com")
        #expect(configuration.endpoint(for: .secretsManager) == "https://secretsmanager.eu-central-1.amazonaws.com")
        let china = try AWSConfiguration(environment: Self.base.merging(["AWS_REGION": "cn-north-1"]) { $1 })
        #expect(china.endpoint(for: .sqs) == "https://sqs.cn-north-1.amazonaws.com.cn")
    }

    @Test("a service's own endpoint wins over the common one; empty values count as absent")
    func overrides() throws {
        let configuration = try AWSConfiguration(
            environment: Self.base.merging([
                "AWS_ENDPOINT_URL": "http://LOCALHOST:4566/", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "https://s:443/x/",
                "AWS_ENDPOINT_URL_KINESIS": "", "AWS_SESSION_TOKEN": "",
            ]) { $1 })
        #expect(configuration.endpoint(for: .dynamoDB) == "http://localhost:4566")
        #expect(configuration.endpoint(for: .kinesis) == "http://localhost:4566")
        #expect(configuration.endpoint(for: .secretsManager) == "https://s/x")
        #expect(configuration.credentials.sessionToken == nil)
    }

    @Test("the default region variable is the second choice")
    func region() throws {
        var environment = Self.base
        environment["AWS_DEFAULT_REGION"] = "us-east-1"
        #expect(try AWSConfiguration(environment: environment).region == "eu-central-1")
        environment["AWS_REGION"] = ""
        #expect(try AWSConfiguration(environment: environment).region == "us-east-1")
    }

    @Test("a missing variable is named", arguments: base.keys.sorted())
    func missing(name: String) {
        let error = #expect(throws: AWSError.self) {
            try AWSConfiguration(environment: Self.base.filter { $0.key != name })
        }
        #expect(error.map { String(describing: $0).contains(name) } == true)
    }

    @Test(
        "a malformed value is refused by name",
        arguments: [
            ("AWS_REGION", "eu.evil/"), ("AWS_ENDPOINT_URL", "127.0.0.1:4566"),
            ("AWS_ENDPOINT_URL", "http://h/?q=1"), ("AWS_ENDPOINT_URL_SQS", "ftp://h"),
            ("AWS_ENDPOINT_URL_S3", "http://user:hunter2@h"),
        ])
    func malformed(name: String, value: String) {
        let error = #expect(throws: AWSError.self) {
            try AWSConfiguration(environment: Self.base.merging([name: value]) { $1 })
        }
        let text = error.map { String(describing: $0) } ?? ""
        #expect(text.contains(name))
        #expect(!text.contains("hunter2"))
    }

    @Test("credentials do not print their secret")
    func secrets() throws {
        let configuration = try AWSConfiguration(
            environment: Self.base.merging(["AWS_SESSION_TOKEN": "hunter3"]) { $1 })
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration.credentials), dumped] {
            #expect(!text.contains("hunter"))
            #expect(text.contains("AKID"))
        }
    }
}
