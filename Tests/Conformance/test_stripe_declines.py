"""Declines and customer authentication of the PSP sandbox as Stripe's own SDK sees them."""

import urllib.request

import pytest
import stripe

from stripe_support import WAIT_SECONDS, no_redirect


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
