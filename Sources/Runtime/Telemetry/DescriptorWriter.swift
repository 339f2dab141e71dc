import Synchronization

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Writes records to descriptors, one after the other and each as a whole, whichever threads log.
enum DescriptorWriter {
    /// How long one record may wait for a descriptor that takes nothing (a full pipe that does not block): a log whose
    /// reader is stuck must not stop the function for ever.
    static let maximumWaitMilliseconds: Int64 = 1_000

    /// Held while a record is written. What a descriptor did not take in time of a record that it had begun is kept
    /// and goes out first, so that no reader loses its place; records that come meanwhile are lost.
    private static let unfinished = Mutex<[Int32: [UInt8]]>([:])

    /// Writes one record, or nothing of it, or loses it with the descriptor.
    static func write(_ record: [UInt8], to descriptor: Int32) {
        unfinished.withLock { unfinished in
            let deadline = now() + maximumWaitMilliseconds
            if let rest = unfinished.removeValue(forKey: descriptor) {
                let written = write(rest[...], to: descriptor, until: deadline)
                guard written == rest.count else {
                    unfinished[descriptor] = written.map { Array(rest[$0...]) }
                    return
                }
            }
            guard let written = write(record[...], to: descriptor, until: deadline), written > 0, written < record.count
            else { return }
            unfinished[descriptor] = Array(record[written...])
        }
    }

    /// Writes what the descriptor takes until then.
    ///
    /// - Returns: how many bytes; `nil` when the descriptor will never take more: nobody can be told that the log is
    ///   gone.
    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, until deadline: Int64) -> Int? {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = attempt(UnsafeRawBufferPointer(rebasing: buffer[written...]), descriptor)
                if count > 0 {
                    written += count
                } else if errno == EAGAIN {
                    guard isWritable(descriptor, before: deadline) else { return written }
                } else if errno != EINTR {
                    return nil
                }
            }
            return written
        }
    }

    private static func attempt(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int {
        #if canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func isWritable(_ descriptor: Int32, before deadline: Int64) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let remaining = deadline - now()
            guard remaining > 0 else { return false }
            let count = poll(&request, 1, Int32(clamping: remaining))
            // An error of the descriptor is told by the next write.
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }

    /// Milliseconds on a clock that only goes forward.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
