#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Immutable bytes that share their memory with their parts and copies; the first is always at index 0.
///
/// A part as bytes of its own is `part(_:)`; `bytes[2..<5]`, `dropFirst()` and the like are the standard library's
/// slices, whose indices are those of the whole, and `Bytes(slice)` makes bytes of one.
public struct Bytes: RandomAccessCollection {
    public typealias Element = UInt8
    public typealias Index = Int
    public typealias Indices = Range<Int>

    /// Keeps the memory alive; `nil` when there are no bytes.
    @usableFromInline let storage: ByteStorage?
    /// The first byte, inside of `storage`.
    @usableFromInline let start: UnsafeRawPointer?
    public let count: Int

    /// Bytes of a storage that nobody writes to any more.
    @inlinable
    init(storage: ByteStorage, offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= storage.capacity, "outside of the storage")
        self.storage = storage
        start = UnsafeRawPointer(storage.base + offset)
        self.count = count
    }

    @inlinable
    init(storage: ByteStorage?, start: UnsafeRawPointer?, count: Int) {
        self.storage = storage
        self.start = start
        self.count = count
    }

    /// No bytes.
    @inlinable
    public init() {
        self.init(storage: nil, start: nil, count: 0)
    }

    /// A copy of memory.
    public init(copying bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else {
            self.init()
            return
        }
        let storage = ByteStorage(capacity: bytes.count)
        storage.base.copyMemory(from: source, byteCount: bytes.count)
        self.init(storage: storage, offset: 0, count: bytes.count)
    }

    /// A copy of any sequence; fast where the sequence keeps its elements in one piece.
    @inlinable
    public init<S: Sequence>(_ elements: S) where S.Element == UInt8 {
        if let bytes = elements as? Bytes {
            self = bytes
        } else if let copy = elements.withContiguousStorageIfAvailable({ Bytes(copying: UnsafeRawBufferPointer($0)) }) {
            self = copy
        } else {
            self = Array(elements).withUnsafeBytes { Bytes(copying: $0) }
        }
    }

    /// The bytes of a slice, whose memory is shared.
    @inlinable
    public init(_ slice: Slice<Bytes>) {
        self = slice.base.part(slice.startIndex..<slice.endIndex)
    }

    /// The UTF-8 of a text.
    public init(utf8 text: String) {
        var text = text
        self = text.withUTF8 { Bytes(copying: UnsafeRawBufferPointer($0)) }
    }

    /// Bytes written by `initialize` into new memory of the given size.
    ///
    /// - Parameter initialize: gets uninitialised memory and returns how much of it, from the beginning, it wrote.
    @inlinable
    public init<E: Error>(
        capacity: Int, initializingWith initialize: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        let storage = ByteStorage(capacity: capacity)
        let count = try initialize(UnsafeMutableRawBufferPointer(start: storage.base, count: capacity))
        precondition(count <= capacity, "more was written than there is room for")
        self.init(storage: storage, offset: 0, count: count)
    }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }
    @inlinable public var indices: Range<Int> { 0..<count }
    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public func index(after index: Int) -> Int { index + 1 }
    @inlinable public func index(before index: Int) -> Int { index - 1 }
    @inlinable public func index(_ index: Int, offsetBy distance: Int) -> Int { index + distance }
    @inlinable public func distance(from start: Int, to end: Int) -> Int { end - start }

    @inlinable
    public subscript(position: Int) -> UInt8 {
        guard let start, position >= 0, position < count else { preconditionFailure("index out of range") }
        return start.load(fromByteOffset: position, as: UInt8.self)
    }

    /// A part as bytes of its own, with indices from 0, that shares the memory.
    @inlinable
    public func part(_ bounds: Range<Int>) -> Bytes {
        precondition(bounds.lowerBound >= 0 && bounds.upperBound <= count, "range out of bounds")
        guard let start, !bounds.isEmpty else { return Bytes() }
        return Bytes(storage: storage, start: start + bounds.lowerBound, count: bounds.count)
    }

    /// Lends the memory for the duration of the call.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Without this the last use of the storage could be before the call.
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        defer { withExtendedLifetime(storage) {} }
        let memory = UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count)
        return try body(memory)
    }
}

/// `@unchecked` because of the pointer: it points into `storage`, which is not written any more.
extension Bytes: @unchecked Sendable {}

extension Bytes: Hashable {
    public static func == (left: Bytes, right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftStart = left.start, let rightStart = right.start else { return true }
        return leftStart == rightStart || memcmp(leftStart, rightStart, left.count) == 0
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Bytes: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: UInt8...) {
        self.init(elements)
    }
}

extension Bytes: CustomStringConvertible {
    /// How many there are, never which: bytes may be a customer's.
    public var description: String { "\(count) bytes" }
}

extension String {
    /// The text that these bytes are the UTF-8 of; `nil` when they are not valid UTF-8.
    public init?(validating bytes: Bytes) {
        self.init(validating: bytes, as: UTF8.self)
    }
}
