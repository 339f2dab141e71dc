import FoundationEssentials

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Standard error without buffering.
public enum StandardError {
    /// Writes all of a text, retrying what a signal interrupted.
    public static func write(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeOnce($0) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                // Nobody can be told that standard error is gone.
                return
            }
        }
    }

    private static func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Musl)
            Musl.write(2, bytes.baseAddress, bytes.count)
        #else
            Glibc.write(2, bytes.baseAddress, bytes.count)
        #endif
    }
}
