import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import PaymentService

@Suite("POST /v1/charges")
struct ChargeCreationTests {
    private let world = APIWorld()

    @Test("a charge is accepted: appended, enqueued, answered with 202")
    func accepted() async throws {
        let reply = try await world.charge(
            #"{"amount":1999,"currency":"eur","payment_method":"pm_card_visa","description":"Tea","#
                + #""metadata":{"order":"7"},"customer":{"email":"a@example.com","ip":"192.0.2.1"}}"#)
        #expect(reply.status == 202)
        let id = ChargeID(rawValue: try #require(reply.id))
        #expect(world.events.types(id) == ["ChargeInitiated", "RiskAssessed"])
        #expect(world.queue.jobs.map(\.chargeID) == [id])
        #expect(world.queue.jobs.map(\.kind) == [.charge])
        #expect(
            reply.body == [
                "id": .string(id.rawValue), "object": "charge", "status": "CREATED", "amount": 1999,
                "currency": "EUR", "captured_amount": 0, "refunded_amount": 0, "payment_method": "pm_card_visa",
                "capture_mode": "automatic", "description": "Tea", "metadata": ["order": "7"], "failure": .null,
                "created_at": "2026-03-01T12:00:00.000Z",
            ])
        #expect(reply.headers["X-Request-Id"] == "req_1")
        #expect(reply.headers["Content-Type"] == "application/json")
    }

    @Test("the trace of the load balancer goes with the events and the job")
    func trace() async throws {
        let reply = try await world.send(
            "POST", "/v1/charges", #"{"amount":1,"currency":"EUR","payment_method":"pm_1"}"#, key: "k",
            headers: ["x-amzn-trace-id": "Root=1-abc-def;Sampled=1"])
        let id = ChargeID(rawValue: try #require(reply.id))
        #expect(world.events.envelopes(id).allSatisfy { $0.traceID == "1-abc-def" })
        #expect(world.queue.jobs.first?.traceID == "1-abc-def")
    }

    @Test("the same request again gets the same bytes, and nothing runs again")
    func replay() async throws {
        let first = try await world.charge()
        let second = try await world.charge()
        #expect(second.bytes == first.bytes)
        #expect(second.status == 202)
        #expect(first.headers["Idempotent-Replayed"] == nil)
        #expect(second.headers["Idempotent-Replayed"] == "true")
        #expect(world.events.chargeIDs.count == 1)
        #expect(world.queue.sendCount == 1)
    }

    @Test("D-07: the same key with another request is refused and has no effect")
    func keyReused() async throws {
        _ = try await world.charge()
        let other = try await world.charge(#"{"amount":2000,"currency":"EUR","payment_method":"pm_card_visa"}"#)
        #expect(other.status == 422)
        #expect(other.errorCode == "idempotency_key_reused")
        let refund = try await world.send("POST", "/v1/refunds", #"{"charge_id":"ch_1"}"#, key: "key-1")
        #expect(refund.errorCode == "idempotency_key_reused")
        #expect(world.events.chargeIDs.count == 1)
    }

    @Test("D-08: of fifty concurrent requests with one key exactly one charge comes, the others are told to wait")
    func concurrent() async throws {
        let service = world.service()
        let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
            for _ in 0..<50 { group.addTask { try await world.charge(to: service) } }
            return try await group.reduce(into: [Reply]()) { $0.append($1) }
        }
        #expect(world.events.chargeIDs.count == 1)
        #expect(world.queue.jobs.count == 1)
        for reply in replies where reply.status != 202 {
            #expect(reply.status == 409)
            #expect(reply.errorCode == "idempotency_in_progress")
            #expect(reply.headers["Retry-After"] != nil)
        }
        #expect(Set(replies.filter { $0.status == 202 }.map(\.bytes)).count == 1)
    }

    @Test("what the risk engine refuses is FAILED with fraud_risk, answered with 402, and never enqueued")
    func riskDecline() async throws {
        let risk = ScriptedRiskAssessor(.success(ScriptedRiskAssessor.decline))
        let reply = try await world.charge(to: world.service(risk: risk))
        #expect(reply.status == 402)
        #expect(reply.errorCode == "fraud_risk")
        let id = ChargeID(rawValue: try #require(reply.body["error"]?["charge_id"]?.text))
        #expect(world.events.types(id) == ["ChargeInitiated", "RiskAssessed", "ChargeFailed"])
        #expect(world.queue.sendCount == 0)
    }

    @Test("a charge that a provider refused meanwhile is accepted for its key, whatever the provider calls its reason")
    func providerReasonOfTheSameName() async throws {
        let dying = world.service(fate: ProcessFate(crashAtStep: 6, moment: .beforeEffect))
        #expect(try await world.charge(to: dying).status == 503)
        let id = try #require(world.events.chargeIDs.first)
        try await Fixture.startProcessing(id, in: world.store())
        let refusal = GatewayOutcome.declined(GatewayDecline(reason: "fraud_risk", message: "Suspicious."))
        try await Fixture.decide(
            .recordChargeOutcome(refusal, attempt: 1, evidence: .webhook), on: id, in: world.store())
        world.clock.advance(seconds: APIWorld.leaseSeconds)
        #expect(try await world.charge().status == 202)
    }

    @Test("D-15: what is stored about a body is keyed; without the key nothing runs and the client comes again")
    func fingerprintKey() async throws {
        _ = try await world.charge(key: "a")
        let stored = try #require(world.records.records.first?.fingerprint)
        world.fingerprintSecrets.rotate(to: #"{"key":"another"}"#)
        _ = try await world.fingerprintSecrets.refreshedSecret("fingerprint")
        #expect(try await world.charge(key: "a").errorCode == "idempotency_key_reused")
        _ = try await world.charge(key: "b")
        #expect(world.records.records.contains { $0.fingerprint != stored })
        world.fingerprintSecrets.fail(SecretError("secret fingerprint: timed out"))
        let refused = try await world.charge(key: "c")
        #expect(refused.status == 503)
        #expect(world.records.records.count == 2)
    }

    @Test("D-09: a key that was declined stays declined, whatever the rules say later")
    func declineIsKept() async throws {
        let risk = ScriptedRiskAssessor(.success(ScriptedRiskAssessor.decline))
        let first = try await world.charge(to: world.service(risk: risk))
        risk.say(.success(ScriptedRiskAssessor.approval))
        let second = try await world.charge(to: world.service(risk: risk))
        #expect(second.status == 402)
        #expect(second.bytes == first.bytes)
        #expect(risk.requests.count == 1)
    }

    @Test("the engine is told what it needs, and nothing of it is card data")
    func riskRequest() async throws {
        let risk = ScriptedRiskAssessor()
        _ = try await world.charge(
            #"{"amount":5,"currency":"JPY","payment_method":"pm_1","customer":{"email":"a@b.c","ip":"::1"}}"#,
            to: world.service(risk: risk))
        let asked = try #require(risk.requests.first)
        #expect(asked.amountMinor == 5)
        #expect(asked.currency == (try Currency("JPY")))
        #expect(asked.email == "a@b.c")
        #expect(asked.ipAddress == "::1")
    }

    @Test("the engine is told the canonical form of the customer's address")
    func canonicalAddress() async throws {
        let risk = ScriptedRiskAssessor()
        _ = try await world.charge(
            #"{"amount":5,"currency":"EUR","payment_method":"pm_1","customer":{"ip":"2001:0DB8:0:0::1"}}"#,
            to: world.service(risk: risk))
        #expect(risk.requests.map(\.ipAddress) == ["2001:db8::1"])
    }

    @Test("R7.4: while the engine is away the configured policy decides, and the decision is recorded")
    func riskUnavailable() async throws {
        let away = ScriptedRiskAssessor(.failure(RiskEngineUnavailable("timed out")))
        let open = try await world.charge(key: "open", to: world.service(risk: away, policy: .failOpen))
        #expect(open.status == 202)
        let closed = try await world.charge(key: "closed", to: world.service(risk: away, policy: .failClosed))
        #expect(closed.status == 402)
        #expect(closed.errorCode == "risk_unavailable", "nobody found fraud")
        #expect(closed.body["error"]?["message"]?.text?.contains("could not be assessed") == true)
        for id in world.events.chargeIDs {
            #expect(try world.events.charge(id)?.risk?.engine == .unavailable)
        }
    }

    @Test("a request that fails on our side is answered with 503 and resumed by the client's retry with the same ids")
    func resumeAfterFailure() async throws {
        let dying = world.service(fate: ProcessFate(crashAtStep: 3, moment: .afterEffect))
        let failed = try await world.charge(to: dying)
        #expect(failed.status == 503)
        #expect(failed.headers["Retry-After"] != nil)
        world.clock.advance(seconds: APIWorld.leaseSeconds)
        let retried = try await world.charge()
        #expect(retried.status == 202)
        #expect(world.events.chargeIDs.map(\.rawValue) == [retried.id])
    }

    @Test("D-18: nothing is enqueued that was not appended before")
    func appendFirst() async throws {
        let fate = ProcessFate()
        _ = try await world.charge(to: world.service(fate: fate))
        let append = try #require(fate.steps.firstIndex(of: "journal.append"))
        let publish = try #require(fate.steps.firstIndex(of: "stream.publish"))
        let enqueue = try #require(fate.steps.firstIndex(of: "queue.enqueue"))
        let finish = try #require(fate.steps.firstIndex(of: "idempotency.finish"))
        #expect(append < publish && publish < enqueue && enqueue < finish)
    }

    @Test("D-18: a crash at any step and the client's retry make one charge, one job, one answer")
    func crashAtEveryStep() async throws {
        for moment in ProcessFate.Moment.allCases {
            var step = 0
            while true {
                let world = APIWorld()
                let fate = ProcessFate(crashAtStep: step, moment: moment)
                _ = try await world.charge(to: world.service(fate: fate))
                guard fate.hasCrashed else { break }
                world.clock.advance(seconds: APIWorld.leaseSeconds)
                let reply = try await world.charge()
                let place = "step \(step) (\(fate.steps.last ?? "")) \(moment)"
                #expect(reply.status == 202, "\(place)")
                #expect(world.events.chargeIDs.map(\.rawValue) == [reply.id], "\(place)")
                let id = ChargeID(rawValue: try #require(reply.id))
                #expect(world.events.types(id) == ["ChargeInitiated", "RiskAssessed"], "\(place)")
                #expect(world.queue.jobs.map(\.chargeID) == [id], "\(place)")
                #expect(Set(world.events.published.map(\.envelope.version)) == [1, 2], "\(place)")
                #expect(try await world.charge().bytes == reply.bytes, "\(place)")
                step += 1
            }
            #expect(step >= 7, "create, assess, load, append, publish, mark, enqueue, finish")
        }
    }

    @Test("R2.4: with Redis away or flushed after every request, nothing is charged twice")
    func redisLoss() async throws {
        let first = try await world.charge()
        world.cache.flush()
        #expect(try await world.charge().bytes == first.bytes)
        world.cache.goAway()
        #expect(try await world.charge().bytes == first.bytes)
        #expect(world.events.chargeIDs.count == 1)
    }
}
