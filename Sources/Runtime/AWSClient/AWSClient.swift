import CurlEventLoop
import FoundationEssentials
import HTTPClient

/// Signs requests, sends them and repeats them while that can help; the services' own clients are built on it.
public struct AWSClient: Sendable {
    /// Where AWS is and who is asking.
    public let configuration: AWSConfiguration
    let retryPolicy: RetryPolicy
    private let transport: any HTTPTransport
    private let now: @Sendable () -> Date
    private let uptimeMilliseconds: @Sendable () -> Int64
    private let random: @Sendable (ClosedRange<Int>) -> Int
    private let sleep: @Sendable (Int) async -> Void

    /// A client that takes time, chance and waiting from its surroundings.
    ///
    /// - Parameters:
    ///   - transport: carries the requests.
    ///   - now: the wall clock, for signatures.
    ///   - uptimeMilliseconds: a clock that never goes back, for time limits.
    ///   - random: a number out of the given range, for the length of pauses.
    ///   - sleep: waits for the given number of milliseconds.
    public init(
        configuration: AWSConfiguration, transport: any HTTPTransport,
        now: @escaping @Sendable () -> Date = { Date() }, retryPolicy: RetryPolicy = .standard,
        uptimeMilliseconds: @escaping @Sendable () -> Int64 = { AWSClient.uptime() },
        random: @escaping @Sendable (ClosedRange<Int>) -> Int = { Int.random(in: $0) },
        sleep: @escaping @Sendable (Int) async -> Void
    ) {
        self.configuration = configuration
        self.transport = transport
        self.now = now
        self.retryPolicy = retryPolicy
        self.uptimeMilliseconds = uptimeMilliseconds
        self.random = random
        self.sleep = sleep
    }

    /// Sends a call until it succeeds, fails for good, or the policy's attempts or time are used up.
    ///
    /// - Returns: the first response with a status of 2xx.
    /// - Throws: the last attempt's error, marked when an earlier attempt may have been carried out.
    func send(_ call: AWSCall) async throws(AWSError) -> HTTPResponse {
        let deadline = deadline(ofCallLasting: call.totalTimeoutMilliseconds)
        var outcomeIsUnknown = false
        var attempt = 1
        while true {
            let failure: AWSError
            do throws(AWSError) {
                return try await attemptOnce(call, deadline: deadline)
            } catch {
                failure = error.marked(followsAmbiguousAttempt: outcomeIsUnknown)
            }
            let kind = FailureKind(failure)
            outcomeIsUnknown = outcomeIsUnknown || kind == .outcomeUnknown
            let mayRepeat =
                kind == .nothingHappened || (kind == .outcomeUnknown && call.repeatability == .always)
            guard mayRepeat, attempt < retryPolicy.maximumAttempts, await pause(beforeRetry: attempt, until: deadline)
            else { throw failure }
            attempt += 1
        }
    }

    /// The uptime at which a call that starts now has to be over.
    func deadline(ofCallLasting milliseconds: Int? = nil) -> Int64 {
        uptimeMilliseconds() + Int64(milliseconds ?? retryPolicy.totalTimeoutMilliseconds)
    }

    /// Waits before a retry; false, at once, when no time would be left for it or nobody waits for the result any more.
    func pause(beforeRetry retry: Int, until deadline: Int64) async -> Bool {
        let delay = random(0...retryPolicy.maximumDelayMilliseconds(beforeRetry: retry))
        guard !Task.isCancelled, uptimeMilliseconds() + Int64(delay) < deadline else { return false }
        await sleep(delay)
        return !Task.isCancelled && uptimeMilliseconds() < deadline
    }

    private func attemptOnce(_ call: AWSCall, deadline: Int64) async throws(AWSError) -> HTTPResponse {
        let remaining = Int(max(1, deadline - uptimeMilliseconds()))
        let attemptLimit = call.totalTimeoutMilliseconds ?? retryPolicy.attemptTimeoutMilliseconds
        let request = HTTPRequest(
            method: call.method, url: call.url, headers: call.headers, body: call.body,
            timeoutMilliseconds: min(attemptLimit, remaining),
            connectTimeoutMilliseconds: min(retryPolicy.connectTimeoutMilliseconds, remaining))
        // Signed anew for every attempt: a signature ages, and the services refuse old ones.
        let signer = SignatureV4(
            credentials: configuration.credentials, region: configuration.region,
            serviceName: call.service.signingName)
        let signed = try signer.sign(request, at: now())
        let response: HTTPResponse
        do {
            response = try await transport.send(signed)
        } catch {
            throw .transport(service: call.service, operation: call.operation, error)
        }
        guard (200..<300).contains(response.status) else {
            throw .service(ServiceErrorDecoder.failure(call.service, call.operation, response))
        }
        return response
    }
}

/// One request to a service, before signing.
struct AWSCall: Sendable {
    let service: AWSService
    let operation: String
    var method = "POST"
    let url: String
    var headers: HTTPHeaders = [:]
    var body: Data?
    var repeatability = Repeatability.always
    /// Replaces the policy's limits on the call and on each of its attempts, where the caller knows better.
    var totalTimeoutMilliseconds: Int?
}

extension AWSClient {
    private static let origin = ContinuousClock.now

    /// Milliseconds since some moment in this process's life; never goes back.
    public static func uptime() -> Int64 {
        let (seconds, attoseconds) = origin.duration(to: .now).components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}

extension AWSError {
    fileprivate func marked(followsAmbiguousAttempt: Bool) -> AWSError {
        guard followsAmbiguousAttempt, case .service(var failure) = self else { return self }
        failure.followsAmbiguousAttempt = true
        return .service(failure)
    }
}
