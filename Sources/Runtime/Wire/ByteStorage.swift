#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The memory behind `Bytes` and `ByteBuffer`.
///
/// `@unchecked Sendable` holds because the memory is written only through the one reference that exists at that time:
/// `ByteBuffer` checks that before each write, and the other makers of `Bytes` write before they share.
@usableFromInline
final class ByteStorage: @unchecked Sendable {
    /// Where the memory begins; moves when it grows.
    @usableFromInline private(set) var base: UnsafeMutableRawPointer
    /// Bytes available at `base`.
    @usableFromInline private(set) var capacity: Int

    /// Uninitialised memory of at least one byte.
    @usableFromInline
    init(capacity: Int) {
        self.capacity = max(capacity, 1)
        base = Self.checked(malloc(self.capacity))
    }

    deinit { free(base) }

    /// Makes room for more bytes; what is there is kept, but may move.
    func grow(to capacity: Int) {
        guard capacity > self.capacity else { return }
        base = Self.checked(realloc(base, capacity))
        self.capacity = capacity
    }

    /// Memory that cannot be had ends the process, as it does for every allocation of the standard library.
    private static func checked(_ memory: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let memory else { preconditionFailure("out of memory") }
        return memory
    }
}
