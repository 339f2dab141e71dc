"""What the tests of the PSP sandbox share: Stripe's SDK pointed at it, and a receiver for its webhooks."""

import http.server
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

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


def wait_for_types(sandbox, payment_intent, types):
    def arrived():
        seen = sandbox.receiver.types(payment_intent)
        return seen if types <= set(seen) else None

    return wait_until(arrived, f"the delivery of {sorted(types)}")


def no_redirect(url, body):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *arguments):
            return None

    try:
        response = urllib.request.build_opener(Stay).open(url, data=body, timeout=WAIT_SECONDS)
        return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
