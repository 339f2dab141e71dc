import Foundation
import HTTPClient
import Testing

@testable import LocalEmulator

@Suite struct SecretsManagerServiceTests {
    let service = SecretsManagerService(account: "123456789012", region: "eu-central-1")
    var client: WireClient { WireClient(service: service, targetPrefix: "secretsmanager") }

    @Test func `a secret is found by name, by ARN and by ARN without its end`() throws {
        let arn = service.put(name: "fincore/stripe", secretString: "{}")
        for id in ["fincore/stripe", arn, String(arn.dropLast(7))] {
            #expect(try client.call("GetSecretValue", ["SecretId": .string(id)])["SecretString"] == "{}")
        }
    }

    @Test func `only the last two versions keep a stage`() throws {
        for value in ["one", "two", "three"] { service.put(name: "s", secretString: value) }
        #expect(try client.call("GetSecretValue", ["SecretId": "s"])["SecretString"] == "three")
        let previous = try client.call("GetSecretValue", ["SecretId": "s", "VersionStage": "AWSPREVIOUS"])
        #expect(previous["SecretString"] == "two")
        #expect(try client.call("ListSecretVersionIds", ["SecretId": "s"])["Versions"]?.arrayValue?.count == 2)
    }

    @Test func `a version id stands for one value`() throws {
        service.put(name: "s", secretString: "one")
        func put(_ value: JSONValue) throws -> WireAnswer {
            try client.call(
                "PutSecretValue", ["SecretId": "s", "SecretString": value, "ClientRequestToken": "token"])
        }
        #expect(try put("two").status == 200)
        #expect(try put("two").status == 200)
        #expect(try put("three").errorCode == "ResourceExistsException")
        #expect(service.currentSecretString(name: "s") == "two")
    }

    @Test func `a value that is too long or given twice is refused without repeating it`() throws {
        let long = String(repeating: "s3cret", count: 11_000)
        let tooLong = try client.call("CreateSecret", ["Name": "s", "SecretString": .string(long)])
        #expect(tooLong.errorCode == "InvalidParameterException")
        #expect(tooLong.message?.contains("s3cret") == false)
        let both = try client.call("CreateSecret", ["Name": "s", "SecretString": "a", "SecretBinary": "YQ=="])
        #expect(both.errorCode == "InvalidParameterException")
    }
}

@Suite struct SNSServiceTests {
    let queues = SQSService(account: "123456789012", region: "eu-central-1", baseURL: { "http://x" })

    private func call(_ service: SNSService, _ form: String) -> (status: Int, body: String) {
        let response = service.handle(HTTPServerRequest(method: "POST", target: "/", body: Data(form.utf8)))
        guard case .reply(let status, _, let body) = response else { return (0, "") }
        return (status, String(decoding: body, as: UTF8.self))
    }

    @Test func `what is published is kept in order`() {
        let service = SNSService(account: "123456789012", region: "eu-central-1")
        let topic = service.createTopic("alerts")
        for text in ["one", "two%20%3C"] {
            #expect(call(service, "Action=Publish&TopicArn=\(topic)&Subject=S&Message=\(text)").status == 200)
        }
        #expect(service.published(topic).map(\.message) == ["one", "two <"])
        #expect(service.published(topic).map(\.subject) == ["S", "S"])
    }

    @Test func `a subscription can ask for the bare message`() throws {
        let service = SNSService(account: "123456789012", region: "eu-central-1", queues: queues)
        try queues.createQueue(name: "plain")
        let topic = service.createTopic("alerts")
        let subscribed = call(
            service,
            "Action=Subscribe&TopicArn=\(topic)&Protocol=sqs&Endpoint=\(queues.arn(ofQueue: "plain"))"
                + "&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=true")
        #expect(subscribed.status == 200)
        #expect(call(service, "Action=Publish&TopicArn=\(topic)&Message=bare").status == 200)
        #expect(queues.messages(queue: "plain").map(\.body) == ["bare"])
    }

    @Test(arguments: [
        ("", 400, "Action"), ("Action=Fly", 400, "'Fly'"), ("Action=Publish&Message=m", 400, "TopicArn"),
        ("Action=Publish&TopicArn=arn:none&Message=m", 404, "arn:none"), ("Action=CreateTopic&Name=a%20b", 400, "a b"),
        ("Action=Publish&TopicArn=arn:none&Message=", 400, "Message"),
        ("Action=Publish&TopicArn=x&Message=m&Subject=a%0Ab", 400, "Subject"),
    ])
    func `a bad request names what was wrong`(form: String, status: Int, named: String) {
        let answer = call(SNSService(account: "123456789012", region: "eu-central-1"), form)
        #expect(answer.status == status)
        #expect(answer.body.contains("<Type>Sender</Type>"))
        #expect(answer.body.contains(named))
    }
}
