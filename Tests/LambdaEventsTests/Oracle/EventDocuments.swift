import Foundation
import TestSupport

/// Random documents: events as they may come, and as they never should.
struct EventDocuments {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// A document for the SQS decoder.
    mutating func sqs() -> [UInt8] { document(otherMembers: { _ in [] }) { $0.sqsRecord() } }

    /// A document for the Kinesis decoder.
    mutating func kinesis() -> [UInt8] { document(otherMembers: { $0.windowMembers() }) { $0.kinesisRecord() } }

    private mutating func document(
        otherMembers: (inout Self) -> [String], _ record: (inout Self) -> String
    ) -> [UInt8] {
        let records = (0..<Int.random(in: 0...3, using: &random)).map { _ in record(&self) }
        var members = [member("Records", array(records))] + otherMembers(&self)
        if random.oneIn(6) { members.append(member(name(["Records", "records", "next"]), value(depth: 3))) }
        if random.oneIn(12) { members.reverse() }
        var bytes = Array((random.oneIn(20) ? "\u{FEFF}" : "").utf8) + Array((space() + object(members) + space()).utf8)
        if random.oneIn(2) { mutate(&bytes) }
        return bytes
    }

    // MARK: Events

    private mutating func sqsRecord() -> String {
        record(
            [
                ("messageId", string()), ("receiptHandle", string()), ("body", string()), ("attributes", attributes()),
                ("messageAttributes", messageAttributes()), ("md5OfBody", string()), ("eventSource", string()),
                ("eventSourceARN", string()), ("awsRegion", string()),
            ], optional: [("md5OfMessageAttributes", string())])
    }

    private mutating func kinesisRecord() -> String {
        let payload = record(
            [
                ("kinesisSchemaVersion", string()), ("partitionKey", string()), ("sequenceNumber", string()),
                ("data", base64()), ("approximateArrivalTimestamp", number()),
            ], optional: [("encryptionType", string())])
        return record(
            [
                ("kinesis", payload), ("eventSource", string()), ("eventVersion", string()), ("eventID", string()),
                ("eventName", string()), ("invokeIdentityArn", string()), ("awsRegion", string()),
                ("eventSourceARN", string()),
            ], optional: [])
    }

    /// A tumbling window, now and then; with members left out, null or of another type.
    private mutating func windowMembers() -> [String] {
        guard random.oneIn(3) else { return [] }
        let bounds = record([("start", string()), ("end", string())], optional: [])
        let values = [
            ("window", bounds), ("state", value(depth: 2)), ("shardId", string()), ("eventSourceARN", string()),
            ("isFinalInvokeForWindow", name(["true", "false"])), ("isWindowTerminatedEarly", name(["true", "false"])),
        ]
        return values.filter { _ in !random.oneIn(8) }.map { key, value in
            member(key, random.oneIn(15) ? "null" : random.oneIn(60) ? self.value(depth: 1) : value)
        }
    }

    private mutating func attributes() -> String {
        let names = ["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp", "\u{212A}", "K", "é", "e\u{301}"]
        return object(
            (0..<Int.random(in: 0...4, using: &random)).map { _ in
                member(name(names), random.oneIn(20) ? "null" : random.oneIn(30) ? value(depth: 1) : string())
            })
    }

    private mutating func messageAttributes() -> String {
        object(
            (0..<Int.random(in: 0...2, using: &random)).map { _ in
                let lists = array((0..<Int.random(in: 0...2, using: &random)).map { _ in string() })
                let attribute = record(
                    [("dataType", string())],
                    optional: [
                        ("stringValue", string()), ("binaryValue", base64()), ("stringListValues", lists),
                        ("binaryListValues", "[]"),
                    ])
                return member(
                    name(["kind", "raw", "é"]),
                    random.oneIn(20) ? "null" : random.oneIn(30) ? value(depth: 1) : attribute)
            })
    }

    /// An object with all fields; now and then with unknown ones, doubled, nulled, retyped, left out, reordered.
    private mutating func record(_ required: [(String, String)], optional: [(String, String)]) -> String {
        var fields = required + optional.filter { _ in random.oneIn(2) }
        if random.oneIn(4) { fields.shuffle(using: &random) }
        if random.oneIn(12) { fields.append((name(required.map(\.0)), random.oneIn(2) ? string() : value(depth: 2))) }
        if random.oneIn(6) { fields.insert(("new" + String(fields.count), value(depth: 3)), at: 0) }
        if random.oneIn(10), let field = optional.randomElement(using: &random) { fields.append((field.0, "null")) }
        if random.oneIn(8), !fields.isEmpty { fields[Int.random(in: fields.indices, using: &random)].1 = "null" }
        if random.oneIn(15), !fields.isEmpty { fields.remove(at: Int.random(in: fields.indices, using: &random)) }
        if random.oneIn(40), !fields.isEmpty {
            fields[Int.random(in: fields.indices, using: &random)].1 = value(depth: 1)
        }
        return object(fields.map { member($0.0, $0.1) })
    }

    private mutating func name(_ names: [String]) -> String { names.randomElement(using: &random) ?? "" }

    // MARK: JSON

    private mutating func space() -> String {
        random.oneIn(8)
            ? name([" ", "\n", "\t", "\r\n", "    ", "\u{0B}", "\u{A0}"].dropLast(random.oneIn(20) ? 0 : 2)) : ""
    }

    private mutating func name(_ names: ArraySlice<String>) -> String { name(Array(names)) }

    private mutating func object(_ members: [String]) -> String { enclosed("{", members, "}") }

    private mutating func array(_ elements: [String]) -> String { enclosed("[", elements, "]") }

    private mutating func enclosed(_ opening: String, _ parts: [String], _ closing: String) -> String {
        let trailing = random.oneIn(150) ? "," : ""
        return opening + space() + parts.map { space() + $0 + space() }.joined(separator: ",") + trailing + closing
    }

    private mutating func member(_ name: String, _ value: String) -> String {
        let key = random.oneIn(15) ? escaped(name) : "\"\(name)\""
        return key + space() + ":" + space() + value
    }

    /// The text with some characters as escapes.
    private mutating func escaped(_ text: String) -> String {
        var literal = "\""
        for unit in text.utf16 {
            if unit < 0x80, !random.oneIn(3), unit >= 0x20, unit != 0x22, unit != 0x5C {
                literal.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16, uppercase: random.oneIn(2))
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return literal + "\""
    }

    private mutating func string() -> String {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return escaped(name(["é😀", "\u{0}\u{1F}\"\\/", "\u{10FFFF}\u{FFFF}", "plain"]))
        case 1:
            return name([
                #""\ud800""#, #""\udc00x""#, #""\ud83d\ud83d""#, #""\ud83dx""#, #""\x""#, #""\u12""#, "\"\u{1}\"",
            ])
        case 2: return "\"" + name([#"\""#, #"\\"#, #"\/"#, #"\b\f\n\r\t"#, #"\ud83d\ude00"#]) + "\""
        case 3: return "\"\(String(repeating: "long text é ", count: Int.random(in: 0..<40, using: &random)))\""
        case 4: return "\"\(name(["é", "😀", "日本語のテキスト", "\u{7F}", "\u{80}", "\u{7FF}", "\u{FFFD}", "e\u{301}"]))\""
        default: return "\"\(String(repeating: "x", count: Int.random(in: 0..<70, using: &random)))\""
        }
    }

    private mutating func base64() -> String {
        if random.oneIn(25) {
            return name([
                #""Zg""#, #""Zg=""#, #""====""#, #""Zg===""#, #""Zm=v""#, #""Zm9v Zm9v""#, #""-_-_""#, #""Zm9v\/+8=""#,
                #""Zg=\u003d""#, #""\u005ag==""#, #""Zh==""#, #""Zm9vZm9v\n""#, "12", #""Zm9véZm9""#,
            ])
        }
        let bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        return "\"\(Data(bytes).base64EncodedString())\""
    }

    private mutating func number() -> String {
        if random.oneIn(3) {
            return name([
                "0", "-0", "-0.0", "1e5", "1E+5", "1e-400", "1e400", "1.7976931348623157e308", "1.7976931348623159e308",
                "5e-324", "2e-324", "9007199254740993", "18446744073709551615", "123456789012345678901234567890",
                "0e999",
                "0.1e-3", "4.35", "2.2250738585072011e-308", "8.5e22", "1e22", "1e23", "01", "1.", ".5", "-", "+1",
                "1e", "0x1",
                "NaN", "1_0", "00", "0.0000000000000000000000000000000000001", "1.2.3", "1-2", "--1", "1e5e5",
            ])
        }
        let whole = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
        let fraction = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
        return (random.oneIn(4) ? "-" : "") + "\(whole)" + (random.oneIn(4) ? "" : ".\(fraction)")
            + (random.oneIn(8) ? "e\(Int.random(in: -330...330, using: &random))" : "")
    }

    /// Any value.
    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0:
            return name(
                ["null", "true", "false", "nul", "truee", "fals", "undefined"].dropLast(random.oneIn(10) ? 0 : 4))
        case 1: return number()
        case 2...5: return string()
        case 6: return array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth - 1) })
        case 7:
            return object((0..<Int.random(in: 0...3, using: &random)).map { _ in member("m", value(depth: depth - 1)) })
        default:
            let levels = Int.random(in: 0...3, using: &random) == 0 ? Int.random(in: 505...515, using: &random) : 5
            return String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
    }

    // MARK: Damage

    private mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard !bytes.isEmpty else { return }
            let position = Int.random(in: bytes.indices, using: &random)
            let end = min(bytes.count, position + Int.random(in: 0...20, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes.removeSubrange(position...)
            case 1: bytes.removeSubrange(position..<end)
            case 2: bytes.insert(contentsOf: bytes[position..<end], at: position)
            case 3: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 4: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 5: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
            case 6:
                bytes.insert(
                    name(["\"", "\\", "{", "}", "[", "]", ",", ":", " ", "0", "-", "e", "null"]).utf8.first ?? 0,
                    at: position)
            default: bytes.swapAt(position, Int.random(in: bytes.indices, using: &random))
            }
        }
    }
}
