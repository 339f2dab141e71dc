import Foundation
import LocalEmulator

/// The main job, seen from outside: charges and a refund over HTTP, every answer and every book checked afterwards.
struct DemoScenario {
    private static let settleSeconds = 40.0

    let stack: LocalStack
    let merchant: MerchantClient
    let books: LedgerBooks
    let console: Console
    /// Part of every idempotency key, so that a second run on the same stack asks for new charges.
    let runID: String
    var report = DemoReport()
    /// The first answer to the first request, to compare its repetitions with.
    private var firstAnswer: MerchantClient.Answer?

    init(stack: LocalStack, console: Console) throws {
        guard let ledger = stack.databases["ledger"] else {
            throw StackError.databaseUnusable(name: "ledger", reason: "not configured")
        }
        self.stack = stack
        self.console = console
        merchant = MerchantClient(base: stack.apiURL, key: StackURLs.demoKey)
        books = try LedgerBooks(ledger)
        runID = UUID().uuidString.lowercased()
    }

    /// Runs every step; what is not as it should be stands in the report.
    mutating func run() throws {
        let paid = try succeed()
        let blocked = try blockedByRisk()
        let declined = try declinedByProvider()
        let lost = try answerLost()
        try sentAgain(paid)
        try refunds(paid)
        try settleBooks(paid: paid, lost: lost, all: [paid, blocked, declined, lost])
        try duplicateWebhooks([paid, blocked, declined, lost])
        try reconcile(altered: lost)
        try collect([("succeeds", paid), ("blocked", blocked), ("declined", declined), ("answer lost", lost)])
        try checkBooks()
    }

    // MARK: - Steps

    private mutating func succeed() throws -> String {
        console.progress("1. a charge that succeeds")
        let answer = try merchant.post("/v1/charges", Self.chargeBody(amount: 1999), idempotencyKey: key("succeeds"))
        check("1. accepted with 202", answer.status == 202, "status \(answer.status)")
        firstAnswer = answer
        let id = answer.json["id"]?.stringValue ?? ""
        try expectStatus("1. ends SUCCEEDED", id, "SUCCEEDED")
        return id
    }

    private mutating func blockedByRisk() throws -> String {
        console.progress("2. a charge the risk engine blocks")
        let body = Self.chargeBody(amount: 2500, email: "fraudster@example.com")
        let answer = try merchant.post("/v1/charges", body, idempotencyKey: key("blocked"))
        let error = answer.json["error"]
        check(
            "2. refused as fraud_risk", answer.status == 402 && error?["code"] == "fraud_risk",
            "status \(answer.status), code \(error?["code"]?.text ?? "none")")
        let id = error?["charge_id"]?.stringValue ?? ""
        try expectStatus("2. ends FAILED", id, "FAILED")
        check(
            "2. the PSP saw nothing", providerCharge(id) == nil,
            "payment intents: \(providerCharge(id)?.paymentIntents ?? 0)")
        return id
    }

    private mutating func declinedByProvider() throws -> String {
        console.progress("3. a charge the PSP declines")
        let body = Self.chargeBody(amount: 3100, method: "pm_card_visa_chargeDeclined")
        let answer = try merchant.post("/v1/charges", body, idempotencyKey: key("declined"))
        let id = answer.json["id"]?.stringValue ?? ""
        let state = try expectStatus("3. ends FAILED", id, "FAILED")
        let code = state["failure"]?["decline_code"]
        check("3. says why", code == "generic_decline", "decline code \(code?.text ?? "none")")
        return id
    }

    private mutating func answerLost() throws -> String {
        console.progress("4. a charge where the PSP commits but its answer is lost")
        // Without webhooks nobody tells how it ended: the job must come again and ask under the same PSP key.
        stack.sandbox.holdWebhooks()
        defer { stack.sandbox.releaseWebhooks() }
        let body = Self.chargeBody(amount: 4200, method: "pm_card_visa_answerLost")
        let answer = try merchant.post("/v1/charges", body, idempotencyKey: key("answer-lost"))
        let id = answer.json["id"]?.stringValue ?? ""
        try expectStatus("4. ends SUCCEEDED", id, "SUCCEEDED")
        return id
    }

    private mutating func sentAgain(_ first: String) throws {
        console.progress("5. the first request sent again")
        let body = Self.chargeBody(amount: 1999)
        for _ in 1...2 {
            let again = try merchant.post("/v1/charges", body, idempotencyKey: key("succeeds"))
            check(
                "5. same status and bytes back",
                again.status == firstAnswer?.status && again.body == firstAnswer?.body, "status \(again.status)")
        }
        check("5. no second charge", stack.aws.queues.depth(queue: "JobQueue.fifo").visible == 0, "a job was enqueued")
    }

    private mutating func refunds(_ charge: String) throws {
        console.progress("6. a partial refund, then one that would exceed what was captured")
        let first = try merchant.post(
            "/v1/refunds", ["charge_id": .string(charge), "amount": 500], idempotencyKey: key("refund"))
        check("6. accepted with 202", first.status == 202, "status \(first.status)")
        let id = first.json["id"]?.stringValue ?? ""
        let refund = try merchant.poll("/v1/refunds/\(id)") { $0["status"] == "SUCCEEDED" }
        check("6. the refund SUCCEEDED", refund.json["status"] == "SUCCEEDED", refund.json["status"]?.text ?? "none")
        let second = try merchant.post(
            "/v1/refunds", ["charge_id": .string(charge), "amount": 1500], idempotencyKey: key("refund-too-much"))
        check(
            "6. the second is refused",
            second.status == 422 && second.json["error"]?["code"] == "refund_exceeds_remaining",
            "status \(second.status), code \(second.json["error"]?["code"]?.text ?? "none")")
    }

    /// The books follow the events: two charges, one refund begun and one done.
    private mutating func settleBooks(paid: String, lost: String, all: [String]) throws {
        let settled = try Waiting.until(seconds: Self.settleSeconds) {
            try books.transactionCount() >= 4 && stack.aws.queues.depth(queue: "JobQueue.fifo") == (0, 0, 0)
        }
        check("the ledger has followed", settled, "\(try books.transactionCount()) transactions")
        let projected = try Waiting.until(seconds: Self.settleSeconds) {
            try all.allSatisfy { id in
                try merchant.get("/v1/charges/\(id)").json["timeline"]?.arrayValue?.count == journaledEvents(id)
            }
        }
        check("PaymentDB has followed", projected, "\(all.map(journaledEvents)) events in the journal")
        let booked = try books.transactionCount()
        check("nothing was booked twice", booked == 4, "\(booked) transactions")
        let intents = stack.sandbox.currentState().paymentIntents
        check("the PSP was asked for three charges in all", intents == 3, "\(intents) payment intents")
        for id in [paid, lost] {
            let state = providerCharge(id)
            check(
                "exactly one PSP charge for \(id == paid ? "1" : "4")",
                state?.chargesSucceeded == 1 && state?.paymentIntents == 1,
                "payment intents \(state?.paymentIntents ?? 0), charges \(state?.chargesSucceeded ?? 0)")
        }
    }

    private mutating func duplicateWebhooks(_ charges: [String]) throws {
        console.progress("7. every webhook once more")
        let events = charges.map(journaledEvents)
        let before = try charges.map { try merchant.get("/v1/charges/\($0)").body }
        let transactions = try books.transactionCount()
        let count = stack.sandbox.resendWebhooks()
        let delivered = stack.sandbox.waitForWebhooks(timeoutMilliseconds: Int(Self.settleSeconds * 1000))
        let failed = stack.sandbox.currentState().deliveries.abandoned
        check("7. all taken", delivered && failed == 0, "\(count) sent again, \(failed) given up")
        let after = try charges.map { try merchant.get("/v1/charges/\($0)").body }
        let transactionsAfter = try books.transactionCount()
        check(
            "7. nothing changed",
            before == after && transactions == transactionsAfter && events == charges.map(journaledEvents),
            "\(transactions) → \(transactionsAfter) transactions, \(events) → \(charges.map(journaledEvents)) events")
    }

    private mutating func reconcile(altered: String) throws {
        console.progress("8. the settlement file over SFTP, with one amount altered")
        let file = try stack.sandbox.writeSettlement(alteredCharge: altered)
        let prefix = "reconciliation/\(file.day)/"
        let morning = Self.scheduledTime(after: file.day)
        _ = stack.sources.fireSchedules(of: "Reconciliation", at: morning)
        let finished = Waiting.until(seconds: Self.settleSeconds) {
            published().contains { $0.message.contains(altered) }
        }
        let keys = stack.aws.buckets.keys(bucket: "reportbucket", prefix: prefix)
        let document =
            keys.first { $0.hasSuffix(".json") }
            .flatMap { stack.aws.buckets.object(bucket: "reportbucket", key: $0) }
            .flatMap { try? JSONValue(parsing: $0) } ?? .null
        check("8. the SNS message names the charge", finished, "\(published().count) message(s)")
        let named = (document["discrepancies"]?.arrayValue ?? []).compactMap { $0["charge_id"]?.stringValue }
        check("8. the S3 report names it and nothing else", named == [altered], named.joined(separator: ", "))
        let classes = (document["summary"]?.objectValue ?? [:]).compactMapValues(\.intValue).filter { $0.value > 0 }
        check(
            "8. every other row is matched",
            classes == ["MATCHED": file.rowCount - 1, "AMOUNT_MISMATCH": 1],
            classes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        report.reconciliation = ["rows": .integer(Int64(file.rowCount)), "summary": document["summary"] ?? .null]
    }

    private mutating func collect(_ charges: [(name: String, id: String)]) throws {
        for (name, id) in charges {
            report.charges.append(
                DemoReport.Charge(
                    name: name, state: try merchant.get("/v1/charges/\(id)").json,
                    providerCharges: providerCharge(id)?.chargesSucceeded ?? 0))
        }
    }

    private mutating func checkBooks() throws {
        report.trialBalance = try books.trialBalance()
        let totals = report.trialBalance.filter { $0.account == nil }
        check(
            "the trial balance is zero", !totals.isEmpty && totals.allSatisfy { $0.balanceMinor == 0 },
            totals.map { "\($0.currency) \($0.balanceMinor)" }.joined(separator: ", "))
        let dead = stack.aws.queues.depth(queue: "JobDeadLetterQueue.fifo")
        check("no job was given up", dead.visible + dead.inFlight == 0, "\(dead.visible + dead.inFlight) dead letters")
    }

    // MARK: - Helpers

    private static func chargeBody(amount: Int64, method: String = "pm_card_visa", email: String = "ada@example.com")
        -> JSONValue
    {
        [
            "amount": .integer(amount), "currency": "EUR", "payment_method": .string(method),
            "description": "Demo", "customer": ["email": .string(email)],
        ]
    }

    private func key(_ step: String) -> String { "demo-\(runID)-\(step)" }

    private func providerCharge(_ id: String) -> StripeSandboxState.Charge? { stack.sandbox.currentState().charges[id] }

    private func journaledEvents(_ id: String) -> Int {
        stack.aws.tables.scan(table: "EventsTable").count { $0["stream_id"]?["S"]?.stringValue == id }
    }

    private func published() -> [SNSMessage] {
        stack.aws.topics.published(LocalNames.defaultAccount.arn("sns", "AlertTopic"))
    }

    @discardableResult
    private mutating func expectStatus(_ name: String, _ id: String, _ status: String) throws -> JSONValue {
        let answer = try merchant.poll("/v1/charges/\(id)") { $0["status"]?.stringValue == status }
        check(
            name, answer.json["status"]?.stringValue == status, answer.json["status"]?.text ?? "status \(answer.status)"
        )
        return answer.json
    }

    private mutating func check(_ name: String, _ holds: Bool, _ detail: String) {
        report.checks.append(DemoReport.Check(name: name, holds: holds, detail: detail))
        let mark = holds ? console.styled("ok", .good) : console.styled("NOT OK", .bad)
        console.progress("   \(mark)  \(name)\(holds ? "" : " (\(detail))")")
    }

    /// 02:00 UTC of the next day, when the schedule would look at this one.
    private static func scheduledTime(after day: String) -> Date {
        let midnight = (try? Date("\(day)T00:00:00Z", strategy: .iso8601)) ?? Date()
        return midnight.addingTimeInterval(26 * 3600)
    }
}
