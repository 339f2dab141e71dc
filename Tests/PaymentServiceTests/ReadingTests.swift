import Domain
import FoundationEssentials
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import PaymentService

@Suite("GET")
struct ReadingTests {
    private let world = APIWorld()
    private let id = ChargeID(rawValue: "ch_paid")

    private func projected(status: ChargeStatus = .succeeded) async throws -> ChargeView {
        try await Fixture.succeed(id, in: world.store())
        return try #require(ChargeView(try await world.store().load(id)))
    }

    @Test("a charge comes from PaymentDB, with refunds and timeline")
    func charge() async throws {
        let view = try await projected()
        world.readStore.project(view)
        let reply = try await world.send("GET", "/v1/charges/ch_paid")
        #expect(reply.status == 200)
        #expect(reply.body["status"] == "SUCCEEDED")
        #expect(reply.body["captured_amount"] == 1999)
        #expect(reply.body["refunds"] == [])
        #expect(
            reply.body["timeline"]?.elements?.map { $0["type"]?.text }
                == ["ChargeInitiated", "RiskAssessed", "ChargeProcessingStarted", "ChargeSucceeded"])
        #expect(reply.body["timeline"]?.elements?.first?["version"] == 1)
    }

    @Test("a charge that is not projected yet comes from the journal: what was just accepted can be read")
    func notProjectedYet() async throws {
        let created = try await world.charge()
        let reply = try await world.send("GET", "/v1/charges/\(try #require(created.id))")
        #expect(reply.status == 200)
        #expect(reply.body["status"] == "CREATED")
    }

    @Test("while PaymentDB is away the journal answers")
    func databaseAway() async throws {
        _ = try await projected()
        world.readStore.fail(.unavailable("connection refused"))
        #expect(try await world.send("GET", "/v1/charges/ch_paid").body["status"] == "SUCCEEDED")
    }

    @Test("a refund can be read at once, and from PaymentDB when it is there")
    func refund() async throws {
        _ = try await projected()
        let created = try await world.refund(id, 500, key: "r")
        let path = "/v1/refunds/\(try #require(created.id))"
        let early = try await world.send("GET", path)
        #expect(early.status == 200)
        #expect(early.body == created.body)
        let view = try #require(ChargeView(try await world.store().load(id)))
        world.readStore.project(view)
        #expect(try await world.send("GET", path).body == created.body)
        let charge = try await world.send("GET", "/v1/charges/ch_paid")
        #expect(charge.body["refunds"]?.elements == [created.body])
    }

    @Test("what does not exist, and what belongs to somebody else, is not found")
    func notFound() async throws {
        world.readStore.project(try await projected())
        let refund = try await world.refund(id, 500, key: "r")
        let paths = [
            ("/v1/charges/ch_none", Fixture.apiKey), ("/v1/refunds/re_none", Fixture.apiKey),
            ("/v1/charges/ch_paid", Fixture.otherAPIKey),
            ("/v1/refunds/\(try #require(refund.id))", Fixture.otherAPIKey),
        ]
        for (path, key) in paths {
            let reply = try await world.send("GET", path, apiKey: key)
            #expect(reply.status == 404, "\(path)")
            #expect(reply.errorCode?.hasSuffix("_not_found") == true)
        }
    }

    @Test("a failure of a charge is shown with its reason")
    func failure() async throws {
        let risk = ScriptedRiskAssessor(.success(ScriptedRiskAssessor.decline))
        _ = try await world.charge(to: world.service(risk: risk))
        let id = try #require(world.events.chargeIDs.first)
        let reply = try await world.send("GET", "/v1/charges/\(id)")
        #expect(reply.body["failure"]?["reason"] == "fraud_risk")
        #expect(reply.body["failure"]?["decline_code"] == .null)
    }
}
