/// Identifiers of Stripe's shape: a prefix, an underscore and 24 letters or digits.
///
/// They are random, not counted: a sandbox that is started again beside a kept journal must not hand out an
/// identifier twice.
enum StripeIdentifier {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    private static let length = 24

    /// A new identifier.
    static func make(_ prefix: String) -> String {
        prefix + "_" + String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
