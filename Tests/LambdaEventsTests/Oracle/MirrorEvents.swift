import Foundation
import LambdaEvents
import Wire

/// The SQS event as Foundation's `JSONDecoder` reads it.
struct MirrorSQSEvent: Decodable, Equatable {
    var records: [Record]

    enum CodingKeys: String, CodingKey {
        case records = "Records"
    }

    struct Record: Decodable, Equatable {
        var messageId: String
        @OrEmpty var receiptHandle: String
        var body: String
        @OrEmpty var attributes: WithoutNulls<String>
        @OrEmpty var messageAttributes: WithoutNulls<MessageAttribute>
        var md5OfMessageAttributes: String?
        @OrEmpty var md5OfBody: String
        @OrEmpty var eventSource: String
        @OrEmpty var eventSourceARN: String
        @OrEmpty var awsRegion: String
    }

    struct MessageAttribute: Decodable, Equatable {
        @OrEmpty var dataType: String
        var stringValue: String?
        var binaryValue: String?
        var stringListValues: [String]?
        var binaryListValues: [String]?
    }
}

/// The Kinesis event as Foundation's `JSONDecoder` reads it.
struct MirrorKinesisEvent: Decodable, Equatable {
    var records: [Record]
    var window: Window?
    var shardId: String?
    var eventSourceARN: String?
    var isFinalInvokeForWindow: Bool?
    var isWindowTerminatedEarly: Bool?

    // Not the state, which may be anything: Foundation passes over it.
    enum CodingKeys: String, CodingKey {
        case records = "Records"
        case window, shardId, eventSourceARN, isFinalInvokeForWindow, isWindowTerminatedEarly
    }

    struct Window: Decodable, Equatable {
        var start: String
        var end: String
    }

    struct Record: Decodable, Equatable {
        var kinesis: Payload
        @OrEmpty var eventSource: String
        @OrEmpty var eventVersion: String
        @OrEmpty var eventID: String
        @OrEmpty var eventName: String
        @OrEmpty var invokeIdentityArn: String
        @OrEmpty var awsRegion: String
        @OrEmpty var eventSourceARN: String
    }

    struct Payload: Decodable, Equatable {
        @OrEmpty var kinesisSchemaVersion: String
        var partitionKey: String
        var sequenceNumber: String
        var data: Data
        @OrEmpty var approximateArrivalTimestamp: Double
        var encryptionType: String?
    }

    /// The event as ours reads it: outside of a window its members mean nothing, in one they have defaults.
    var withWindowDefaults: MirrorKinesisEvent {
        guard let window else { return MirrorKinesisEvent(records: records) }
        return MirrorKinesisEvent(
            records: records, window: window, shardId: shardId ?? "", eventSourceARN: eventSourceARN ?? "",
            isFinalInvokeForWindow: isFinalInvokeForWindow ?? false,
            isWindowTerminatedEarly: isWindowTerminatedEarly ?? false)
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
    /// What Foundation decoded, with the defaults that ours has.
    static func completed(_ mirror: Mirror) -> Mirror
}

extension OracleCheckable {
    static func completed(_ mirror: Mirror) -> Mirror { mirror }
}

extension SQSEvent: OracleCheckable {
    var mirror: MirrorSQSEvent {
        MirrorSQSEvent(
            records: records.map { record in
                MirrorSQSEvent.Record(
                    messageId: record.messageID, receiptHandle: record.receiptHandle, body: record.body,
                    attributes: WithoutNulls(record.attributes),
                    messageAttributes: WithoutNulls(
                        record.messageAttributes.mapValues { attribute in
                            MirrorSQSEvent.MessageAttribute(
                                dataType: attribute.dataType, stringValue: attribute.stringValue,
                                binaryValue: attribute.binaryValue, stringListValues: attribute.stringListValues,
                                binaryListValues: attribute.binaryListValues)
                        }),
                    md5OfMessageAttributes: record.md5OfMessageAttributes, md5OfBody: record.md5OfBody,
                    eventSource: record.eventSource, eventSourceARN: record.eventSourceARN,
                    awsRegion: record.awsRegion)
            })
    }
}

extension KinesisEvent: OracleCheckable {
    static func completed(_ mirror: MirrorKinesisEvent) -> MirrorKinesisEvent { mirror.withWindowDefaults }

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
            },
            window: window.map { MirrorKinesisEvent.Window(start: $0.start, end: $0.end) },
            shardId: window?.shardID, eventSourceARN: window?.eventSourceARN,
            isFinalInvokeForWindow: window?.isFinalInvocation, isWindowTerminatedEarly: window?.isTerminatedEarly)
    }
}
