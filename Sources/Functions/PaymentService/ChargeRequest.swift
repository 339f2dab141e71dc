import Domain
import FoundationEssentials
import FunctionsShared

/// A validated `POST /v1/charges`.
struct ChargeRequest: Equatable {
    /// Twelve digits: the most a card network carries for any currency (docs.stripe.com/currencies, "Minimum and
    /// maximum charge amounts").
    static let maximumAmountMinor: Int64 = 999_999_999_999
    static let maximumPaymentMethodLength = 255
    static let maximumDescriptionLength = 500
    /// RFC 5321, 4.5.3.1.3, without the angle brackets.
    static let maximumEmailLength = 254
    /// The longest text form of an IPv6 address.
    static let maximumIPAddressLength = 45

    let amount: Money
    let captureMode: CaptureMode
    let paymentMethod: String
    let description: String?
    let customerEmail: String?
    /// In its canonical form.
    let customerIPAddress: String?
    let metadata: [String: String]

    /// - Throws: 400 that names the first wrong parameter.
    init(_ members: [String: JSON]) throws(APIError) {
        let parameters = try RequestParameters(
            members,
            allowed: [
                "amount", "currency", "payment_method", "capture_mode", "description", "customer", "metadata",
            ])
        amount = try Self.amount(parameters)
        paymentMethod = try parameters.requiredText(
            "payment_method", maximumLength: Self.maximumPaymentMethodLength)
        guard paymentMethod.utf8.allSatisfy(Self.isTokenByte) else {
            throw parameters.invalid("payment_method", "must be a token of letters, digits, '_' and '-'")
        }
        captureMode = try Self.captureMode(parameters)
        description = try parameters.text("description", maximumLength: Self.maximumDescriptionLength)
        (customerEmail, customerIPAddress) = try Self.customer(parameters)
        metadata = try RequestMetadata.read(parameters)
    }

    private static func amount(_ parameters: RequestParameters) throws(APIError) -> Money {
        let amountMinor = try parameters.requiredPositiveInteger("amount", maximum: maximumAmountMinor)
        let code = try parameters.requiredText("currency", maximumLength: 3)
        let currency: Currency
        do { currency = try Currency(code) } catch { throw parameters.invalid("currency", "is wrong: \(error)") }
        let money = Money(amountMinor: amountMinor, currency: currency)
        // Refused here rather than by the worker: what no provider can express exactly will never be charged.
        do {
            _ = try ProviderCurrencyRules.stripe.providerAmount(of: money)
        } catch {
            throw parameters.invalid("amount", "cannot be charged: \(error)")
        }
        return money
    }

    private static func captureMode(_ parameters: RequestParameters) throws(APIError) -> CaptureMode {
        guard let text = try parameters.text("capture_mode", maximumLength: 16) else { return .automatic }
        guard let mode = CaptureMode(rawValue: text) else {
            let known = CaptureMode.allCases.map(\.rawValue).joined(separator: " or ")
            throw parameters.invalid("capture_mode", "must be \(known)")
        }
        return mode
    }

    private static func customer(_ parameters: RequestParameters) throws(APIError) -> (String?, String?) {
        guard let members = try parameters.object("customer") else { return (nil, nil) }
        let customer = try RequestParameters(members, prefix: "customer.", allowed: ["email", "ip"])
        let email = try customer.text("email", maximumLength: maximumEmailLength)
        if let email, !isEmailAddress(email) { throw customer.invalid("email", "must be an e-mail address") }
        guard let text = try customer.text("ip", maximumLength: maximumIPAddressLength) else { return (email, nil) }
        guard let address = IPAddress(text) else { throw customer.invalid("ip", "must be an IP address") }
        return (email, address.text)
    }

    /// Only what would make the address useless; whether it exists, only a mail can tell.
    private static func isEmailAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            && !text.unicodeScalars.contains { $0.value <= 0x20 || $0.value == 0x7F }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// The merchant's own key-value pairs. The limits are the ones merchants know from Stripe
/// (docs.stripe.com/api/metadata).
enum RequestMetadata {
    static let maximumEntries = 50
    static let maximumNameLength = 40
    static let maximumValueLength = 500

    static func read(_ parameters: RequestParameters) throws(APIError) -> [String: String] {
        guard let members = try parameters.object("metadata") else { return [:] }
        guard members.count <= maximumEntries else {
            throw parameters.invalid("metadata", "must have at most \(maximumEntries) entries")
        }
        var metadata: [String: String] = [:]
        for (name, value) in members {
            guard !name.isEmpty, PlainText.hasAtMost(maximumNameLength, name), PlainText.isPlain(name) else {
                throw parameters.invalid(
                    "metadata", "must have names of 1 to \(maximumNameLength) characters, none a control character")
            }
            guard case .string(let text) = value, PlainText.hasAtMost(maximumValueLength, text),
                PlainText.isPlain(text)
            else {
                throw parameters.invalid(
                    "metadata.\(name)",
                    "must be a string of at most \(maximumValueLength) characters, none a control character")
            }
            metadata[name] = text
        }
        return metadata
    }
}

/// A validated `POST /v1/refunds`.
struct RefundRequest: Equatable {
    static let maximumReasonLength = 255

    let chargeID: ChargeID
    /// In minor units of the charge's currency; `nil` for all that is left.
    let amountMinor: Int64?
    let reason: String?

    /// - Throws: 400 that names the first wrong parameter.
    init(_ members: [String: JSON]) throws(APIError) {
        let parameters = try RequestParameters(members, allowed: ["charge_id", "amount", "reason"])
        let id = try parameters.requiredText("charge_id", maximumLength: Route.maximumIDLength)
        guard Route.isID(id) else { throw parameters.invalid("charge_id", "must be the id of a charge") }
        chargeID = ChargeID(rawValue: id)
        amountMinor = try parameters.positiveInteger("amount", maximum: ChargeRequest.maximumAmountMinor)
        reason = try parameters.text("reason", maximumLength: Self.maximumReasonLength)
    }
}
