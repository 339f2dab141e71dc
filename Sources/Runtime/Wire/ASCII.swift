/// ASCII letters without regard to case: how HTTP's field names, schemes and tokens are compared (RFC 9110, 5.1).
package enum ASCII {
    /// The byte, a capital letter as its small one; whatever is not ASCII stays what it is.
    @inlinable
    @inline(__always)
    package static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    /// Whether two texts' bytes are the same but for the case of ASCII letters.
    ///
    /// Of strings pass `utf8`, which knows its length without being read.
    @inlinable
    package static func equalIgnoringCase(
        _ left: some Collection<UInt8>, _ right: some Collection<UInt8>
    ) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { lowercased($0) == lowercased($1) }
    }
}
