import LocalEmulator

/// What one bootstrap showed in one subject: medians over rounds of medians within a round, and the highest peak.
struct RuntimeFigures: Sendable, Equatable {
    let firstNextMilliseconds: Double
    let firstResponseMilliseconds: Double
    /// CPU time of the bootstrap alone until its first `next`.
    let startCPUMilliseconds: Double
    /// What is left of the time until the first `next`: waiting for servers, the harness and the disk.
    let startWaitMilliseconds: Double
    /// The first invocation of a start.
    let firstInvocationMicroseconds: Double
    let secondInvocationMicroseconds: Double
    let p50Microseconds: Double
    let p99Microseconds: Double
    let cpuPerInvocationMicroseconds: Double
    let invocationsPerSecond: Double
    /// The highest resident memory of any start in any round: a limit holds always, not half of the time.
    let peakBytes: Int
    let eventBytes: Int
    /// Pages of the bootstrap's files before the last start, and how many of them were still in memory.
    let evictedPages: Int?
    let remainingPages: Int?

    /// - Parameter reports: one for each round; at least one.
    init(_ reports: [RuntimeHarnessReport]) {
        func median(_ value: (RuntimeHarnessReport) -> Double?) -> Double { reports.compactMap(value).median }
        firstNextMilliseconds = median(\.firstNextMilliseconds.median)
        firstResponseMilliseconds = median(\.firstResponseMilliseconds.median)
        startCPUMilliseconds = median(\.startCPUMilliseconds.median)
        startWaitMilliseconds = median { report in
            zip(report.firstNextMilliseconds, report.startCPUMilliseconds).map { $0 - $1 }.median
        }
        firstInvocationMicroseconds = median(\.firstLatencyMicroseconds.median)
        secondInvocationMicroseconds = median(\.secondLatencyMicroseconds.median)
        p50Microseconds = median { $0.latency?.p50 }
        p99Microseconds = median { $0.latency?.p99 }
        cpuPerInvocationMicroseconds = median(\.cpuPerInvocationMicroseconds)
        invocationsPerSecond = median(\.invocationsPerSecond)
        peakBytes = (reports.map(\.peakKilobytes).max() ?? 0) * 1_024
        eventBytes = reports.last?.eventBytes ?? 0
        evictedPages = reports.last?.eviction?.pages
        remainingPages = reports.last?.eviction?.remainingPages
    }

    /// Event bytes each second, in MB (10⁶) and from the first byte handed out to the last byte answered.
    var megabytesPerSecond: Double { p50Microseconds > 0 ? Double(eventBytes) / p50Microseconds : 0 }

    /// The peak in MB (10⁶ bytes).
    var peakMegabytes: Double { Double(peakBytes) / 1e6 }

    var document: JSONValue {
        var document: JSONValue = [
            "first_next_milliseconds": .number(firstNextMilliseconds),
            "first_response_milliseconds": .number(firstResponseMilliseconds),
            "start_cpu_milliseconds": .number(startCPUMilliseconds),
            "start_wait_milliseconds": .number(startWaitMilliseconds),
            "first_invocation_microseconds": .number(firstInvocationMicroseconds),
            "second_invocation_microseconds": .number(secondInvocationMicroseconds),
            "p50_microseconds": .number(p50Microseconds), "p99_microseconds": .number(p99Microseconds),
            "cpu_per_invocation_microseconds": .number(cpuPerInvocationMicroseconds),
            "invocations_per_second": .number(invocationsPerSecond),
            "megabytes_per_second": .number(megabytesPerSecond), "peak_bytes": .integer(Int64(peakBytes)),
            "event_bytes": .integer(Int64(eventBytes)),
        ]
        document["evicted_pages"] = evictedPages.map { .integer(Int64($0)) }
        document["remaining_pages"] = remainingPages.map { .integer(Int64($0)) }
        return document
    }
}
