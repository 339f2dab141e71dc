import CurlEventLoop
import Wire

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One response of the Runtime API. The memory of the body is used again for the next one.
struct Response: ~Copyable {
    var status = 0
    var metadata = InvocationMetadata()
    var body = ByteBuffer()
    /// Whether the connection may carry another exchange.
    var keepsConnection = true

    mutating func clear() {
        status = 0
        metadata = InvocationMetadata()
        body.removeAll()
        keepsConnection = true
    }
}

/// Reads HTTP/1.1 responses (RFC 9112) from a connection, one after the other.
struct ResponseReader: ~Copyable {
    /// The longest line, and the longest head, that is taken (libcurl's own limit on a head is 300 KB).
    static let maximumHeadBytes = 256 * 1024
    /// The largest body that is taken: ten times what Lambda sends (6 MB).
    static let maximumBodyBytes = 64 * 1024 * 1024
    /// Room for a whole small event with its head; of a larger one the rest goes straight into its own memory.
    private static let initialCapacity = 16 * 1024
    /// How much of a body of unknown length is asked for at once.
    private static let bodyStepBytes = 64 * 1024

    /// What was received and not yet used: `begin..<end` of the memory.
    private var memory: UnsafeMutableRawBufferPointer
    private var begin = 0
    private var end = 0
    /// Whether any byte of the current response has come.
    private var hasBegun = false
    /// The length of the line that was read last, with its end.
    private var lastLineBytes = 0

    init() {
        memory = .allocate(byteCount: Self.initialCapacity, alignment: 1)
    }

    deinit {
        memory.deallocate()
    }

    /// Forgets what came over a connection that is gone.
    mutating func reset() {
        begin = 0
        end = 0
    }

    /// Reads one response; interim ones (1xx) are passed over.
    mutating func read(
        _ response: inout Response, from source: some ByteSource
    ) throws(ConnectionError) {
        response.clear()
        hasBegun = begin < end
        var framing = Framing()
        repeat {
            framing = Framing()
            response.metadata = InvocationMetadata()
            response.status = try readStatusLine(&framing, source)
            try readFields(&response, &framing, source)
        } while try Self.isInterim(response.status)
        try readBody(&response, framing, source)
        if !framing.keepsConnection || begin < end { response.keepsConnection = false }
        reset()
    }

    /// Looks at what came before the request was sent whole; to be called when there is something to read.
    ///
    /// - Returns: whether the final answer has begun, so that the rest of the request is not wanted. Interim responses
    ///   are passed over.
    mutating func finalAnswerHasBegun(_ source: some ByteSource) throws(ConnectionError) -> Bool {
        try fill(source)
        while begin < end {
            var framing = Framing()
            let status = try readStatusLine(&framing, source)
            guard try Self.isInterim(status) else {
                begin -= lastLineBytes
                return true
            }
            while try !readLine(source).isEmpty {}
        }
        return false
    }

    /// 100 (Continue) and 103 (Early Hints) come before the answer; 101 would make another protocol of the connection.
    private static func isInterim(_ status: Int) throws(ConnectionError) -> Bool {
        guard status != 101 else { throw .malformed("the server switches protocols unasked") }
        return (100..<200).contains(status)
    }

    /// How the head says that the body is delimited.
    private struct Framing {
        var isChunked = false
        var contentLength: Int?
        var keepsConnection = true
    }

    // MARK: Head

    private mutating func readStatusLine(
        _ framing: inout Framing, _ source: some ByteSource
    ) throws(ConnectionError) -> Int {
        let line = try readLine(source)
        // "HTTP/1.1 200 OK": the reason may be missing.
        guard line.count >= 12, line.starts(with: Self.protocolName), line[8] == UInt8(ascii: " "),
            let status = Self.decimal(line[9..<12]), status >= 100
        else { throw .malformed("no status line") }
        if line[7] == UInt8(ascii: "0") { framing.keepsConnection = false }
        return status
    }

    private static let protocolName = Array("HTTP/1.".utf8)

    private mutating func readFields(
        _ response: inout Response, _ framing: inout Framing, _ source: some ByteSource
    ) throws(ConnectionError) {
        var headBytes = 0
        while true {
            let line = try readLine(source)
            if line.isEmpty { return }
            headBytes += line.count
            guard headBytes <= Self.maximumHeadBytes else { throw .malformed("the head is too long") }
            if HeaderLine.isNamed(line, "content-length") {
                framing.contentLength = try Self.contentLength(line, earlier: framing.contentLength)
            } else if HeaderLine.isNamed(line, "transfer-encoding") {
                framing.isChunked = try Self.isChunked(line)
            } else if HeaderLine.isNamed(line, "connection") {
                if HeaderLine.value(line, contains: "close") { framing.keepsConnection = false }
            } else {
                response.metadata.add(line)
            }
        }
    }

    /// Whatever else was done to the body, it must have been chunked last (RFC 9112, 6.1).
    private static func isChunked(_ line: UnsafeRawBufferPointer) throws(ConnectionError) -> Bool {
        if HeaderLine.value(line, contains: "chunked") { return true }
        guard HeaderLine.value(line, contains: "identity") else { throw .malformed("unknown Transfer-Encoding") }
        return false
    }

    /// Several lengths that differ are an attack or a fault (RFC 9112, 6.3).
    private static func contentLength(_ line: UnsafeRawBufferPointer, earlier: Int?) throws(ConnectionError) -> Int {
        guard let value = HeaderLine.parse(line)?.value, let length = decimal(value), earlier ?? length == length else {
            throw .malformed("unusable Content-Length")
        }
        guard length <= maximumBodyBytes else { throw .malformed("the body is too long") }
        return length
    }

    // MARK: Body

    private mutating func readBody(
        _ response: inout Response, _ framing: Framing, _ source: some ByteSource
    ) throws(ConnectionError) {
        if response.status == 204 || response.status == 304 { return }
        if framing.isChunked {
            try readChunks(&response.body, source)
        } else if let length = framing.contentLength {
            response.body.reserve(length)
            try readBytes(length, into: &response.body, source)
        } else {
            try readToEnd(&response.body, source)
            response.keepsConnection = false
        }
    }

    private mutating func readChunks(
        _ body: inout ByteBuffer, _ source: some ByteSource
    ) throws(ConnectionError) {
        while true {
            let line = try readLine(source)
            // Behind the size there may be extensions, which mean nothing here.
            guard let size = Self.hexadecimal(line.prefix { $0 != UInt8(ascii: ";") }) else {
                throw .malformed("no chunk size")
            }
            if size == 0 { break }
            guard body.count + size <= Self.maximumBodyBytes else { throw .malformed("the body is too long") }
            try readBytes(size, into: &body, source)
            guard try readLine(source).isEmpty else { throw .malformed("no end of a chunk") }
        }
        // Trailers, of which `next` has none that matter.
        while try !readLine(source).isEmpty {}
    }

    private mutating func readBytes(
        _ count: Int, into body: inout ByteBuffer, _ source: some ByteSource
    ) throws(ConnectionError) {
        let buffered = min(count, end - begin)
        body.append(UnsafeRawBufferPointer(rebasing: memory[begin..<begin + buffered]))
        begin += buffered
        var missing = count - buffered
        while missing > 0 {
            let received = try Self.receive(missing, into: &body, source)
            guard received > 0 else { throw .broken("it was closed", hasBegun: true) }
            missing -= received
        }
    }

    private mutating func readToEnd(
        _ body: inout ByteBuffer, _ source: some ByteSource
    ) throws(ConnectionError) {
        body.append(UnsafeRawBufferPointer(rebasing: memory[begin..<end]))
        begin = end
        while try Self.receive(Self.bodyStepBytes, into: &body, source) > 0 {
            guard body.count <= Self.maximumBodyBytes else { throw .malformed("the body is too long") }
        }
    }

    /// Receives straight into the body's memory.
    private static func receive(
        _ maximum: Int, into body: inout ByteBuffer, _ source: some ByteSource
    ) throws(ConnectionError) -> Int {
        var failure: ConnectionError?
        var received = 0
        body.append(count: maximum) { room in
            do throws(ConnectionError) { received = try source.read(into: room) } catch { failure = error }
            return received
        }
        if let failure { throw failure }
        return received
    }

    // MARK: Lines

    /// The next line without its end; valid until the next call.
    private mutating func readLine(_ source: some ByteSource) throws(ConnectionError) -> UnsafeRawBufferPointer {
        var searched = 0
        while true {
            if let start = UnsafeRawPointer(memory.baseAddress),
                let found = memchr(start + begin + searched, 0x0A, end - begin - searched)
            {
                let length = UnsafeRawPointer(found) - (start + begin)
                lastLineBytes = length + 1
                defer { begin += lastLineBytes }
                let hasReturn = length > 0 && memory[begin + length - 1] == 0x0D
                return UnsafeRawBufferPointer(start: start + begin, count: hasReturn ? length - 1 : length)
            }
            searched = end - begin
            try fill(source)
        }
    }

    /// Receives more behind what is there.
    private mutating func fill(_ source: some ByteSource) throws(ConnectionError) {
        if begin > 0 {
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[begin..<end]))
            end -= begin
            begin = 0
        }
        if end == memory.count { try grow() }
        let received: Int
        do {
            received = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
        } catch {
            if case .broken(let reason, _) = error { throw .broken(reason, hasBegun: hasBegun) }
            throw error
        }
        guard received > 0 else { throw .broken("it was closed", hasBegun: hasBegun) }
        hasBegun = true
        end += received
    }

    private mutating func grow() throws(ConnectionError) {
        guard memory.count < Self.maximumHeadBytes else { throw .malformed("a line of the head is too long") }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(memory))
        memory.deallocate()
        memory = larger
    }

    // MARK: Numbers

    /// A number of digits only, as a head may hold it; `nil` for anything else.
    private static func decimal(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !text.isEmpty, text.count <= 18 else { return nil }
        var value = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// A chunk's size; white space behind it is tolerated as other clients do.
    private static func hexadecimal(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        var digits = text
        while let last = digits.last, last == 0x20 || last == 0x09 { digits = digits.dropLast() }
        guard !digits.isEmpty, digits.count <= 15 else { return nil }
        var value = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            value = value << 4 | Int(digit)
        }
        return value
    }
}
