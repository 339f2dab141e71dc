"""Idempotency keys and lost answers of the PSP sandbox as Stripe's own SDK sees them."""

import json
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from stripe_support import wait_for_types


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
