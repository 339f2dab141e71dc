/// A currency of ISO 4217 with the number of decimals its minor unit has.
///
/// Encoded as its upper-case code (`"EUR"`).
public struct Currency: Hashable, Sendable {
    /// The three upper-case letters of ISO 4217.
    public let code: String

    /// Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD, 4 for CLF.
    public let exponent: Int

    /// Looks the code up; letter case does not matter because providers write both `USD` and `usd`.
    ///
    /// - Throws: `MoneyError.unknownCurrency` when the code is not in the table.
    public init(_ code: String) throws(MoneyError) {
        let upperCase = code.uppercased()
        guard let exponent = CurrencyTable.exponents[upperCase] else {
            throw .unknownCurrency(code)
        }
        self.code = upperCase
        self.exponent = exponent
    }

    /// Minor units in one major unit: 100 for EUR, 1 for JPY.
    public var minorUnitsPerMajorUnit: Int64 {
        PowerOfTen.value(exponent)
    }
}

extension Currency: CustomStringConvertible {
    /// The code.
    public var description: String { code }
}

extension Currency: Codable {
    /// Reads the code; fails when it is not in the table.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let code = try container.decode(String.self)
        do {
            try self.init(code)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }

    /// Writes the code.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
