import Foundation
import Testing

@testable import AWSClient

/// That the other suites' success means something: moto really checks what we sign.
@Suite("Signatures as moto checks them", .serialized)
struct MotoSignatureTests {
    private let moto: MotoServer

    init() throws {
        moto = try MotoServer.shared.get()
    }

    private static func everyService(_ aws: AWSClient) -> [(AWSService, () async throws(AWSError) -> Void)] {
        [
            (.sqs, { () throws(AWSError) in _ = try await SQSClient(aws).getQueueURL(name: "x") }),
            (.dynamoDB, { () throws(AWSError) in _ = try await DynamoDBClient(aws).scan(table: "x") }),
            (
                .kinesis,
                { () throws(AWSError) in
                    let record = KinesisPutRecord(data: Data(), partitionKey: "k")
                    try await KinesisClient(aws).putRecords(stream: "x", records: [record])
                }
            ),
            (.secretsManager, { () throws(AWSError) in _ = try await SecretsManagerClient(aws).secretString(id: "x") }),
            (.s3, { () throws(AWSError) in _ = try await S3Client(aws).getObject(bucket: "missing", key: "x") }),
            (.sns, { () throws(AWSError) in try await SNSClient(aws).publish(topicARN: "arn:x", message: "m") }),
        ]
    }

    private static func status(_ error: AWSError) -> Int? {
        if case .service(let failure) = error { failure.status } else { nil }
    }

    @Test("a wrong secret is refused by every service")
    func wrongSecret() throws {
        let wrong = AWSCredentials(accessKeyID: moto.userCredentials.accessKeyID, secretAccessKey: "wrong")
        try moto.run(as: wrong) { aws in
            for (service, call) in Self.everyService(aws) {
                let error = await #expect(throws: AWSError.self) { try await call() }
                #expect(error.flatMap(Self.status) == 403, "\(service)")
            }
        }
    }

    @Test("user keys and a role's temporary keys get past the check of every service", arguments: [false, true])
    func accepted(isTemporary: Bool) throws {
        let credentials = isTemporary ? moto.roleCredentials : moto.userCredentials
        #expect((credentials.sessionToken != nil) == isTemporary)
        try moto.run(as: credentials) { aws in
            for (service, call) in Self.everyService(aws) {
                // What is asked for does not exist, so the answer is an error, but not one about the signature.
                do throws(AWSError) {
                    try await call()
                } catch {
                    let status = Self.status(error)
                    #expect(status == 400 || status == 404, "\(service): \(error)")
                }
            }
        }
    }
}
