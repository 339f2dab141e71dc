import Domain
import FoundationEssentials
import FunctionsShared
import Telemetry

/// Answers `GET` from PaymentDB, and from the journal what PaymentDB does not have yet or cannot tell now.
struct ChargeReading: Sendable {
    let readStore: any ChargeReadStore
    let events: EventStore
    let refundDirectory: any RefundDirectory
    let logger: Logger

    /// - Throws: 404 for a charge that does not exist or belongs to another merchant.
    func charge(_ id: ChargeID, _ merchantID: MerchantID) async throws(APIError) -> ChargeView {
        do {
            if let view = try await readStore.charge(id: id, merchantID: merchantID) { return view }
        } catch {
            logger.error("PaymentDB did not answer", ["detail": .string("\(error)")])
        }
        guard let view = try await journalled(id), view.merchantID == merchantID else {
            throw Self.notFound("charge", id.rawValue)
        }
        return view
    }

    /// - Throws: 404 for a refund that does not exist or belongs to another merchant.
    func refund(_ id: RefundID, _ merchantID: MerchantID) async throws(APIError) -> RefundView {
        do {
            if let view = try await readStore.refund(id: id, merchantID: merchantID) { return view }
        } catch {
            logger.error("PaymentDB did not answer", ["detail": .string("\(error)")])
        }
        let chargeID: ChargeID?
        do {
            chargeID = try await refundDirectory.charge(of: id, merchantID: merchantID)
        } catch {
            logger.error("the refund directory did not answer", ["detail": .string(error.detail)])
            throw .unavailable()
        }
        guard let chargeID, let charge = try await journalled(chargeID), charge.merchantID == merchantID,
            let refund = charge.refunds.first(where: { $0.id == id })
        else { throw Self.notFound("refund", id.rawValue) }
        return refund
    }

    private func journalled(_ id: ChargeID) async throws(APIError) -> ChargeView? {
        do {
            return ChargeView(try await events.load(id))
        } catch {
            logger.error("the journal did not answer", ["detail": .string("\(error)")])
            throw .unavailable()
        }
    }

    private static func notFound(_ kind: String, _ id: String) -> APIError {
        APIError(
            status: 404, kind: .invalidRequest, code: "\(kind)_not_found", message: "No such \(kind): \(id).",
            parameter: "id")
    }
}
