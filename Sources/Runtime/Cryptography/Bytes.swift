/// Lends the bytes of any sequence to libcrypto, without a copy where the sequence keeps them in one piece.
///
/// Arrays, slices, `Data` and native strings' `utf8` views do; anything else is copied once.
func withBytes<Result>(
    of sequence: some Sequence<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    if let result = sequence.withContiguousStorageIfAvailable(body) { return result }
    return Array(sequence).withUnsafeBufferPointer(body)
}
