"""What the PSP sandbox refuses, and how, as Stripe's own SDK sees it."""

import base64
import json

import pytest
import stripe


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
