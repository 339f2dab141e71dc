"""The bytes a scripted Runtime API answers with, put together so that a scenario reads like a row of a table.

An answer is a tuple of actions, carried out in order: bytes to send, Slowly, CLOSE, RESET, HOLD, REFUSE, UNREAD, BODY, Pause. Two
answers added are one that does both: `event("{}") + (CLOSE,)`.
"""

import enum
import json
from typing import NamedTuple

# Lambda's own limit on a response: rapid's MaxPayloadSize, 6 MiB and 100 bytes.
MAXIMUM_RESPONSE = 6 * 1024 * 1024 + 100


class Action(enum.Enum):
    """What a server can do to a connection besides sending."""

    # Ends the connection in order (FIN), after what was sent.
    CLOSE = "close"
    # Breaks it off (RST): what was sent may never arrive.
    RESET = "reset"
    # Never answers, as the real API does while there is no event.
    HOLD = "hold"
    # Refuses every further connection; this one goes on.
    REFUSE = "refuse"
    # First of an answer only: it is given before the request's body is read.
    UNREAD = "unread"
    # Of an answer that began with UNREAD: the body is read now.
    BODY = "body"


CLOSE, RESET, HOLD, REFUSE, UNREAD, BODY = Action


class Pause(NamedTuple):
    """What follows is sent so much later, while the handler works longer than that."""

    seconds: float


class Slowly(NamedTuple):
    """Bytes sent a few at a time, each piece as a packet of its own."""

    data: bytes
    piece: int = 1


# --- Bodies --------------------------------------------------------------------------------------------------------


def fixed(body):
    """A body whose length is said."""
    return [("Content-Length", str(len(body)))], body


def chunked(size=None, extension="", trailers=()):
    """A framing in chunks: all of the body in one, or of a size each."""

    def frame(body):
        pieces = [body[at : at + (size or len(body))] for at in range(0, len(body), size or len(body) or 1)]
        sent = b"".join(b"%X%s\r\n%s\r\n" % (len(piece), extension.encode(), piece) for piece in pieces)
        end = "".join(f"{name}: {value}\r\n" for name, value in trailers)
        return [("Transfer-Encoding", "chunked")], sent + b"0\r\n" + end.encode() + b"\r\n"

    return frame


def until_close(body):
    """A body that ends with the connection, as HTTP/1.0 has it; to be followed by CLOSE."""
    return [], body


# --- Responses -----------------------------------------------------------------------------------------------------


def encoded(value):
    """A header's text as bytes; bytes stay what they are, so that a test can send what is not text."""
    return value if isinstance(value, bytes) else value.encode()


def response(status, headers=(), body=b"", framing=fixed, version="HTTP/1.1", separator=": ", spell=str):
    """A whole response as bytes; `separator` and `spell` decide white space and the case of header names."""
    lines, framed = framing(body)
    fields = [encoded(spell(name)) + separator.encode() + encoded(value) for name, value in [*headers, *lines]]
    return b"\r\n".join([f"{version} {status}".encode(), *fields, b"", framed])


def request_id(number=1):
    """The id of a scenario's first, second, … event."""
    return f"8476a536-e9f4-11e8-9d3f-{number:012x}"


# What the real API sends with an event, but for what only some invocations have.
EVENT_HEADERS = {
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:probe",
    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
    "Content-Type": "application/json",
}


def event_bytes(payload="{}", number=1, headers=(), without=(), **how):
    """An event as the real API sends it; `headers` adds to or replaces, `without` leaves out what it usually sends."""
    body = payload if isinstance(payload, bytes) else payload.encode()
    sent = {"Lambda-Runtime-Aws-Request-Id": request_id(number), **EVENT_HEADERS, **dict(headers)}
    for name in without:
        del sent[name]
    return response("200 OK", list(sent.items()), body, **how)


def event(payload="{}", number=1, **how):
    """The answer to `next` that hands over an event."""
    return (event_bytes(payload, number, **how),)


def do(what, number=1, headers=(), **arguments):
    """An event that tells the probe what to do."""
    return event(json.dumps({"do": what, **arguments}), number, headers=headers)


# The texts with which the real API refuses a report.
REFUSALS = {
    400: ("Bad Request", "InvalidRequestID", "Invalid request ID"),
    403: ("Forbidden", "InvalidStateTransition", "State transition is not allowed"),
    413: ("Request Entity Too Large", "RequestEntityTooLarge",
          "Exceeded maximum allowed payload size (6291556 bytes)."),
    500: ("Internal Server Error", "InternalServerError", "Container error. Non-recoverable state."),
}


def status(code, headers=(), **how):
    """An answer of this status with the body the real API gives it."""
    reason, error_type, message = REFUSALS.get(code, ("Status", "Unknown", "of the test"))
    body = json.dumps({"errorMessage": message, "errorType": error_type}).encode()
    if code < 200 or code in (204, 304):
        return (response(f"{code} {reason}", headers, framing=until_close, **how),)
    return (response(f"{code} {reason}", [("Content-Type", "application/json"), *headers], body, **how),)


ACCEPTED = (response("202 Accepted", [("Content-Type", "application/json")], b'{"status":"OK"}\n'),)

# What nothing of the API's answers; the runtime has no business there.
NOT_FOUND = status(404)
# The Extensions API's welcome.
REGISTERED = (response("200 OK", [("Lambda-Extension-Identifier", "1f4ac5b1-3c29-4c24-8f3d-7c2f2c2f7d7e")], b"{}"),)


def limiting_size(request):
    """Takes or refuses a response by its size, as the real API does."""
    return ACCEPTED if len(request.body) <= MAXIMUM_RESPONSE else status(413)
