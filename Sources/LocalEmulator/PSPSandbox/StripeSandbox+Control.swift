import Foundation

extension StripeSandbox {
    /// What the sandbox has seen and done so far.
    public func currentState() -> StripeSandboxState {
        state.read { state in
            sender.read { queue in
                StripeSandboxState(state.account, queue, idempotentReplays: state.idempotency.replayCount)
            }
        }
    }

    /// Delivers every webhook so far once more, in order, as duplicates with their old event ids.
    ///
    /// - Returns: how many events were queued.
    @discardableResult
    public func resendWebhooks() -> Int {
        let events = state.read { $0.account.events.all }
        sender.enqueue(events)
        return events.count
    }

    /// The `Stripe-Signature` header a webhook of this body would carry if it were sent now.
    public func signatureHeader(of body: Data) -> String {
        sender.signatureHeader(of: body)
    }

    /// How often each event from now on is delivered; 1 is once.
    public func setWebhookCopies(_ copies: Int) {
        sender.change { $0.copies = max(1, copies) }
    }

    /// Keeps webhooks back until `releaseWebhooks`.
    public func holdWebhooks() {
        sender.change { $0.hold() }
    }

    /// Lets held webhooks go, in the order given.
    public func releaseWebhooks(_ order: WebhookReleaseOrder = .asCreated) {
        sender.change { $0.release(order) }
    }

    /// Waits until every webhook was delivered or given up.
    ///
    /// - Returns: false when the time is over first.
    public func waitForWebhooks(timeoutMilliseconds: Int) -> Bool {
        sender.waitUntilIdle(timeoutMilliseconds: timeoutMilliseconds)
    }

    /// Completes the customer's authentication of a payment intent that requires it.
    ///
    /// - Returns: the payment intent after it.
    func completeAuthentication(
        of paymentIntent: String, succeeds: Bool
    ) -> Result<StripePaymentIntent, StripeError> {
        // No API request causes these events: their `request` names none.
        let context = StripeCallContext(
            now: nowMilliseconds() / 1000, requestID: nil, idempotencyKey: nil,
            apiVersion: StripeEvent.apiVersion, baseURL: "")
        return change { account throws(StripeError) in
            try account.completeAuthentication(paymentIntent, succeeds: succeeds, context)
        }
    }
}
