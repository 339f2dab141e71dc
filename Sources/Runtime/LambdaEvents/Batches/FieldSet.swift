import Wire

/// The fields of one object that were seen: of duplicate keys the first counts, and some fields must be there.
struct FieldSet<Field: RawRepresentable<Int>> {
    private var bits: UInt32 = 0

    private static func bit(_ field: Field) -> UInt32 { 1 << UInt32(field.rawValue) }

    func contains(_ field: Field) -> Bool { bits & Self.bit(field) != 0 }

    /// - Returns: whether the field was not there yet.
    @inline(__always)
    mutating func insert(_ field: Field) -> Bool {
        guard !contains(field) else { return false }
        bits |= Self.bit(field)
        return true
    }

    /// Makes sure that a field was seen; `place` is told it otherwise.
    @inline(__always)
    func require(_ field: Field, at position: Int, _ place: inout BatchPlace) throws(JSONError) {
        guard !contains(field) else { return }
        place.field = field.rawValue
        throw JSONError(.isMissing, at: position)
    }
}
