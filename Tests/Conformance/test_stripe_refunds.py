"""Refunds of the PSP sandbox as Stripe's own SDK sees them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe


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
