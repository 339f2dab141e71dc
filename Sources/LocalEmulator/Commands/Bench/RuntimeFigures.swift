import LocalEmulator

/// Medians over rounds of one bootstrap in one subject.
struct RuntimeFigures: Sendable, Equatable {
    let firstNextMilliseconds: Double
    let firstResponseMilliseconds: Double
    let startCPUMilliseconds: Double
    let p50Microseconds: Double
    let p99Microseconds: Double
    let cpuPerInvocationMicroseconds: Double
    let invocationsPerSecond: Double
    let peakMebibytes: Double
    let eventBytes: Int
    /// Pages of the bootstrap's files before the last start, and how many of them were still in memory.
    let evictedPages: Int?
    let remainingPages: Int?

    /// - Parameter reports: one for each round; at least one.
    init(_ reports: [RuntimeHarnessReport]) {
        func median(_ value: (RuntimeHarnessReport) -> Double?) -> Double {
            Self.median(reports.compactMap(value))
        }
        firstNextMilliseconds = median { Self.median($0.firstNextMilliseconds) }
        firstResponseMilliseconds = median { Self.median($0.firstResponseMilliseconds) }
        startCPUMilliseconds = median { Self.median($0.startCPUMilliseconds) }
        p50Microseconds = median { $0.latency?.p50 }
        p99Microseconds = median { $0.latency?.p99 }
        cpuPerInvocationMicroseconds = median { $0.cpuPerInvocationMicroseconds }
        invocationsPerSecond = median { $0.invocationsPerSecond }
        peakMebibytes = median { Double($0.peakKilobytes) / 1024 }
        eventBytes = reports.last?.eventBytes ?? 0
        evictedPages = reports.last?.eviction?.pages
        remainingPages = reports.last?.eviction?.remainingPages
    }

    /// Event bytes each second, in MB (10⁶) and from the first byte handed out to the last byte answered.
    var megabytesPerSecond: Double { p50Microseconds > 0 ? Double(eventBytes) / p50Microseconds : 0 }

    /// The middle value; the mean of both when there are two; 0 when there is none.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    var document: JSONValue {
        var document: JSONValue = [
            "first_next_milliseconds": .number(firstNextMilliseconds),
            "first_response_milliseconds": .number(firstResponseMilliseconds),
            "start_cpu_milliseconds": .number(startCPUMilliseconds),
            "p50_microseconds": .number(p50Microseconds), "p99_microseconds": .number(p99Microseconds),
            "cpu_per_invocation_microseconds": .number(cpuPerInvocationMicroseconds),
            "invocations_per_second": .number(invocationsPerSecond),
            "megabytes_per_second": .number(megabytesPerSecond), "peak_mebibytes": .number(peakMebibytes),
            "event_bytes": .integer(Int64(eventBytes)),
        ]
        document["evicted_pages"] = evictedPages.map { .integer(Int64($0)) }
        document["remaining_pages"] = remainingPages.map { .integer(Int64($0)) }
        return document
    }
}
