/// Limits of Lambda's Runtime API.
enum RuntimeLimits {
    /// Largest buffered response (RIE `interop/model.go`: 6 MiB and 100 bytes).
    static let bufferedResponseBytes = 6 * 1024 * 1024 + 100
    /// Largest streamed response, for callers that take a stream (Lambda quotas: 200 MB).
    static let streamedResponseBytes = 200 * 1024 * 1024
    /// Largest error cause that X-Ray takes (RIE `model/error_cause.go`: 64 KiB).
    static let errorCauseBytes = 64 * 1024
    /// Most extensions of one environment (RIE `core/registrations.go`).
    static let extensions = 10
    /// What a process with internal extensions alone gets between SIGTERM and SIGKILL (Lambda, shutdown phase).
    static let shutdownMilliseconds: Int64 = 500
}
