import Foundation
import LocalEmulator

/// Times of many equal things.
struct Summary: Sendable {
    let perSecond: Double
    let p50: Double
    let p99: Double

    /// Sums up times in milliseconds that were taken within `seconds`.
    init(_ milliseconds: [Double], seconds: Double) {
        perSecond = seconds > 0 ? Double(milliseconds.count) / seconds : 0
        p50 = milliseconds.median
        p99 = milliseconds.quantile(0.99)
    }

    var document: JSONValue {
        ["per_second": .number(perSecond), "p50_milliseconds": .number(p50), "p99_milliseconds": .number(p99)]
    }
}

/// Drives charges through the whole stack.
struct ChargeBenchmark {
    /// The charges that were accepted, with the moment of their 202.
    struct Accepted {
        var charges: [(id: String, at: Date)]
        var summary: Summary
    }

    private static let settleSeconds = 120.0

    let stack: LocalStack
    let count: Int
    let concurrency: Int

    func measureHealth() throws -> Summary {
        try measure { merchant, _ in
            let answer = try merchant.get("/health")
            guard answer.status == 200 else { throw BenchmarkError(reason: "health answered \(answer.status)") }
            return ""
        }.summary
    }

    func measureCharges() throws -> Accepted {
        try measure { merchant, number in
            let answer = try merchant.post(
                "/v1/charges",
                ["amount": .integer(1_000 + Int64(number)), "currency": "EUR", "payment_method": "pm_card_visa"],
                idempotencyKey: "bench-\(number)")
            guard answer.status == 202, let id = answer.json["id"]?.stringValue else {
                throw BenchmarkError(reason: "a charge was answered with \(answer.status)")
            }
            return id
        }
    }

    /// Looks at the charges in order; each one's time ends when it is seen to have succeeded.
    func waitUntilSettled(_ accepted: Accepted) throws -> Summary {
        let merchant = MerchantClient(base: stack.apiURL, key: StackURLs.demoKey)
        let start = Date()
        var times: [Double] = []
        for charge in accepted.charges {
            let settled = try Waiting.until(seconds: Self.settleSeconds) {
                try merchant.get("/v1/charges/\(charge.id)").json["status"] == "SUCCEEDED"
            }
            guard settled else { throw BenchmarkError(reason: "\(charge.id) did not succeed") }
            times.append(Date().timeIntervalSince(charge.at) * 1000)
        }
        return Summary(times, seconds: Date().timeIntervalSince(start))
    }

    private func measure(_ body: @escaping @Sendable (MerchantClient, Int) throws -> String) throws -> Accepted {
        struct State {
            var next = 0
            var times: [Double] = []
            var charges: [(id: String, at: Date)] = []
            var failure: (any Error)?
        }
        let state = Monitor(State())
        let group = DispatchGroup()
        let start = Date()
        let (base, count) = (stack.apiURL, count)
        for _ in 0..<concurrency {
            group.enter()
            Thread {
                let merchant = MerchantClient(base: base, key: StackURLs.demoKey)
                while let number = state.withLock({ state -> Int? in
                    guard state.next < count, state.failure == nil else { return nil }
                    defer { state.next += 1 }
                    return state.next
                }) {
                    let begin = Date()
                    do {
                        let id = try body(merchant, number)
                        let end = Date()
                        state.withLock {
                            $0.times.append(end.timeIntervalSince(begin) * 1000)
                            $0.charges.append((id, end))
                        }
                    } catch {
                        state.withLock { $0.failure = error }
                    }
                }
                group.leave()
            }.start()
        }
        group.wait()
        let seconds = Date().timeIntervalSince(start)
        return try state.read { state in
            if let failure = state.failure { throw failure }
            return Accepted(
                charges: state.charges.sorted { $0.at < $1.at }, summary: Summary(state.times, seconds: seconds))
        }
    }
}

/// Why a measurement means nothing.
struct BenchmarkError: Error, CustomStringConvertible {
    let reason: String

    var description: String { "the measurement failed: \(reason)" }
}
