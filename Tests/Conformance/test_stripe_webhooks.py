"""Webhooks of the PSP sandbox, verified by Stripe's own SDK."""

import pytest
import stripe

from stripe_support import API_VERSION, wait_for_types, wait_until


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
