import Testing
import Wire

@Suite("JSON scanner") struct JSONScannerTests {
    /// What is wrong with a document as a whole; `nil` when nothing is.
    private func problem(_ document: Bytes) -> JSONError? {
        do throws(JSONError) {
            try document.withUnsafeBytes { (memory) throws(JSONError) in
                var scanner = try JSONScanner(memory)
                try scanner.skipValue()
                try scanner.finish()
            }
            return nil
        } catch {
            return error
        }
    }

    private func problem(_ text: String) -> JSONError? { problem(Bytes(utf8: text)) }

    /// The text of a document that is one string.
    private func text(_ document: String) throws(JSONError) -> String {
        let document = Bytes(utf8: document)
        return try document.withUnsafeBytes { (memory) throws(JSONError) in
            var scanner = try JSONScanner(memory)
            let string = try scanner.string()
            try scanner.finish()
            let text = string.text(in: document)
            #expect(String(decoding: string.bytes(in: document), as: UTF8.self) == text)
            #expect(scanner.withText(of: string) { String(decoding: $0, as: UTF8.self) } == text)
            return text
        }
    }

    private func number(_ document: String) throws(JSONError) -> Double {
        try Bytes(utf8: document).withUnsafeBytes { (memory) throws(JSONError) in
            var scanner = try JSONScanner(memory)
            let number = try scanner.double()
            try scanner.finish()
            return number
        }
    }

    @Test(
        "valid documents",
        arguments: [
            "null", "true", "false", "0", "-0", "1.5e-10", "\"\"", "[]", "{}", " [ 1 , [ ] , { } ]\n\t\r ",
            #"{"a":{"b":[{"c":null},[[]],"x",-1.0]},"":0,"a":1}"#, "\u{FEFF}[]", "[\"é😀\u{7F}\u{10FFFF}\"]",
        ])
    func valid(document: String) {
        #expect(problem(document) == nil)
    }

    @Test(
        "invalid documents, with what is wrong and where",
        arguments: [
            ("", JSONError.Problem.noValue, 0), (" ", .noValue, 1), ("\u{FEFF}\u{FEFF}[]", .noValue, 3),
            ("[", .noValue, 1), ("[1", .noCommaOrEnd, 2), ("[1 2]", .noCommaOrEnd, 3), ("[1,]", .noValue, 3),
            ("[,1]", .noValue, 1), ("{", .noKey, 1), ("{\"a\":1,}", .noKey, 7), ("{\"a\" 1}", .noColon, 5),
            ("{\"a\":}", .noValue, 5), ("{1:2}", .noKey, 1), ("{\"a\":1 \"b\":2}", .noCommaOrEnd, 7),
            ("[}", .noValue, 1), ("[1}", .noCommaOrEnd, 2), ("{\"a\":1]", .noCommaOrEnd, 6), ("nul", .noValue, 0),
            ("nulll", .noEnd, 4), ("True", .noValue, 0), ("[] []", .noEnd, 3), ("[]\0", .noEnd, 2),
            ("\u{0B}1", .noValue, 0), ("NaN", .noValue, 0), ("+1", .noValue, 0), ("'a'", .noValue, 0),
            ("01", .badNumber, 0), ("-", .badNumber, 0), ("1.", .badNumber, 0), ("1.e5", .badNumber, 0),
            ("1e", .badNumber, 0), ("1e+", .badNumber, 0), ("-01", .badNumber, 0), ("[1.2.3]", .noCommaOrEnd, 4),
            ("0x10", .noEnd, 1), ("\"", .noQuote, 1), ("\"abc", .noQuote, 4), ("\"\\", .badEscape, 1),
            ("\"\\x\"", .badEscape, 1), ("\"\\u12g4\"", .badEscape, 1), ("\"\\u12", .badEscape, 1),
            ("\"\\ud800\"", .badEscape, 1), ("\"\\ud800\\u0041\"", .badEscape, 1), ("\"\\udc00\"", .badEscape, 1),
            ("\"\\ud800\\ud800\"", .badEscape, 1), ("\"\\ud83d\\ude0\"", .badEscape, 1),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\0\"", .controlCharacter, 1),
            ("\"0123456789abcdef0123456789\u{1F}\"", .controlCharacter, 27),
        ])
    func invalid(document: String, expected: JSONError.Problem, offset: Int) {
        #expect(problem(document) == JSONError(expected, at: offset))
    }

    @Test("a document cut off anywhere is invalid, and nothing behind it is read")
    func truncation() {
        let document = Bytes(
            utf8: #"{"key":["text \u00e9\ud83d\ude00 é😀",-1.5e+3,true,{"b":null,"c":{}}],"d":"0123456789abcdef"}"#)
        #expect(problem(document) == nil)
        for count in 0..<document.count {
            // A copy: a read beyond its end is found by the address sanitizer.
            #expect(problem(Bytes(Array(document[0..<count]))) != nil)
        }
    }

    @Test("nesting is limited, in arrays as in objects")
    func depth() {
        let limit = JSONScanner.maximumDepth
        func arrays(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        func objects(_ depth: Int) -> String {
            String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(problem(arrays(limit)) == nil)
        #expect(problem(arrays(limit + 1))?.problem == .tooDeep)
        #expect(problem(objects(limit)) == nil)
        #expect(problem(objects(limit + 1))?.problem == .tooDeep)
        #expect(problem(String(repeating: "[", count: 1_000_000))?.problem == .tooDeep)
        #expect(problem("[" + arrays(limit - 1) + "," + objects(limit - 1) + "]") == nil)
    }

    @Test(
        "ill-formed UTF-8 is found wherever it is",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE2, 0x28, 0xA1],
            [0xF0, 0x9F, 0x28, 0x80],
        ] as [[UInt8]])
    func badUTF8(sequence: [UInt8]) {
        for before in 0..<40 {
            for after in [0, 1, 40] {
                let plain = { (count: Int) in [UInt8](repeating: UInt8(ascii: "x"), count: count) }
                let quote = [UInt8(ascii: "\"")]
                let document = quote + plain(before) + sequence + plain(after) + quote
                #expect(problem(Bytes(document)) == JSONError(.badUTF8, at: 1 + before))
            }
        }
    }

    @Test("well-formed UTF-8 passes: every lead byte's first and last character")
    func goodUTF8() throws {
        let edges: [UInt32] = [
            0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x3FFFF, 0x40000,
            0xFFFFF,
            0x100000, 0x10FFFF,
        ]
        for scalar in edges.compactMap(Unicode.Scalar.init) {
            for before in 0..<20 {
                let content = String(repeating: "x", count: before) + String(scalar) + "y"
                #expect(try text("\"\(content)\"") == content)
            }
        }
    }

    @Test(
        "escapes stand for their characters",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{08}\u{0C}\n\r\t"), (#""\u0041\u00e9\u20AC\uffff""#, "Aé€\u{FFFF}"),
            (#""\ud83d\ude00\uDBFF\uDFFF\uD800\uDC00""#, "😀\u{10FFFF}\u{10000}"), (#""\u0000""#, "\0"),
            (#""plain text of some length \n and more of it, é""#, "plain text of some length \n and more of it, é"),
        ])
    func escapes(document: String, expected: String) throws {
        #expect(try text(document) == expected)
    }

    @Test(
        "escapes are found at any distance from each other and from the end",
        arguments: [
            (#"\""#, "\""), (#"\n"#, "\n"), (#"\u0041"#, "A"), (#"\u00e9"#, "é"), (#"\u20ac"#, "€"),
            (#"\ud83d\ude00"#, "😀"), (#"\\"#, "\\"), (#"\\\""#, "\\\""),
        ])
    func escapesAnywhere(escape: String, character: String) throws {
        for before in 0..<35 {
            for between in [0, 1, 2, 7, 8, 14, 15, 16, 17, 33] {
                for after in [0, 1, 15, 16, 40] {
                    let parts = [before, between, after].map { String(repeating: $0 % 3 == 1 ? "é" : "x", count: $0) }
                    let document = "\"\(parts.joined(separator: escape))\""
                    try #require(try text(document) == parts.joined(separator: character))
                }
            }
        }
    }

    @Test("truth values, and what is none")
    func booleans() throws {
        func boolean(_ document: String) throws(JSONError) -> Bool {
            try Bytes(utf8: document).withUnsafeBytes { (memory) throws(JSONError) in
                var scanner = try JSONScanner(memory)
                let value = try scanner.boolean()
                try scanner.finish()
                return value
            }
        }
        #expect(try boolean(" true ") && !boolean("false"))
        #expect(throws: JSONError(.isNoBoolean, at: 0)) { try boolean("1") }
        #expect(throws: JSONError(.isNull, at: 0)) { try boolean("null") }
        #expect(throws: JSONError(.noValue, at: 0)) { try boolean("tru") }
        #expect(throws: JSONError(.noEnd, at: 5)) { try boolean("falsey") }
    }

    @Test(
        "numbers are rounded correctly",
        arguments: [
            "0", "-0", "1", "-1.5", "1545084650.987", "0.1", "123456789012345678", "9007199254740993", "1e23",
            "9007199254740992.5", "1.7976931348623157e308", "5e-324", "2.2250738585072011e-308", "0e999", "-0.0e-999",
            "123456789012345678901234567890.123456789e-20", "0.000000000000000000000000000000001", "1E5", "1e+05",
            "1." + String(repeating: "0", count: 400) + "1",
        ])
    func numbers(text: String) throws {
        let value = try number(text)
        #expect(value == Double(text))
        #expect(value.sign == Double(text)?.sign)
    }

    @Test("numbers out of range are refused", arguments: ["1e309", "-1e400", "1e-400", "2e-324", "1.8e308"])
    func outOfRange(text: String) {
        #expect(throws: JSONError(.isOutOfRange, at: 0)) { try number(text) }
    }

    @Test("a value of another type is told from no value")
    func mismatch() throws {
        #expect(throws: JSONError(.isNull, at: 1)) { try text(" null") }
        #expect(throws: JSONError(.isNoString, at: 0)) { try text("12") }
        #expect(throws: JSONError(.noValue, at: 0)) { try text("nonsense".uppercased()) }
        #expect(throws: JSONError(.isNoNumber, at: 0)) { try number("\"1\"") }
    }

    @Test("base64 is decoded while it is scanned", arguments: [0, 1, 2, 3, 10, 11, 12, 100, 1000])
    func base64(count: Int) throws {
        let bytes = Bytes((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 77) })
        let encoded = Base64.encode(bytes)
        let escaped = encoded.replacing("/", with: "\\/").replacing("=", with: "\\u003d").replacing(
            "A", with: "\\u0041")
        let document = Bytes(utf8: "[\"\(encoded)\",\"\(escaped)\", \"\(encoded)\"]")
        try document.withUnsafeBytes { memory in
            var scanner = try JSONScanner(memory)
            var arena = ByteBuffer()
            var ranges: [Range<Int>] = []
            try scanner.enterArray()
            while try scanner.nextElement() { ranges.append(try scanner.base64(into: &arena)) }
            try scanner.finish()
            let decoded = arena.takeBytes()
            #expect(ranges.map { decoded.part($0) } == [bytes, bytes, bytes])
        }
    }

    @Test(
        "what is no base64, or no string, is refused with its place",
        arguments: [
            ("\"Zg\"", JSONError.Problem.isNoBase64, 0), (" \"Zg=\"", .isNoBase64, 1),
            ("\"Zm9vZm9v Zm9v\"", .isNoBase64, 0),
            ("\"====\"", .isNoBase64, 0), ("\"Zg==Zg==\"", .isNoBase64, 0), ("\"é\"", .isNoBase64, 0),
            ("null", .isNull, 0), ("1", .isNoString, 0), ("\"Zm9v", .noQuote, 5),
            ("\"Zm9v\n\"", .controlCharacter, 5),
            ("\"Zg\\\"", .noQuote, 5), ("\"Zm9vZm9vZm9v\\q\"", .badEscape, 13),
        ])
    func badBase64(document: String, expected: JSONError.Problem, offset: Int) {
        #expect(throws: JSONError(expected, at: offset)) {
            try Bytes(utf8: document).withUnsafeBytes { memory in
                var scanner = try JSONScanner(memory)
                var arena = ByteBuffer()
                _ = try scanner.base64(into: &arena)
            }
        }
    }

    @Test("an error tells where and what, never the document's contents")
    func errors() {
        #expect(problem("[\"secret")?.offset == 8)
        #expect(JSONError.Problem.badEscape.isSyntax && !JSONError.Problem.isMissing.isSyntax)
        #expect("\(JSONError.Problem.tooDeep)" == "is nested more than 512 levels deep")
    }
}
