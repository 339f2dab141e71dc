import Synchronization

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
///
/// Code that runs for an invocation may read the variable, on any thread. What reads it while another invocation begins
/// (a task left behind by an earlier one) may see no value, or parts of two; it reads neither beyond the buffer nor
/// freed memory. As everywhere in a process, changing the environment (the first value, a missing one, `setenv`) while
/// another thread walks through it is up to the C library.
final class TraceVariable {
    /// Longer than any trace header that Lambda sends (root, parent, sampling, lineage).
    private static let initialCapacity = 512

    private let name: String
    private let prefix: [UInt8]
    /// `NAME=value` and zeros; its last byte is never anything but zero.
    private var entry: UnsafeMutableBufferPointer<UInt8>
    /// Whether the environment has ever pointed to the entry: then somebody may still read it, and it is never freed.
    private var wasExported = false

    init(name: String = RuntimeAPI.Variable.traceID) {
        self.name = name
        prefix = Array("\(name)=".utf8)
        entry = Self.entry(prefix, capacity: max(Self.initialCapacity, 2 * prefix.count))
        unsetenv(name)
    }

    deinit {
        clear()
        if !wasExported { entry.deallocate() }
    }

    /// Sets the variable for one invocation, or removes it when the invocation has no trace.
    func set(_ traceID: String?) {
        guard var traceID else {
            clear()
            return
        }
        traceID.withUTF8(write)
        // Somebody else may have set or removed the variable since.
        if !isExported, let start = entry.baseAddress {
            start.withMemoryRebound(to: CChar.self, capacity: entry.count) { _ = putenv($0) }
            wasExported = true
        }
    }

    /// Whether the environment points to the entry.
    private var isExported: Bool {
        guard let value = getenv(name), let start = entry.baseAddress else { return false }
        return UnsafeMutableRawPointer(value) == UnsafeMutableRawPointer(start) + prefix.count
    }

    private func write(_ value: UnsafeBufferPointer<UInt8>) {
        let end = prefix.count + value.count
        if end >= entry.count { grow(toHold: end + 1) }
        let room = UnsafeMutableBufferPointer(rebasing: entry[prefix.count...])
        // A reader sees nothing, then what is all there: the first byte goes last. Where it is already further on, zeros
        // end its way.
        room[0] = 0
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        room[value.count...].update(repeating: 0)
        for index in value.indices.dropFirst() { room[index] = value[index] }
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if let first = value.first { room[0] = first }
    }

    /// Takes another entry. All that were exported together are smaller than the largest.
    private func grow(toHold count: Int) {
        if !wasExported { entry.deallocate() }
        entry = Self.entry(prefix, capacity: 2 * count)
        wasExported = false
    }

    private static func entry(_ prefix: [UInt8], capacity: Int) -> UnsafeMutableBufferPointer<UInt8> {
        let entry = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
        entry.initialize(repeating: 0)
        _ = entry.update(fromContentsOf: prefix)
        return entry
    }

    private func clear() {
        if getenv(name) != nil { unsetenv(name) }
    }
}
