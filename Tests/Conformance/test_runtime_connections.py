"""Connections that break at every point: the process serves on, or ends with status 1; it neither spins nor hangs."""

import itertools

import pytest

from runtime_api_answers import (
    ACCEPTED, BODY, CLOSE, REFUSE, RESET, UNREAD, Pause, chunked, do, event, event_bytes, request_id, response, status)
from runtime_probe import WAITS, serve, started

EVENT = event_bytes(b"0123456789" * 10)
HEADERS = EVENT[: EVENT.index(b"\r\n\r\n")]
CHUNKED = event_bytes(b"0123456789" * 10, framing=chunked(50))
# Where an answer to `next` may end too early.
CUTS = {
    "before the status line": b"",
    "in the status line": b"HTTP/1.1 2",
    "after the status line": b"HTTP/1.1 200 OK\r\n",
    "in a header's name": HEADERS[: HEADERS.index(b"Aws-Request")],
    "in a header's value": HEADERS[: HEADERS.index(b"Request-Id") + 20],
    "between headers": HEADERS[: HEADERS.index(b"Content-Type")],
    "before the empty line": HEADERS + b"\r\n",
    "before the body": HEADERS + b"\r\n\r\n",
    "in the body": EVENT[:-1],
    "in a chunk's size": CHUNKED[: CHUNKED.index(b"\r\n\r\n") + 5],
    "in a chunk": CHUNKED[: CHUNKED.index(b"\r\n\r\n") + 30],
    "between chunks": CHUNKED[: CHUNKED.rindex(b"32\r\n")],
    "before the last chunk": CHUNKED[: -len(b"0\r\n\r\n")],
    "in the last chunk": CHUNKED[:-2],
}
ENDS = pytest.mark.parametrize("end", [CLOSE, RESET], ids=["closed", "reset"])
# libcurl asks again by itself when a connection that was kept alive turns out dead, at most five times.
BOUND = 12


@ENDS
@pytest.mark.parametrize("cut", CUTS)
def test_a_broken_first_event_is_never_handled(cut, end):
    outcome = serve("raw", next=itertools.repeat((CUTS[cut], end)))
    assert outcome.end == 1 and set(outcome.operations) == {"next"} and len(outcome.requests) <= BOUND
    assert outcome.log_lines()[-1]["level"] in ("ERROR", "FATAL")


@ENDS
@pytest.mark.parametrize("cut", CUTS)
def test_a_broken_later_event_is_never_handled(cut, end):
    outcome = serve("raw", next=itertools.chain([event("first")], itertools.repeat((CUTS[cut], end))))
    assert outcome.end == 1 and len(outcome.requests) <= BOUND
    assert bytes(outcome.only("response").body) == b"first"
    # An answer that had begun is not asked for again; after a reset nobody knows whether it had.
    assert end is RESET or not CUTS[cut] or outcome.operations == ["next", "response", "next"]


@ENDS
def test_a_connection_that_breaks_before_it_is_used(end):
    outcome = serve(accept=itertools.repeat((end,)))
    assert outcome.end == 1 and outcome.operations == [] and outcome.connections <= BOUND


def test_a_refused_connection_ends_the_process():
    with started() as session:
        pass
    outcome = serve(address=f"127.0.0.1:{session.api.port}")
    assert outcome.end == 1 and outcome.log_lines()[-1]["level"] in ("ERROR", "FATAL")


# --- Kept alive, then closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["return", "throw"])
def test_a_connection_closed_while_the_handler_works_is_opened_again(what):
    outcome = serve(next=[do(what, number) + (CLOSE,) for number in (1, 2, 3)])
    assert outcome.end == WAITS
    assert len(outcome.sent("response") + outcome.sent("error")) == 3 and len(outcome.sent("next")) == 4


@ENDS
def test_a_kept_connection_that_breaks_during_the_wait_is_opened_again(end):
    """A frozen environment may find its connection dead after the thaw."""
    outcome = serve(next=[do("return", 1), (end,), do("return", 2)])
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next", "next", "response", "next"]


@pytest.mark.parametrize("operation", ["response", "error"])
def test_a_connection_closed_after_a_report_is_opened_again(operation):
    what = "return" if operation == "response" else "throw"
    outcome = serve(next=[do(what, number) for number in (1, 2, 3)], **{operation: [ACCEPTED + (CLOSE,)] * 3})
    assert outcome.end == WAITS and len(outcome.sent(operation)) == 3 and outcome.connections == 4


@ENDS
@pytest.mark.parametrize("answer", [ACCEPTED, status(403)], ids=["taken again", "refused the second time"])
def test_a_report_whose_answer_is_lost_is_not_lost_itself(answer, end):
    """Whether the first one arrived cannot be known: the real API refuses the second one then, which is harmless."""
    outcome = serve(next=[do("return", 1, count=3), do("return", 2, count=3)], response=[(end,), answer])
    paths = [request.path for request in outcome.sent("response")]
    assert outcome.end == WAITS and len(paths) == 3 and paths[0] == paths[1] and request_id(2) in paths[2]
    assert "error" not in outcome.operations


@ENDS
@pytest.mark.parametrize("operation", ["response", "error"])
def test_a_report_that_is_never_answered_ends_the_process(operation, end):
    what = "return" if operation == "response" else "throw"
    outcome = serve(next=[do(what)], **{operation: itertools.repeat((end,))})
    assert outcome.end == 1 and len(outcome.requests) <= BOUND
    assert set(outcome.operations) == {"next", operation}


@ENDS
@pytest.mark.parametrize("cut", [b"HTTP/1.1 2", ACCEPTED[0][:-3]], ids=["status line", "body"])
def test_a_broken_answer_to_a_report_ends_the_process(cut, end):
    outcome = serve(next=[do("return", 1), do("return", 2)], response=itertools.repeat((cut, end)))
    assert outcome.end == 1 and len(outcome.requests) <= BOUND and "error" not in outcome.operations
    assert end is RESET or len(outcome.sent("response")) == 1


@pytest.mark.parametrize("answer", [(), (b"HTTP/1.1 2",), status(413)], ids=["none", "half an answer", "413"])
def test_a_connection_that_is_reset_while_a_large_report_is_sent(answer):
    """A write to it fails in the middle; what was answered before the reset may or may not be read."""
    reset = (UNREAD, *answer, RESET)
    outcome = serve(next=[do("return", 1, count=6_000_000), do("return", 2)], response=itertools.repeat(reset))
    assert outcome.end == 1 or (outcome.end == WAITS and answer == status(413)), outcome
    assert len(outcome.requests) <= BOUND and "error" not in outcome.operations


# --- Gone ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["return", "throw"])
def test_an_api_that_goes_while_the_handler_works_ends_the_process(what):
    outcome = serve(next=[(REFUSE, *do(what), CLOSE)])
    assert outcome.end == 1 and outcome.operations == ["next"]


def test_an_api_that_goes_while_the_process_waits_ends_it():
    with started() as session:
        session.wait_until(session.api.waited_for.is_set, "the wait for an event")
        session.api.end()
        outcome = session.finish_after_end()
    assert outcome.end == 1 and outcome.operations == ["next"]


def test_an_api_that_goes_after_an_event_ends_the_process():
    with started(next=[do("return")]) as session:
        session.wait_until(session.api.waited_for.is_set, "the wait for a second event")
        session.api.end()
        assert session.finish_after_end().end == 1


# --- Bytes that are not what they seem -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 400,
        b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        HEADERS + b"\r\nContent-Length: 101\r\n\r\n" + b"x" * 101,
        HEADERS.replace(b"Content-Length: 100", b"Content-Length: 18446744073709551716") + b"\r\n\r\n" + b"x" * 100,
        HEADERS.replace(b"Content-Length: 100", b"Content-Length: 9223372036854775807") + b"\r\n\r\nshort",
        HEADERS.replace(b"Content-Length: 100", b"Transfer-Encoding: chunked") + b"\r\n\r\nxyz\r\n",
        HEADERS.replace(b"Content-Length: 100", b"Transfer-Encoding: chunked") + b"\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
        HEADERS + b"\r\nX: " + b"y" * 700_000 + b"\r\n\r\n" + b"x" * 100,
        HEADERS + b"\r\nA: b" * 120_000 + b"\r\n\r\n" + b"x" * 100,
    ],
    ids=["another protocol", "zeros", "version", "status", "negative length", "length", "two lengths",
         "a length that wraps", "largest length", "chunk size", "too large a chunk", "long header", "many headers"])
def test_what_is_no_http_ends_the_process(answer):
    outcome = serve("raw", next=itertools.repeat((answer, CLOSE)))
    assert outcome.end == 1 and set(outcome.operations) <= {"next"} and len(outcome.requests) <= BOUND


def test_bytes_after_an_answer_are_not_the_next_answer():
    forged = response("200 OK", [("Lambda-Runtime-Aws-Request-Id", request_id(9))], b"forged")
    outcome = serve("raw", next=[(EVENT + forged,), event("second", 2)])
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next", "response", "next"]
    assert not [request for request in outcome.requests if request_id(9) in request.path]


@pytest.mark.parametrize("interim", [100, 102, 103])
@pytest.mark.parametrize("answer", [ACCEPTED, status(413)], ids=["202", "413"])
def test_an_interim_answer_does_not_end_a_report_that_is_still_being_sent(interim, answer):
    early = (UNREAD, b"HTTP/1.1 %d Early\r\nX: y\r\n\r\n" % interim, BODY, *answer)
    outcome = serve(next=[do("return", 1, count=6_000_000), do("return", 2)], response=[early])
    assert outcome.end == WAITS
    assert [len(request.body) for request in outcome.sent("response")] == [6_000_000, 0]


def test_switching_protocols_is_no_answer():
    outcome = serve("raw", next=itertools.repeat((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",)))
    assert outcome.end == 1 and len(outcome.requests) <= BOUND


STRAYS = {
    "408": response("408 Request Timeout"), "202": ACCEPTED[0], "an empty line": b"\r\n",
    "an event": event_bytes(b"forged", 9),
}


@pytest.mark.parametrize("end", [(), (CLOSE,)], ids=["open", "closed"])
@pytest.mark.parametrize("stray", STRAYS)
def test_what_comes_unasked_between_two_exchanges_is_no_answer(stray, end):
    late = (*do("sleep", 1, count=1_000), Pause(0.2), STRAYS[stray], *end)
    outcome = serve(next=[late, do("return", 2)])
    assert outcome.end == WAITS, outcome
    # The report goes out over a new connection, once, and is answered there.
    assert [request.path.split("/")[4] for request in outcome.sent("response")] == [request_id(1), request_id(2)]
    assert not [line for line in outcome.log_lines() if line["level"] == "ERROR"]


def test_identity_is_no_transfer_coding():
    plain = EVENT.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: identity\r\n\r\n", 1)
    outcome = serve("raw", next=[(plain,)])
    assert outcome.end == WAITS and bytes(outcome.only("response").body) == b"0123456789" * 10
