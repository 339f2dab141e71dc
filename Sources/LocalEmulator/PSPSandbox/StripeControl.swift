import Foundation

/// The sandbox's control interface: what a test or a demonstration does to the sandbox that no merchant can do to
/// Stripe. Parameters are form fields, answers JSON.
///
/// ```
/// GET  /_sandbox/state
/// POST /_sandbox/webhooks/resend
/// POST /_sandbox/webhooks/copies      copies=N
/// POST /_sandbox/webhooks/hold
/// POST /_sandbox/webhooks/release     order=created|reversed|shuffled  seed=N
/// POST /_sandbox/settlement           date=YYYY-MM-DD  altered_charge=ID  altered_gross=MINOR
/// GET  /_sandbox/settlement/{date}
/// GET  /_sandbox/authentication/{payment intent}
/// POST /_sandbox/authentication/{payment intent}    outcome=succeed|fail
/// ```
struct StripeControl {
    /// Where the interface lives.
    static let prefix = "/_sandbox/"
    /// More copies of a webhook than this prove nothing more.
    static let maximumCopies: Int64 = 100

    let sandbox: StripeSandbox

    /// Answers one request.
    func handle(_ request: HTTPServerRequest) -> HTTPServerResponse {
        do {
            return try route(request)
        } catch {
            return .json(error.status, error.body)
        }
    }

    private func route(_ request: HTTPServerRequest) throws(StripeError) -> HTTPServerResponse {
        let path = Array(request.pathSegments.dropFirst())
        let parameters = try parameters(of: request)
        switch (request.method, path.first, path.count) {
        case ("GET", "state", 1): return .json(200, sandbox.currentState().rendered)
        case ("POST", "webhooks", 2): return try controlWebhooks(path[1], parameters)
        case ("POST", "settlement", 1): return try writeSettlement(parameters)
        case ("GET", "settlement", 2): return try readSettlement(path[1])
        case ("GET", "authentication", 2): return authenticationPage(path[1])
        case ("POST", "authentication", 2): return try completeAuthentication(path[1], parameters)
        default:
            throw .invalidParameter("Unrecognized request URL (\(request.method): \(request.path)).", status: 404)
        }
    }

    private func parameters(of request: HTTPServerRequest) throws(StripeError) -> StripeParameters {
        do {
            return StripeParameters(try StripeForm.decoding(String(decoding: request.body, as: UTF8.self)))
        } catch {
            throw .invalidParameter(error.reason)
        }
    }

    private func controlWebhooks(
        _ action: String, _ parameters: StripeParameters
    ) throws(StripeError) -> HTTPServerResponse {
        switch action {
        case "resend":
            try parameters.allowOnly([])
            return .json(200, ["resent": .integer(Int64(sandbox.resendWebhooks()))])
        case "copies":
            try parameters.allowOnly(["copies"])
            guard let copies = try parameters.integer("copies"), (1...Self.maximumCopies).contains(copies) else {
                throw .invalidParameter(
                    "copies must be between 1 and \(Self.maximumCopies)", parameter: "copies")
            }
            sandbox.setWebhookCopies(Int(copies))
            return .json(200, ["copies": .integer(copies)])
        case "hold":
            try parameters.allowOnly([])
            sandbox.holdWebhooks()
            return .json(200, ["held": true])
        case "release":
            try parameters.allowOnly(["order", "seed"])
            sandbox.releaseWebhooks(try releaseOrder(parameters))
            return .json(200, ["held": false])
        default:
            throw .invalidParameter("Unknown action: \(action)", status: 404)
        }
    }

    private func releaseOrder(_ parameters: StripeParameters) throws(StripeError) -> WebhookReleaseOrder {
        switch try parameters.choice("order", of: ["created", "reversed", "shuffled"]) {
        case "reversed": return .reversed
        case "shuffled": return .shuffled(seed: UInt64(clamping: try parameters.integer("seed") ?? 0))
        default: return .asCreated
        }
    }

    private func writeSettlement(_ parameters: StripeParameters) throws(StripeError) -> HTTPServerResponse {
        try parameters.allowOnly(["date", "altered_charge", "altered_gross"])
        let day = try parameters.text("date")
        let charge = try parameters.text("altered_charge")
        let gross = try parameters.integer("altered_gross")
        do {
            let file = try sandbox.writeSettlement(day: day, alteredCharge: charge, alteredGrossMinor: gross)
            return .json(
                200, ["path": .string(file.path), "date": .string(file.day), "rows": .integer(Int64(file.rowCount))])
        } catch {
            throw .invalidParameter(error.description)
        }
    }

    private func readSettlement(_ day: String) throws(StripeError) -> HTTPServerResponse {
        do {
            let file = try sandbox.settlement(day: day)
            return .reply(status: 200, headers: ["Content-Type": "text/csv; charset=utf-8"], body: file)
        } catch {
            throw .invalidParameter(error.description)
        }
    }

    /// The page a customer is sent to: the issuer's question, with both answers.
    private func authenticationPage(_ paymentIntent: String) -> HTTPServerResponse {
        // The identifier is repeated into the page only when it is one: letters, digits and underscores.
        guard paymentIntent.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
            return .json(404, StripeError.missing("payment_intent", "", parameter: "intent").body)
        }
        let page = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Card authentication (sandbox)</title>
            <h1>Card authentication</h1><p>Payment \(paymentIntent)</p>
            <form method="post"><button name="outcome" value="succeed">Approve</button>
            <button name="outcome" value="fail">Refuse</button></form></html>
            """
        return .text(200, page, contentType: "text/html; charset=utf-8")
    }

    private func completeAuthentication(
        _ paymentIntent: String, _ parameters: StripeParameters
    ) throws(StripeError) -> HTTPServerResponse {
        try parameters.allowOnly(["outcome"])
        let outcome = try parameters.choice("outcome", of: ["succeed", "fail"]) ?? "succeed"
        let intent = try sandbox.completeAuthentication(of: paymentIntent, succeeds: outcome == "succeed").get()
        guard let returnURL = intent.returnURL else { return .json(200, intent.rendered) }
        return .reply(status: 303, headers: ["Location": returnURL], body: Data())
    }
}
