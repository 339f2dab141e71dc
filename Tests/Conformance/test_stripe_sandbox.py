"""The PSP sandbox as Stripe's own SDK sees it: requests, errors, idempotency keys, webhooks, settlement files."""

import base64
import csv
import http.server
import io
import json
import os
import pathlib
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

API_VERSION = "2023-10-16"
WAIT_SECONDS = 20
CARD_ONLY = {"enabled": True, "allow_redirects": "never"}


def wait_until(condition, what):
    """Waits on a condition, never on time alone."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not happen within {WAIT_SECONDS} s")


class WebhookReceiver:
    """A tiny endpoint that keeps every delivery and answers with the statuses it was told, then with 200."""

    def __init__(self):
        self.deliveries = []
        self.planned = []
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.deliveries.append((body, self.headers["Stripe-Signature"]))
                    status = receiver.planned.pop(0) if receiver.planned else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/webhooks/stripe"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def about(self, payment_intent):
        """The deliveries about a payment intent and its charges and refunds, in the order they came."""
        found = []
        with self.lock:
            for body, signature in self.deliveries:
                event = json.loads(body)
                subject = event["data"]["object"]
                if payment_intent in (subject["id"], subject.get("payment_intent")):
                    found.append((event, body, signature))
        return found

    def types(self, payment_intent):
        return [event["type"] for event, _, _ in self.about(payment_intent)]


class Sandbox:
    def __init__(self, ready, process, receiver, settlements):
        self.endpoint = ready["endpoint"]
        self.api_key = ready["api_key"]
        self.webhook_secret = ready["webhook_secret"]
        self.process = process
        self.receiver = receiver
        self.settlements = settlements
        self.client = self.client_with()

    def client_with(self, api_key=None, retries=0, timeout=None, version=API_VERSION):
        http_client = stripe.RequestsClient(timeout=timeout) if timeout else None
        return stripe.StripeClient(
            api_key or self.api_key,
            base_addresses={"api": self.endpoint},
            max_network_retries=retries,
            http_client=http_client,
            stripe_version=version,
        )

    def control(self, method, path, **fields):
        data = urllib.parse.urlencode(fields).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as response:
            body = response.read()
        return json.loads(body) if response.headers["Content-Type"].startswith("application/json") else body

    def raw(self, method, path, body=b"", headers=None):
        """A request without the SDK, for the bytes themselves."""
        sent = {"Authorization": f"Bearer {self.api_key}", "Stripe-Version": API_VERSION, **(headers or {})}
        request = urllib.request.Request(
            self.endpoint + path, data=body if method == "POST" else None, headers=sent, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def pay(self, client=None, key=None, **overrides):
        parameters = {
            "amount": 1999,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": CARD_ONLY,
            **overrides,
        }
        options = {"idempotency_key": key} if key else {}
        return (client or self.client).v1.payment_intents.create(parameters, options)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    root = pathlib.Path(__file__).resolve().parents[2]
    binary = os.environ.get("FINCORE_BIN", str(root / ".build/debug/fincore"))
    if not os.access(binary, os.X_OK):
        pytest.fail(f"{binary} is not built; set FINCORE_BIN or run swift build --product fincore")
    folder = tmp_path_factory.mktemp("stripe-sandbox")
    ready_file = folder / "ready.json"
    settlements = folder / "settlements"
    settlements.mkdir()
    receiver = WebhookReceiver()
    process = subprocess.Popen(
        [
            binary, "sandbox", "--port", "0", "--ready-file", str(ready_file),
            "--webhook-url", receiver.url, "--settlement-directory", str(settlements),
        ]
    )
    try:
        def started():
            assert process.poll() is None, f"the sandbox ended with {process.returncode}"
            return ready_file.exists() and ready_file.read_text()

        ready = json.loads(wait_until(started, "the sandbox's start"))
        yield Sandbox(ready, process, receiver, settlements)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        receiver.server.shutdown()


# --- Payment intents ---------------------------------------------------------------------------------------------


def test_a_confirmed_payment_has_its_money_and_its_charge(sandbox):
    intent = sandbox.pay(metadata={"charge_id": "ch_success", "merchant_id": "mer_1"}, description="Two books")
    assert intent.id.startswith("pi_")
    assert (intent.status, intent.amount, intent.amount_received, intent.currency) == ("succeeded", 1999, 1999, "eur")
    assert intent.metadata["charge_id"] == "ch_success"
    charge = sandbox.client.v1.charges.retrieve(intent.latest_charge)
    assert charge.paid and charge.captured and charge.amount_captured == 1999
    assert charge.payment_intent == intent.id
    assert charge.metadata["merchant_id"] == "mer_1"
    assert charge.payment_method_details.card.last4 == "4242"


@pytest.mark.parametrize("method, brand", [("pm_card_visa", "visa"), ("pm_card_mastercard", "mastercard")])
def test_the_card_of_the_test_payment_method_is_charged(sandbox, method, brand):
    intent = sandbox.pay(payment_method=method, expand=["latest_charge"])
    assert intent.latest_charge.payment_method_details.card.brand == brand


def test_an_intent_is_created_first_and_confirmed_later(sandbox):
    intents = sandbox.client.v1.payment_intents
    intent = intents.create({"amount": 700, "currency": "usd", "payment_method_types": ["card"]})
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError) as missing:
        intents.confirm(intent.id)
    assert missing.value.code == "payment_intent_unexpected_state"
    assert intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as again:
        intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert again.value.code == "payment_intent_unexpected_state"


def test_manual_capture_takes_at_most_what_was_authorized_and_only_once(sandbox):
    intents = sandbox.client.v1.payment_intents
    intent = sandbox.pay(capture_method="manual", amount=5000)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 5000, 0)
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        intents.capture(intent.id, {"amount_to_capture": 5001})
    assert too_much.value.code == "amount_too_large"
    captured = intents.capture(intent.id, {"amount_to_capture": 3000})
    assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 3000, 0)
    with pytest.raises(stripe.InvalidRequestError) as twice:
        intents.capture(intent.id)
    assert twice.value.code == "payment_intent_unexpected_state"
    charge = sandbox.client.v1.charges.retrieve(captured.latest_charge)
    # D-25: what a partial capture releases is no refund.
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (5000, 3000, 0)


def test_cancel_ends_an_authorization_and_refuses_a_captured_payment(sandbox):
    intents = sandbox.client.v1.payment_intents
    intent = sandbox.pay(capture_method="manual")
    canceled = intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert canceled.canceled_at is not None
    with pytest.raises(stripe.InvalidRequestError):
        intents.capture(intent.id)
    with pytest.raises(stripe.InvalidRequestError) as captured:
        intents.cancel(sandbox.pay().id)
    assert captured.value.code == "payment_intent_unexpected_state"


def test_expansion_reaches_the_balance_transaction(sandbox):
    intent = sandbox.pay(amount=10000)
    expanded = sandbox.client.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction"]}
    )
    transaction = expanded.latest_charge.balance_transaction
    assert (transaction.amount, transaction.fee, transaction.net) == (10000, 175, 9825)
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.client.v1.payment_intents.retrieve(intent.id, {"expand": ["no_such_field"]})


def test_lists_are_newest_first_and_page_by_cursor(sandbox):
    created = [sandbox.pay(customer="cus_listing").id for _ in range(5)]
    first = sandbox.client.v1.payment_intents.list({"customer": "cus_listing", "limit": 2})
    assert [intent.id for intent in first.data] == created[::-1][:2]
    assert first.has_more
    assert [intent.id for intent in first.auto_paging_iter()] == created[::-1]
    back = sandbox.client.v1.payment_intents.list({"customer": "cus_listing", "ending_before": created[0], "limit": 2})
    assert [intent.id for intent in back.data] == [created[2], created[1]]


def test_the_newest_version_of_the_sdk_is_answered_in_its_version(sandbox):
    newest = sandbox.client_with(version=stripe.api_version)
    intent = sandbox.pay(client=newest)
    assert intent.status == "succeeded"
    assert intent.last_response.headers["Stripe-Version"] == stripe.api_version
    assert intent.last_response.request_id.startswith("req_")


# --- Declines and authentication ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, code, decline_code",
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_decline_is_a_card_error_that_names_its_charge_and_intent(sandbox, method, code, decline_code):
    with pytest.raises(stripe.CardError) as decline:
        sandbox.pay(payment_method=method)
    error = decline.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
    intent = sandbox.client.v1.payment_intents.retrieve(error.error.payment_intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.decline_code == decline_code
    charge = sandbox.client.v1.charges.retrieve(error.error.charge)
    assert (charge.status, charge.paid, charge.payment_intent) == ("failed", False, intent.id)


def test_a_declined_intent_can_be_paid_with_another_card(sandbox):
    with pytest.raises(stripe.CardError) as decline:
        sandbox.pay(payment_method="pm_card_chargeDeclined")
    intent = sandbox.client.v1.payment_intents.confirm(
        decline.value.error.payment_intent.id, {"payment_method": "pm_card_mastercard"}
    )
    assert intent.status == "succeeded" and intent.last_payment_error is None


@pytest.mark.parametrize("method", ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"])
def test_authentication_sends_the_customer_away_and_takes_them_back(sandbox, method):
    intent = sandbox.pay(payment_method=method, return_url="https://shop.example/back")
    assert intent.status == "requires_action" and intent.latest_charge is None
    redirect = intent.next_action.redirect_to_url
    assert redirect.return_url == "https://shop.example/back"
    assert redirect.url.startswith(sandbox.endpoint)
    page = urllib.request.urlopen(redirect.url, timeout=WAIT_SECONDS).read().decode()
    assert intent.id in page
    status, headers, _ = no_redirect(redirect.url, b"outcome=succeed")
    assert (status, headers["Location"]) == (303, "https://shop.example/back")
    assert sandbox.client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_refused_authentication_fails_the_attempt(sandbox):
    intent = sandbox.pay(payment_method="pm_card_authenticationRequired")
    sandbox.control("POST", f"authentication/{intent.id}", outcome="fail")
    failed = sandbox.client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


def test_without_the_customer_authentication_is_a_decline(sandbox):
    with pytest.raises(stripe.CardError) as decline:
        sandbox.pay(payment_method="pm_card_authenticationRequired", off_session=True)
    assert decline.value.code == "authentication_required"


def no_redirect(url, body):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *arguments):
            return None

    try:
        response = urllib.request.build_opener(Stay).open(url, data=body, timeout=WAIT_SECONDS)
        return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


# --- Bad requests ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "overrides, code, parameter",
    [
        ({"payment_method": "pm_nobody_has_this"}, "resource_missing", "payment_method"),
        ({"amount": "12.50"}, "parameter_invalid_integer", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"currency": "kwd", "amount": 1999}, "parameter_invalid_integer", "amount"),
        ({"currency": "xxx"}, None, "currency"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"amuont": 5}, "parameter_unknown", "amuont"),
        ({"confirm": "yes"}, None, "confirm"),
        ({"automatic_payment_methods": {"enabled": True}}, None, "return_url"),
        ({"metadata": {"long": "x" * 501}}, None, "metadata[long]"),
    ],
)
def test_a_bad_parameter_is_named(sandbox, overrides, code, parameter):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.pay(**overrides)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, parameter)


def test_missing_parameters_and_objects_are_named(sandbox):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        sandbox.client.v1.payment_intents.create({"currency": "eur"})
    assert (missing.value.code, missing.value.param) == ("parameter_missing", "amount")
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        sandbox.client.v1.payment_intents.retrieve("pi_unknown")
    assert (unknown.value.http_status, unknown.value.code) == (404, "resource_missing")
    status, _, body = sandbox.raw("GET", "/v1/no_such_thing")
    assert status == 404 and json.loads(body)["error"]["type"] == "invalid_request_error"


def test_the_error_envelope_leaves_out_what_it_does_not_know(sandbox):
    _, headers, body = sandbox.raw("POST", "/v1/payment_intents", b"currency=eur")
    assert headers["Request-Id"].startswith("req_")
    assert set(json.loads(body)["error"]) == {"code", "doc_url", "message", "param", "type"}


@pytest.mark.parametrize(
    "body, headers",
    [
        (b'{"amount": 1}', {"Content-Type": "application/json"}),
        (b"amount=%zz", {}),
        (b"amount=1&amount[x]=2", {}),
        (b"[a]=1", {}),
        (b"a[b=1", {}),
        (b"a" + b"[b]" * 200 + b"=1", {}),
        (b"a=1&" * 5000, {}),
        (b"currency=eur", {"Stripe-Version": "yesterday"}),
    ],
)
def test_a_body_that_is_no_stripe_form_is_refused(sandbox, body, headers):
    status, _, answer = sandbox.raw("POST", "/v1/payment_intents", body, headers)
    assert status == 400 and json.loads(answer)["error"]["type"] == "invalid_request_error"


def test_only_the_accounts_key_opens(sandbox):
    with pytest.raises(stripe.AuthenticationError) as wrong:
        sandbox.pay(client=sandbox.client_with(api_key="sk_test_someone_else"))
    assert wrong.value.http_status == 401
    assert "sk_test_someone" not in str(wrong.value)
    status, _, _ = sandbox.raw("GET", "/v1/events", headers={"Authorization": ""})
    assert status == 401
    basic = base64.b64encode(f"{sandbox.api_key}:".encode()).decode()
    status, _, _ = sandbox.raw("GET", "/v1/events", headers={"Authorization": f"Basic {basic}"})
    assert status == 200


# --- Idempotency keys --------------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_bytes_and_one_payment(sandbox):
    body = urllib.parse.urlencode(
        {
            "amount": 1234, "currency": "eur", "payment_method": "pm_card_visa", "confirm": "true",
            "payment_method_types[]": "card", "metadata[charge_id]": "ch_replayed",
        }
    ).encode()
    first = sandbox.raw("POST", "/v1/payment_intents", body, {"Idempotency-Key": "replay-1"})
    second = sandbox.raw("POST", "/v1/payment_intents", body, {"Idempotency-Key": "replay-1"})
    assert first[0] == second[0] == 200 and first[2] == second[2]
    assert first[1]["Idempotent-Replayed"] is None and second[1]["Idempotent-Replayed"] == "true"
    assert second[1]["Request-Id"] != first[1]["Request-Id"] == second[1]["Original-Request"]
    state = sandbox.control("GET", "state")["charges"]["ch_replayed"]
    assert (state["payment_intents"], state["charges_succeeded"]) == (1, 1)


def test_d07_a_key_with_other_parameters_is_refused_and_does_nothing(sandbox):
    sandbox.pay(key="reuse-1", metadata={"charge_id": "ch_reuse"})
    with pytest.raises(stripe.IdempotencyError) as reused:
        sandbox.pay(key="reuse-1", amount=2999, metadata={"charge_id": "ch_reuse"})
    assert reused.value.http_status == 400
    assert sandbox.control("GET", "state")["charges"]["ch_reuse"]["payment_intents"] == 1


def test_d09_a_declined_key_stays_declined(sandbox):
    answers = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as decline:
            sandbox.pay(
                key="declined-1", payment_method="pm_card_chargeDeclined", metadata={"charge_id": "ch_declined"}
            )
        answers.append(decline.value.http_body)
    assert answers[0] == answers[1]
    assert sandbox.control("GET", "state")["charges"]["ch_declined"]["charges_failed"] == 1


def test_a_request_that_fails_validation_does_not_use_the_key_up(sandbox):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.pay(key="validated-1", amount="nothing")
    assert sandbox.pay(key="validated-1").status == "succeeded"


def test_a_refused_key_is_not_used_up(sandbox):
    with pytest.raises(stripe.AuthenticationError):
        sandbox.pay(client=sandbox.client_with(api_key="sk_test_wrong"), key="unauthorized-1")
    assert sandbox.pay(key="unauthorized-1").status == "succeeded"


def test_d08_concurrent_requests_with_one_key_execute_once(sandbox):
    body = urllib.parse.urlencode(
        {
            "amount": 4321, "currency": "eur", "payment_method": "pm_card_visa", "confirm": "true",
            "payment_method_types[]": "card", "metadata[charge_id]": "ch_concurrent",
        }
    ).encode()
    barrier = threading.Barrier(20)

    def send(_):
        barrier.wait()
        return sandbox.raw("POST", "/v1/payment_intents", body, {"Idempotency-Key": "concurrent-1"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert {status for status, _, _ in answers} <= {200, 409}
    assert len({answer for status, _, answer in answers if status == 200}) == 1
    for status, _, answer in answers:
        if status == 409:
            assert json.loads(answer)["error"]["code"] == "idempotency_key_in_use"
    assert sandbox.control("GET", "state")["charges"]["ch_concurrent"]["charges_succeeded"] == 1


def test_d01_d02_a_lost_answer_is_found_again_with_the_same_key_and_one_charge(sandbox):
    impatient = sandbox.client_with(timeout=1, retries=0)
    payment = {"payment_method": "pm_card_visa_answerLost", "metadata": {"charge_id": "ch_lost"}}
    with pytest.raises(stripe.APIConnectionError):
        sandbox.pay(client=impatient, key="lost-1", **payment)
    # The money moved although nobody was told.
    assert sandbox.control("GET", "state")["charges"]["ch_lost"]["charges_succeeded"] == 1
    intent = sandbox.pay(client=impatient, key="lost-1", **payment)
    assert intent.status == "succeeded"
    assert intent.last_response.headers["Idempotent-Replayed"] == "true"
    state = sandbox.control("GET", "state")["charges"]["ch_lost"]
    assert (state["payment_intents"], state["charges_succeeded"]) == (1, 1)
    assert "payment_intent.succeeded" in wait_for_types(sandbox, intent.id, {"payment_intent.succeeded"})


def test_the_sdks_own_retry_survives_a_lost_answer(sandbox):
    patient = sandbox.client_with(timeout=1, retries=1)
    intent = sandbox.pay(
        client=patient, payment_method="pm_card_visa_answerLost", metadata={"charge_id": "ch_lost_retried"}
    )
    assert intent.status == "succeeded"
    assert sandbox.control("GET", "state")["charges"]["ch_lost_retried"]["charges_succeeded"] == 1


# --- Refunds -----------------------------------------------------------------------------------------------------


def test_refunds_stop_at_what_was_captured(sandbox):
    refunds = sandbox.client.v1.refunds
    intent = sandbox.pay(amount=2000, metadata={"charge_id": "ch_refunded"})
    partial = refunds.create(
        {
            "payment_intent": intent.id, "amount": 500, "reason": "requested_by_customer",
            "metadata": {"charge_id": "ch_refunded", "refund_id": "re_first"},
        }
    )
    assert (partial.status, partial.amount, partial.charge) == ("succeeded", 500, intent.latest_charge)
    assert refunds.retrieve(partial.id).metadata["refund_id"] == "re_first"
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        refunds.create({"payment_intent": intent.id, "amount": 1501})
    assert (too_much.value.http_status, too_much.value.param) == (400, "amount")
    assert refunds.create({"charge": intent.latest_charge}).amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as nothing_left:
        refunds.create({"charge": intent.latest_charge})
    assert nothing_left.value.code == "charge_already_refunded"
    charge = sandbox.client.v1.charges.retrieve(intent.latest_charge)
    assert charge.refunded and charge.amount_refunded == 2000
    state = sandbox.control("GET", "state")["charges"]["ch_refunded"]
    assert (state["refunds"], state["refunded_amount"]) == (2, 2000)
    assert len(refunds.list({"payment_intent": intent.id}).data) == 2


def test_d10_concurrent_refunds_never_exceed_the_capture(sandbox):
    intent = sandbox.pay(amount=1000)

    def refund(_):
        try:
            return sandbox.client.v1.refunds.create({"payment_intent": intent.id, "amount": 300}).amount
        except stripe.InvalidRequestError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refund, range(8))) == 900


def test_a_refund_needs_a_captured_charge(sandbox):
    refunds = sandbox.client.v1.refunds
    for parameters in [
        {},
        {"payment_intent": "pi_unknown"},
        {"charge": "ch_unknown"},
        {"payment_intent": sandbox.pay(capture_method="manual").id},
        {"payment_intent": sandbox.pay().id, "amount": 0},
        {"payment_intent": sandbox.pay().id, "reason": "because"},
    ]:
        with pytest.raises(stripe.InvalidRequestError):
            refunds.create(parameters)


# --- Webhooks ----------------------------------------------------------------------------------------------------


def wait_for_types(sandbox, payment_intent, types):
    def arrived():
        seen = sandbox.receiver.types(payment_intent)
        return seen if types <= set(seen) else None

    return wait_until(arrived, f"the delivery of {sorted(types)}")


def test_webhooks_are_verified_by_the_sdk_and_name_our_key(sandbox):
    intent = sandbox.pay(key="webhook-1", metadata={"charge_id": "ch_webhook", "note": "Grüße, 東京"})
    types = wait_for_types(sandbox, intent.id, {"payment_intent.succeeded"})
    assert types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    for _, body, signature in sandbox.receiver.about(intent.id):
        event = stripe.Webhook.construct_event(body, signature, sandbox.webhook_secret)
        assert event.request.idempotency_key == "webhook-1"
        assert event.api_version == API_VERSION
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", signature, sandbox.webhook_secret)
    succeeded = sandbox.receiver.about(intent.id)[-1][0]["data"]["object"]
    assert succeeded["metadata"] == {"charge_id": "ch_webhook", "note": "Grüße, 東京"}
    assert succeeded["amount_received"] == 1999


@pytest.mark.parametrize(
    "overrides, expected",
    [
        ({"payment_method": "pm_card_authenticationRequired"}, "payment_intent.requires_action"),
        ({"capture_method": "manual"}, "payment_intent.amount_capturable_updated"),
    ],
)
def test_each_status_has_its_event(sandbox, overrides, expected):
    wait_for_types(sandbox, sandbox.pay(**overrides).id, {expected})


def test_a_decline_has_its_events(sandbox):
    with pytest.raises(stripe.CardError) as decline:
        sandbox.pay(payment_method="pm_card_chargeDeclined")
    wait_for_types(
        sandbox, decline.value.error.payment_intent.id, {"charge.failed", "payment_intent.payment_failed"}
    )


def test_a_refund_has_its_events_and_the_charge_its_total(sandbox):
    intent = sandbox.pay(amount=900)
    for amount in (200, 300):
        sandbox.client.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
    wait_until(lambda: sandbox.receiver.types(intent.id).count("refund.updated") == 2, "both refunds' webhooks")
    events = [event for event, _, _ in sandbox.receiver.about(intent.id)]
    assert [event["type"] for event in events[-3:]] == ["refund.created", "charge.refunded", "refund.updated"]
    totals = [e["data"]["object"]["amount_refunded"] for e in events if e["type"] == "charge.refunded"]
    assert totals == [200, 500]


def test_events_can_be_listed_and_read(sandbox):
    intent = sandbox.pay()
    listed = sandbox.client.v1.events.list({"type": "payment_intent.succeeded", "limit": 1}).data[0]
    assert listed.data.object.id == intent.id
    assert sandbox.client.v1.events.retrieve(listed.id).type == "payment_intent.succeeded"


def test_a_refused_delivery_is_repeated_before_its_successors(sandbox):
    wait_until(lambda: sandbox.control("GET", "state")["deliveries"]["pending"] == 0, "the end of old deliveries")
    with sandbox.receiver.lock:
        sandbox.receiver.planned = [500, 302]
    intent = sandbox.pay()
    types = wait_for_types(sandbox, intent.id, {"payment_intent.succeeded"})
    assert types == ["payment_intent.created"] * 3 + ["charge.succeeded", "payment_intent.succeeded"]
    identifiers = [event["id"] for event, _, _ in sandbox.receiver.about(intent.id)]
    assert len(set(identifiers[:3])) == 1


def test_webhooks_can_be_duplicated_reordered_and_sent_again(sandbox):
    sandbox.control("POST", "webhooks/copies", copies=2)
    sandbox.control("POST", "webhooks/hold")
    intent = sandbox.pay(metadata={"charge_id": "ch_duplicated"})
    sandbox.control("POST", "webhooks/copies", copies=1)
    assert sandbox.control("GET", "state")["deliveries"]["pending"] == 6
    assert sandbox.receiver.types(intent.id) == []
    sandbox.control("POST", "webhooks/release", order="reversed")
    wait_until(lambda: len(sandbox.receiver.types(intent.id)) == 6, "six deliveries")
    expected = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert sandbox.receiver.types(intent.id) == [name for name in expected[::-1] for _ in range(2)]
    assert sandbox.control("POST", "webhooks/resend")["resent"] >= 3
    wait_until(lambda: len(sandbox.receiver.types(intent.id)) == 9, "the duplicates")
    identifiers = {event["id"] for event, _, _ in sandbox.receiver.about(intent.id)}
    assert len(identifiers) == 3
    wait_until(
        lambda: sandbox.control("GET", "state")["charges"]["ch_duplicated"]["deliveries"] == 9, "the count"
    )


# --- Settlement files --------------------------------------------------------------------------------------------

COLUMNS = (
    "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,"
    "payment_intent_id,charge_id,automatic_payout_id,description,payment_metadata[charge_id],"
    "refund_metadata[refund_id]"
)


def rows_of(text, charge_id):
    return [row for row in csv.DictReader(io.StringIO(text)) if row["payment_metadata[charge_id]"] == charge_id]


def test_the_settlement_file_lists_every_movement_in_major_units(sandbox):
    intent = sandbox.pay(amount=1999, metadata={"charge_id": "ch_settled"}, description='Books, "used"')
    sandbox.client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 500, "metadata": {"refund_id": "re_settled"}}
    )
    sandbox.pay(amount=1999, currency="jpy", metadata={"charge_id": "ch_yen"})
    sandbox.pay(amount=1990, currency="kwd", metadata={"charge_id": "ch_dinar"})
    with pytest.raises(stripe.CardError):
        sandbox.pay(payment_method="pm_card_chargeDeclined", metadata={"charge_id": "ch_not_settled"})
    written = sandbox.control("POST", "settlement")
    path = pathlib.Path(written["path"])
    assert path == sandbox.settlements / f"stripe_{written['date']}.csv"
    text = path.read_text()
    assert text.splitlines()[0] == COLUMNS
    assert len(text.splitlines()) == written["rows"] + 1
    charge, refund = rows_of(text, "ch_settled")
    # 1.5 % of 19.99 is 29.985 cents, rounded to 30, plus 25.
    assert (charge["gross"], charge["fee"], charge["net"]) == ("19.99", "0.55", "19.44")
    assert (charge["reporting_category"], charge["source_id"]) == ("charge", intent.latest_charge)
    assert charge["description"] == 'Books, "used"'
    assert (refund["gross"], refund["fee"], refund["net"]) == ("-5.00", "0.00", "-5.00")
    assert (refund["charge_id"], refund["refund_metadata[refund_id]"]) == (intent.latest_charge, "re_settled")
    assert rows_of(text, "ch_yen")[0]["gross"] == "1999"
    assert rows_of(text, "ch_dinar")[0]["gross"] == "1.990"
    assert rows_of(text, "ch_not_settled") == []
    assert sandbox.control("GET", f"settlement/{written['date']}").decode() == text


def test_one_planted_discrepancy_changes_one_row_that_still_adds_up(sandbox):
    sandbox.pay(amount=5000, metadata={"charge_id": "ch_altered"})
    honest = sandbox.control("POST", "settlement")
    before = pathlib.Path(honest["path"]).read_text().splitlines()
    sandbox.control("POST", "settlement", altered_charge="ch_altered", altered_gross=4900)
    altered = pathlib.Path(honest["path"]).read_text()
    assert sum(old != new for old, new in zip(before, altered.splitlines(), strict=True)) == 1
    row = rows_of(altered, "ch_altered")[0]
    assert (row["gross"], row["fee"], row["net"]) == ("49.00", "1.00", "48.00")


@pytest.mark.parametrize("fields", [{"date": "2026-02-30"}, {"date": "tomorrow"}, {"altered_charge": "ch_unknown"}])
def test_an_impossible_settlement_file_is_refused(sandbox, fields):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.control("POST", "settlement", **fields)
    assert refused.value.code == 400


def test_a_day_without_movements_is_a_header_alone(sandbox):
    assert sandbox.control("GET", "settlement/2020-02-29").decode() == COLUMNS + "\n"
