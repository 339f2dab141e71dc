import Foundation

/// One record of a put request, checked.
struct KinesisPutEntry: Sendable {
    let data: Data
    let partitionKey: String
    let explicitHashKey: UInt128?

    var byteCount: Int { data.count + partitionKey.utf8.count }

    init(_ input: AWSInput) throws(AWSServiceError) {
        data = try input.required("Data", try input.data("Data"))
        partitionKey = try input.requiredString("PartitionKey")
        if let text = try input.string("ExplicitHashKey") {
            guard let hashKey = UInt128(text), !text.hasPrefix("+") else {
                throw AWSServiceError(
                    "InvalidArgumentException",
                    "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was \(text)"
                )
            }
            explicitHashKey = hashKey
        } else {
            explicitHashKey = nil
        }
        try Self.check(data: data, partitionKey: partitionKey)
    }

    static func check(data: Data, partitionKey: String) throws(AWSServiceError) {
        guard KinesisLimits.partitionKeyCharacters.contains(partitionKey.unicodeScalars.count) else {
            throw AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value at 'partitionKey' failed to satisfy constraint: "
                    + "Member must have length from 1 to 256, it has \(partitionKey.unicodeScalars.count)")
        }
        let byteCount = data.count + partitionKey.utf8.count
        guard byteCount <= KinesisLimits.recordBytes else {
            throw AWSServiceError(
                "ValidationException",
                "1 validation error detected: Value at 'data' failed to satisfy constraint: Data and partition key "
                    + "must have at most \(KinesisLimits.recordBytes) bytes, they have \(byteCount)")
        }
    }
}
