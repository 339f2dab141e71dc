import Foundation
import Testing

@testable import LocalEmulator

@Suite struct StripeIdempotencyStoreTests {
    private let call = StripeIdempotencyStore.Call(
        method: "POST", path: "/v1/refunds", form: .fields(["charge": .text("ch_1")]))
    private let answer = StripeIdempotencyStore.Answer(status: 402, body: Data("{}".utf8), requestID: "req_1")

    @Test func theFirstExecutesAndTheNextReplays() {
        var store = StripeIdempotencyStore()
        #expect(store.admit("k", call, nowMilliseconds: 0) == .execute)
        store.finish("k", answer)
        #expect(store.admit("k", call, nowMilliseconds: 1) == .replay(answer))
        #expect(store.replayCount == 1)
    }

    @Test func d08AConcurrentRequestIsRefusedWhileTheFirstExecutes() {
        var store = StripeIdempotencyStore()
        _ = store.admit("k", call, nowMilliseconds: 0)
        let second = store.admit("k", call, nowMilliseconds: 1)
        #expect(second == .refuse(.idempotencyKeyInUse("k")))
        guard case .refuse(let error) = second else { return }
        #expect(error.status == 409 && error.code == "idempotency_key_in_use")
    }

    @Test(arguments: [
        StripeIdempotencyStore.Call(method: "POST", path: "/v1/refunds", form: .fields(["charge": .text("ch_2")])),
        StripeIdempotencyStore.Call(
            method: "POST", path: "/v1/payment_intents", form: .fields(["charge": .text("ch_1")])),
    ])
    func d07AnotherRequestWithTheKeyIsRefused(_ other: StripeIdempotencyStore.Call) {
        var store = StripeIdempotencyStore()
        _ = store.admit("k", call, nowMilliseconds: 0)
        store.finish("k", answer)
        #expect(store.admit("k", other, nowMilliseconds: 1) == .refuse(.idempotencyKeyReused("k")))
        #expect(store.admit("k", call, nowMilliseconds: 2) == .replay(answer))
    }

    @Test func aReleasedKeyIsFree() {
        var store = StripeIdempotencyStore()
        _ = store.admit("k", call, nowMilliseconds: 0)
        store.release("k")
        #expect(store.admit("k", call, nowMilliseconds: 1) == .execute)
    }

    @Test func aKeyIsForgottenAfterADay() {
        var store = StripeIdempotencyStore()
        _ = store.admit("k", call, nowMilliseconds: 0)
        store.finish("k", answer)
        let day = StripeIdempotencyStore.lifetimeMilliseconds
        #expect(store.admit("k", call, nowMilliseconds: day - 1) == .replay(answer))
        #expect(store.admit("k", call, nowMilliseconds: day) == .execute)
    }

    @Test func anOverlongKeyIsRefused() {
        var store = StripeIdempotencyStore()
        let longest = String(repeating: "k", count: StripeIdempotencyStore.maximumKeyLength)
        #expect(store.admit(longest, call, nowMilliseconds: 0) == .execute)
        guard case .refuse(let error) = store.admit(longest + "k", call, nowMilliseconds: 0) else {
            Issue.record("an overlong key was taken")
            return
        }
        #expect(error.status == 400)
    }
}
