#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The environment variable in which the X-Ray SDKs look for the current trace.
///
/// The environment belongs to the whole process; there is one invocation at a time, so one value at a time is right.
/// `setenv` would keep every value it was ever given, some hundred bytes for each invocation; here one buffer that the
/// environment points to is written anew.
final class TraceVariable {
    private static let prefix = RuntimeAPI.Variable.traceID + "="
    /// Longer than any trace header that Lambda sends (root, parent, sampling, lineage).
    private static let initialCapacity = 512

    private var entry: UnsafeMutablePointer<CChar>
    private var capacity: Int
    private var isSet = false

    init() {
        capacity = Self.initialCapacity
        entry = .allocate(capacity: capacity)
        writePrefix()
        unsetenv(RuntimeAPI.Variable.traceID)
    }

    deinit {
        clear()
        entry.deallocate()
    }

    /// Sets the variable for one invocation, or removes it when the invocation has no trace.
    func set(_ traceID: String?) {
        guard var traceID else {
            clear()
            return
        }
        traceID.withUTF8 { write(UnsafeRawBufferPointer($0)) }
        if !isSet {
            putenv(entry)
            isSet = true
        }
    }

    private func write(_ value: UnsafeRawBufferPointer) {
        let total = Self.prefix.utf8.count + value.count + 1
        if total > capacity {
            clear()
            entry.deallocate()
            capacity = total * 2
            entry = .allocate(capacity: capacity)
            writePrefix()
        }
        let room = UnsafeMutableRawBufferPointer(start: entry + Self.prefix.utf8.count, count: value.count + 1)
        room.copyMemory(from: value)
        room[value.count] = 0
    }

    private func writePrefix() {
        UnsafeMutableRawBufferPointer(start: entry, count: capacity).copyBytes(from: Self.prefix.utf8)
    }

    private func clear() {
        guard isSet else { return }
        unsetenv(RuntimeAPI.Variable.traceID)
        isSet = false
    }
}
