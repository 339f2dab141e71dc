import Foundation

/// A settlement file that was written.
public struct StripeSettlementFile: Sendable, Equatable {
    /// Where it is.
    public let path: String
    /// The UTC day it covers, `YYYY-MM-DD`.
    public let day: String
    /// How many movements it lists.
    public let rowCount: Int
}

/// Why no settlement file could be made.
public enum StripeSettlementError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text is no day of the form `YYYY-MM-DD`.
    case notADay(String)
    /// The sandbox was started without a directory for settlement files.
    case noDirectory
    /// No charge of that name was captured on that day.
    case noSuchCharge(String, day: String)
    /// The file could not be written.
    case notWritten(path: String, reason: String)

    public var description: String {
        switch self {
        case .notADay(let text): "'\(text)' is not a day: write YYYY-MM-DD"
        case .noDirectory: "no settlement directory: start the sandbox with one"
        case .noSuchCharge(let charge, let day): "no charge \(charge) was captured on \(day) (UTC)"
        case .notWritten(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}

extension StripeSandbox {
    /// The present UTC day, `YYYY-MM-DD`.
    public func today() -> String {
        UTCTime.day(nowMilliseconds() / 1000)
    }

    /// Writes the settlement file of a day into the settlement directory, complete or not at all.
    ///
    /// - Parameters:
    ///   - day: `YYYY-MM-DD`, UTC; today when `nil`.
    ///   - alteredCharge: a charge (the merchant's charge id, or Stripe's charge or payment intent) whose gross amount
    ///     the file shall misstate; its fee stays, its net follows.
    ///   - alteredGrossMinor: the amount the file states for it, in minor units; one minor unit more when `nil`.
    public func writeSettlement(
        day: String? = nil, alteredCharge: String? = nil, alteredGrossMinor: Int64? = nil
    ) throws(StripeSettlementError) -> StripeSettlementFile {
        let day = day ?? today()
        guard let settlementDirectory else { throw .noDirectory }
        let transactions = try settledTransactions(day: day)
        var alteration: StripeSettlement.Alteration?
        if let alteredCharge {
            let candidate = StripeSettlement.Alteration(charge: alteredCharge, grossMinor: 0)
            guard let charge = transactions.first(where: { StripeSettlement.concerns(candidate, $0) }) else {
                throw .noSuchCharge(alteredCharge, day: day)
            }
            alteration = .init(charge: charge.charge, grossMinor: alteredGrossMinor ?? charge.amount + 1)
        }
        let path = settlementDirectory + "/" + StripeSettlement.fileName(day: day)
        do {
            let file = StripeSettlement.file(transactions, alteration: alteration)
            try file.write(to: URL(fileURLWithPath: path), options: .atomic)
            // The server that hands the file out runs as another user.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        } catch {
            throw .notWritten(path: path, reason: "\(error)")
        }
        return StripeSettlementFile(path: path, day: day, rowCount: transactions.count)
    }

    /// The truthful settlement file of a day.
    func settlement(day: String) throws(StripeSettlementError) -> Data {
        StripeSettlement.file(try settledTransactions(day: day))
    }

    private func settledTransactions(day: String) throws(StripeSettlementError) -> [StripeBalanceTransaction] {
        guard UTCTime.firstSecond(ofDay: day) != nil else { throw .notADay(day) }
        return state.read { StripeSettlement.transactions(in: $0.account, day: day) }
    }
}
