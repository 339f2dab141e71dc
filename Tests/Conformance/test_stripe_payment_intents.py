"""Payment intents of the PSP sandbox as Stripe's own SDK sees them."""

import pytest
import stripe


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
