/// Bytes that arrive piece by piece, handed out without a copy.
///
/// The memory is used again as soon as nobody holds what was handed out, so a program that handles one message after
/// the other stays in the memory of the largest one.
public struct ByteBuffer: ~Copyable {
    /// The smallest allocation: a page less the allocator's own header.
    private static let minimumCapacity = 4096 - 32

    private var storage: ByteStorage?
    /// How many bytes have arrived since the last were taken.
    public private(set) var count = 0

    /// An empty buffer.
    ///
    /// - Parameter capacity: bytes to have room for at once; with zero nothing is allocated before it is needed.
    public init(capacity: Int = 0) {
        storage = capacity > 0 ? ByteStorage(capacity: capacity) : nil
    }

    /// Whether nothing has arrived.
    public var isEmpty: Bool { count == 0 }

    /// Adds a copy of memory.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        let storage = writable(total: count + bytes.count)
        (storage.base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Adds one byte.
    public mutating func append(_ byte: UInt8) {
        let storage = writable(total: count + 1)
        storage.base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Adds a copy of bytes.
    public mutating func append(_ bytes: Bytes) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Adds a text's UTF-8.
    public mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a literal's UTF-8.
    public mutating func append(_ literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Adds bytes that the caller writes in place.
    ///
    /// - Parameters:
    ///   - count: room for at least this many bytes is lent, uninitialised.
    ///   - write: returns how many bytes it wrote, from the beginning.
    public mutating func append(count: Int, writingWith write: (UnsafeMutableRawBufferPointer) -> Int) {
        let storage = writable(total: self.count + count)
        let written = write(UnsafeMutableRawBufferPointer(start: storage.base + self.count, count: count))
        precondition(written <= count, "more was written than there is room for")
        self.count += written
    }

    /// Makes room for a message whose length is known, so that it does not move while it arrives.
    ///
    /// - Parameter total: the length of the whole message in bytes, what has arrived included.
    public mutating func reserve(_ total: Int) {
        guard total > 0 else { return }
        _ = prepared(total: total, exactly: true)
    }

    /// What has arrived; the buffer is empty afterwards.
    public mutating func takeBytes() -> Bytes {
        guard let storage, count > 0 else { return Bytes() }
        defer { count = 0 }
        return Bytes(storage: storage, offset: 0, count: count)
    }

    /// Forgets what has arrived and keeps the memory.
    public mutating func removeAll() {
        count = 0
    }

    /// Lends what has arrived for the duration of the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: storage?.base, count: count))
    }

    private mutating func writable(total: Int) -> ByteStorage { prepared(total: total, exactly: false) }

    /// The storage with room for a total, which is this buffer's own while it holds bytes.
    private mutating func prepared(total: Int, exactly: Bool) -> ByteStorage {
        if isKnownUniquelyReferenced(&storage), let storage {
            if storage.capacity < total { storage.grow(to: Self.capacity(total, storage.capacity, exactly)) }
            return storage
        }
        // Somebody still holds what was handed out (then `count` is zero), or there is no memory yet.
        precondition(count == 0, "a buffer's memory is shared only after its bytes were taken")
        let fresh = ByteStorage(capacity: Self.capacity(total, 0, exactly))
        storage = fresh
        return fresh
    }

    /// Growth by half keeps the cost of appending constant per byte.
    private static func capacity(_ total: Int, _ current: Int, _ exactly: Bool) -> Int {
        exactly ? total : max(total, current + current / 2, minimumCapacity)
    }
}
