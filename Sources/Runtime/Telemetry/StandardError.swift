#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Standard error without buffering.
public enum StandardError {
    /// Writes all of a text at once, so that a crash right after loses none of it.
    public static func write(_ text: String) {
        var text = text
        text.withUTF8 { DescriptorWriter.writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
    }
}

/// `write(2)` until everything is written.
enum DescriptorWriter {
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            #if canImport(Musl)
                let count = Musl.write(descriptor, start, rest.count)
            #else
                let count = Glibc.write(descriptor, start, rest.count)
            #endif
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // Nobody can be told that the log is gone.
                return
            }
        }
    }
}
