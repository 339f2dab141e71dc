import Foundation
import LambdaEvents
import Wire

/// The SQS event as Foundation's `JSONDecoder` reads it.
struct MirrorSQSEvent: Codable, Equatable {
    var records: [Record]

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    struct Record: Codable, Equatable {
        var messageId: String
        var receiptHandle: String
        var body: String
        var attributes: [String: String]
        var messageAttributes: [String: MessageAttribute]
        var md5OfMessageAttributes: String?
        var md5OfBody: String
        var eventSource: String
        var eventSourceARN: String
        var awsRegion: String
    }

    struct MessageAttribute: Codable, Equatable {
        var dataType: String
        var stringValue: String?
        var binaryValue: String?
        var stringListValues: [String]?
        var binaryListValues: [String]?
    }
}

/// The Kinesis event as Foundation's `JSONDecoder` reads it.
struct MirrorKinesisEvent: Codable, Equatable {
    var records: [Record]

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    struct Record: Codable, Equatable {
        var kinesis: Payload
        var eventSource: String
        var eventVersion: String
        var eventID: String
        var eventName: String
        var invokeIdentityArn: String
        var awsRegion: String
        var eventSourceARN: String
    }

    struct Payload: Codable, Equatable {
        var kinesisSchemaVersion: String
        var partitionKey: String
        var sequenceNumber: String
        var data: Data
        var approximateArrivalTimestamp: Double
        var encryptionType: String?
    }
}

/// The texts of a Kinesis event's data, as they are before base64 is decoded.
struct MirrorKinesisTexts: Decodable {
    var records: [Record]

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    struct Record: Decodable {
        var kinesis: Payload
    }

    struct Payload: Decodable {
        var data: String
    }
}

/// An event and Foundation's view of it.
protocol OracleCheckable: LambdaDecodable, LambdaEncodable, Equatable {
    associatedtype Mirror: Decodable & Equatable
    /// Every field of the event.
    var mirror: Mirror { get }
}

extension SQSEvent: OracleCheckable {
    var mirror: MirrorSQSEvent {
        MirrorSQSEvent(
            records: records.map { record in
                MirrorSQSEvent.Record(
                    messageId: record.messageID, receiptHandle: record.receiptHandle, body: record.body,
                    attributes: record.attributes,
                    messageAttributes: record.messageAttributes.mapValues { attribute in
                        MirrorSQSEvent.MessageAttribute(
                            dataType: attribute.dataType, stringValue: attribute.stringValue,
                            binaryValue: attribute.binaryValue, stringListValues: attribute.stringListValues,
                            binaryListValues: attribute.binaryListValues)
                    },
                    md5OfMessageAttributes: record.md5OfMessageAttributes, md5OfBody: record.md5OfBody,
                    eventSource: record.eventSource, eventSourceARN: record.eventSourceARN,
                    awsRegion: record.awsRegion)
            })
    }
}

extension KinesisEvent: OracleCheckable {
    var mirror: MirrorKinesisEvent {
        MirrorKinesisEvent(
            records: records.map { record in
                MirrorKinesisEvent.Record(
                    kinesis: MirrorKinesisEvent.Payload(
                        kinesisSchemaVersion: record.kinesis.kinesisSchemaVersion,
                        partitionKey: record.kinesis.partitionKey, sequenceNumber: record.kinesis.sequenceNumber,
                        data: Data(record.kinesis.data),
                        approximateArrivalTimestamp: record.kinesis.approximateArrivalTimestamp,
                        encryptionType: record.kinesis.encryptionType),
                    eventSource: record.eventSource, eventVersion: record.eventVersion, eventID: record.eventID,
                    eventName: record.eventName, invokeIdentityArn: record.invokeIdentityARN,
                    awsRegion: record.awsRegion, eventSourceARN: record.eventSourceARN)
            })
    }
}
