import Foundation

/// What the harness saw of one bootstrap: the line that it prints.
struct RuntimeHarnessReport: Decodable, Sendable {
    /// Times of single invocations in microseconds.
    struct Latency: Decodable, Sendable {
        let min: Double
        let p50: Double
        let p90: Double
        let p99: Double
    }

    /// Resident memory after a number of invocations.
    struct Resident: Decodable, Sendable, Equatable {
        let after: Int
        let kilobytes: Int

        enum CodingKeys: String, CodingKey {
            case after
            case kilobytes = "kb"
        }
    }

    /// What was dropped from the page cache before the last start.
    struct Eviction: Decodable, Sendable {
        let files: Int
        let pages: Int
        /// Pages that stayed, because another process has them mapped.
        let remainingPages: Int

        enum CodingKeys: String, CodingKey {
            case files, pages
            case remainingPages = "remaining_pages"
        }
    }

    let eventBytes: Int
    /// The CPU that harness and bootstrap shared; -1 when they were not pinned.
    let cpu: Int
    let firstNextMilliseconds: [Double]
    let firstResponseMilliseconds: [Double]
    let startCPUMilliseconds: [Double]
    /// The first invocation of each start, whether or not it is among those measured.
    let firstLatencyMicroseconds: [Double]
    /// The second one.
    let secondLatencyMicroseconds: [Double]
    let latency: Latency?
    let cpuPerInvocationMicroseconds: Double?
    let invocationsPerSecond: Double?
    let peakKilobytes: Int
    let resident: [Resident]
    let wrongResponses: Int
    let wrongSample: String?
    let eviction: Eviction?
    let failure: String?

    enum CodingKeys: String, CodingKey {
        case cpu, failure
        case eventBytes = "event_bytes"
        case firstNextMilliseconds = "first_next_ms"
        case firstResponseMilliseconds = "first_response_ms"
        case startCPUMilliseconds = "start_cpu_ms"
        case firstLatencyMicroseconds = "first_latency_us"
        case secondLatencyMicroseconds = "second_latency_us"
        case latency = "latency_us"
        case cpuPerInvocationMicroseconds = "cpu_per_invocation_us"
        case invocationsPerSecond = "invocations_per_second"
        case peakKilobytes = "peak_rss_kb"
        case resident = "rss_kb"
        case wrongResponses = "wrong_responses"
        case wrongSample = "wrong_sample"
        case eviction = "evicted"
    }

    /// Why nothing may be concluded from this; `nil` when every answer was right.
    var objection: String? {
        if let failure { return failure }
        guard wrongResponses > 0 else { return nil }
        return "\(wrongResponses) wrong responses, the first one: \(wrongSample ?? "")"
    }
}
