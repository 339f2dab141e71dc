import Foundation
import Testing

@testable import LocalEmulator

@Suite struct StripeWebhookSignatureTests {
    /// The vector was computed with Python's hmac over the text Stripe documents.
    @Test func d06SignsTheTimestampAndTheRawBodyWithTheSecretAsText() {
        let header = StripeWebhookSignature.header(
            body: Data(#"{"id":"evt_test_webhook","object":"event"}"#.utf8), secret: "whsec_test_secret",
            seconds: 1_492_774_577)
        #expect(
            header == "t=1492774577,v1=88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a")
    }
}
