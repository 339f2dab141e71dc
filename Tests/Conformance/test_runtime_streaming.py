"""Streamed responses on the wire: headers, chunks as they are written, the head of an HTTP response, error trailers."""

import base64
import itertools
import json
import resource
import signal
import threading

import pytest

from runtime_api_answers import (
    ACCEPTED, BODY, CLOSE, REFUSE, RESET, UNREAD, Pause, do, event, request_id, status)
from runtime_probe import BOUND_SECONDS, ERROR_TYPE, WAITS, serve, started

MODE = "Lambda-Runtime-Function-Response-Mode"
ERROR_TYPE_FIELD, ERROR_BODY_FIELD = "Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"
GOES_ON = ["next", "response", "next"]


def stream(*chunks, number=1, deed="stream", **more):
    return do(deed, number, chunks=list(chunks), **more)


def trailers(request):
    """The trailers by name, each at most once."""
    assert len({name for name, _ in request.trailers}) == len(request.trailers)
    return dict(request.trailers)


def test_a_stream_is_announced_and_ends_without_an_error():
    outcome = serve("streaming", next=[stream("first,", "second")])
    request = outcome.only("response")
    assert bytes(request.body) == b"first,second" and request_id() in request.path
    assert request.header(MODE) == "streaming" and request.header("Transfer-Encoding") == "chunked"
    announced = {name.strip() for name in request.header("Trailer").split(",")}
    assert announced == {ERROR_TYPE_FIELD, ERROR_BODY_FIELD}
    assert request.header("Content-Type") == "application/octet-stream"
    assert not {"content-length", "expect"} & request.names and request.header("Host").startswith("127.0.0.1:")
    assert 0 < len(request.header("User-Agent")) <= 128
    assert not any(value for _, value in request.trailers)
    assert outcome.end == WAITS and outcome.operations == GOES_ON


def test_a_piece_is_on_the_wire_while_the_handler_still_runs():
    with started("streaming", next=[stream("early", then="sleep", pause=600_000)]) as session:
        session.wait_until(lambda: any(r.body == b"early" for r in session.api.requests), "the arrival of a piece")
        (request,) = [request for request in session.api.requests if request.operation == "response"]
        assert not request.complete and session.process.poll() is None


def test_the_head_of_an_http_response_comes_first():
    outcome = serve("streaming", next=[stream("body\0\0\0\0\0\0\0\0more", statusCode=201)])
    request = outcome.only("response")
    head, body = bytes(request.body).split(b"\0" * 8, 1)
    assert request.header("Content-Type") == "application/vnd.awslambda.http-integration-response"
    document = json.loads(head)
    assert document["statusCode"] == 201 and document["cookies"] == ["a=1; Secure", "b=2"]
    assert {name.lower(): value for name, value in document["headers"].items()} == {
        "content-type": "text/plain", "x-text": 'é "quoted"\n'}
    assert body == b"body\0\0\0\0\0\0\0\0more"


def test_a_head_without_a_body_is_a_response():
    request = serve("streaming", next=[stream(statusCode=204)]).only("response")
    assert request.body.endswith(b"\0" * 8) and json.loads(request.body[:-8])["statusCode"] == 204


def test_a_head_after_the_body_is_the_handlers_error():
    request = serve("streaming", next=[stream("body", then="second head")]).only("response")
    assert bytes(request.body) == b"body" and ERROR_TYPE.fullmatch(trailers(request)[ERROR_TYPE_FIELD])


def test_nothing_written_is_an_empty_response():
    outcome = serve("streaming", next=[stream(), stream("after", number=2)])
    first, second = outcome.sent("response")
    assert first.complete and first.body == b"" and bytes(second.body) == b"after" and outcome.end == WAITS


def test_an_empty_piece_does_not_end_the_stream():
    outcome = serve("streaming", next=[stream("", "a", "", "", "b", "")])
    assert bytes(outcome.only("response").body) == b"ab"


def test_more_than_a_buffered_response_may_hold():
    outcome = serve("streaming", next=[stream(count=160), stream("after", number=2)])
    first, second = outcome.sent("response")
    assert first.body == b"x" * (160 * 65_536) and len(first.chunks) > 1 and bytes(second.body) == b"after"


def test_many_streams_one_after_the_other():
    outcome = serve("streaming", next=[stream(str(number), number=number) for number in range(1, 30)])
    assert [bytes(request.body).decode() for request in outcome.sent("response")] == [str(n) for n in range(1, 30)]
    assert outcome.end == WAITS


@pytest.mark.parametrize("deed", ["write from several tasks", "write from other threads"])
def test_several_tasks_may_write(deed):
    # Nothing is read until whoever writes has to wait, whatever the sockets' buffers take.
    late = (UNREAD, Pause(0.2), BODY, *ACCEPTED)
    outcome = serve(
        "streaming", next=[stream(*"abcd", deed=deed, count=60), stream("after", number=2)], response=[late])
    first, second = outcome.sent("response")
    pieces = [first.body[at : at + 65_536] for at in range(0, len(first.body), 65_536)]
    assert sorted(pieces) == [letter * 65_536 for letter in (b"a", b"b", b"c", b"d") for _ in range(60)]
    assert bytes(second.body) == b"after" and outcome.end == WAITS


def test_a_response_that_has_ended_takes_nothing_more():
    for first in (stream("a"), stream(), stream(then="throw", text="x")):
        outcome = serve("streaming", next=[first, stream(number=2, deed="write to the one before")])
        written, ended = outcome.sent("response")[-1], "nothing more of the response is taken"
        assert bytes(written.body).decode() == f"{ended}; {ended}" and request_id(2) in written.path
        assert len(outcome.operations) == 5 and outcome.end == WAITS


def test_a_stream_does_not_depend_on_a_connection_that_was_kept():
    """The API may have closed it meanwhile, and what was streamed cannot be sent again."""
    used = set()

    def answer(request):
        is_kept = request.connection in used
        used.add(request.connection)
        return (RESET,) if is_kept else ACCEPTED

    outcome = serve("streaming", next=[stream("a"), stream("b", number=2)], response=itertools.repeat(answer))
    assert [bytes(request.body) for request in outcome.sent("response")] == [b"a", b"b"]
    assert len(used) == 2 and outcome.end == WAITS


# --- Errors --------------------------------------------------------------------------------------------------------


def test_an_error_after_the_first_byte_is_told_in_the_trailers():
    outcome = serve("streaming", next=[
        stream("half", then="throw", type="Function.Torn", text='"é"\n4242424242424242'), stream("after", number=2)])
    request = outcome.sent("response")[0]
    assert request.complete and bytes(request.body) == b"half"
    told = trailers(request)
    assert set(told) == {ERROR_TYPE_FIELD, ERROR_BODY_FIELD} and told[ERROR_TYPE_FIELD] == "Function.Torn"
    document = json.loads(base64.b64decode(told[ERROR_BODY_FIELD], validate=True))
    assert set(document) == {"errorMessage", "errorType", "stackTrace"}
    assert document["errorType"] == "Function.Torn" and document["errorMessage"] == '"é"\n************4242'
    assert document["stackTrace"] == ["ContractProbe", "Command"]
    # The invocation is settled: nothing more is said about it but in the log.
    assert outcome.operations == ["next", "response", "next", "response", "next"]
    assert any("Function.Torn" in json.dumps(line) for line in outcome.log_lines())


@pytest.mark.parametrize("error_type", [None, "", "bad type", "A\r\nInjected: 1", "Unhandled", "Function.é"])
def test_a_hostile_error_type_stays_in_its_trailer(error_type):
    request = serve("streaming", next=[stream("half", then="throw", type=error_type, text="x")]).only("response")
    told = trailers(request)
    assert set(told) == {ERROR_TYPE_FIELD, ERROR_BODY_FIELD} and ERROR_TYPE.fullmatch(told[ERROR_TYPE_FIELD])
    # The document has no such rule: there it is the error's own.
    document = json.loads(base64.b64decode(told[ERROR_BODY_FIELD], validate=True))
    assert document["errorType"] == (error_type if error_type is not None else "Function.HandlerFailed")


@pytest.mark.parametrize("size", [10_000, 200_000, 2_000_000])
def test_a_long_error_message_in_the_trailers(size):
    outcome = serve("streaming", next=[
        stream("half", then="throw", type="Function.Long", hexadecimal="61" * size), stream("after", number=2)])
    first, second = outcome.sent("response")
    document = json.loads(base64.b64decode(trailers(first)[ERROR_BODY_FIELD], validate=True))
    assert document["errorType"] == "Function.Long" and document["errorMessage"].startswith("a" * 1000)
    assert bytes(second.body) == b"after" and outcome.end == WAITS


@pytest.mark.parametrize("error_type", ["Function." + "L" * 200_000, "\x01" * 200_000])
def test_the_trailers_hold_what_fits(error_type):
    outcome = serve("streaming", next=[
        stream("half", then="throw", type=error_type, hexadecimal="01" * 10_000, frames=10_000),
        stream("after", number=2)])
    first, second = outcome.sent("response")
    told = trailers(first)
    assert ERROR_TYPE.fullmatch(told[ERROR_TYPE_FIELD])
    document = json.loads(base64.b64decode(told[ERROR_BODY_FIELD], validate=True))
    assert error_type.startswith(document["errorType"]) and len(document["errorType"]) > 100
    frames = document["stackTrace"]
    assert frames == [f"frame {number}" for number in range(len(frames))] and len(frames) > 500
    assert bytes(second.body) == b"after" and outcome.end == WAITS


def test_an_error_before_the_first_byte_is_an_ordinary_one():
    outcome = serve("streaming", next=[stream(then="throw", type="Function.Early", text="x"), stream("a", number=2)])
    assert outcome.operations == ["next", "error", "next", "response", "next"]
    assert outcome.report()["errorType"] == "Function.Early"


def test_an_event_of_another_shape_is_an_ordinary_error():
    outcome = serve("streaming", next=[event("[]"), stream("a", number=2)])
    assert outcome.operations == ["next", "error", "next", "response", "next"]


def test_a_crash_in_the_middle_breaks_the_stream_and_is_reported():
    outcome = serve("streaming", next=[stream("half", then="trap")])
    assert outcome.end in (-signal.SIGILL, -signal.SIGTRAP)
    assert outcome.report()["errorType"] == "Function.Crashed"
    # What a dead process began must not look like a whole response.
    assert not [request for request in outcome.sent("response") if request.complete]


# --- What the Runtime API makes of it ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [400, 403, 413])
@pytest.mark.parametrize("then", [None, "throw"])
def test_a_refused_stream_is_logged_and_not_reported_again(code, then):
    outcome = serve("streaming", next=[stream("a", then=then, text="x"), stream("b", number=2)],
                    response=[status(code)])
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next", "response", "next"]
    assert any(str(code) in json.dumps(line) for line in outcome.log_lines())


@pytest.mark.parametrize("code", [500, 503])
def test_a_broken_container_ends_the_process(code):
    outcome = serve("streaming", next=[stream("a"), stream("b", number=2)], response=[status(code)])
    assert outcome.end == 1 and outcome.operations == ["next", "response"]


@pytest.mark.parametrize("size", [1, 100])
def test_a_stream_refused_while_it_is_written(size):
    """A writer that the API no longer listens to must not wait for ever, nor be reported as the handler's error."""
    refusal = (UNREAD, *status(413, headers=[("Connection", "close")]), CLOSE)
    outcome = serve("streaming", next=[stream("a", count=size), stream("b", number=2)], response=[refusal])
    assert outcome.end in (1, WAITS) and len(outcome.requests) <= 6, outcome.operations
    assert "error" not in outcome.operations


@pytest.mark.parametrize("answer", [(UNREAD, RESET), (UNREAD, CLOSE), (UNREAD, REFUSE, CLOSE), (CLOSE,), (RESET,)],
                         ids=["reset early", "closed early", "gone early", "closed", "reset"])
def test_a_stream_that_breaks_ends_the_process(answer):
    outcome = serve("streaming", next=[stream("a", count=60), stream("b", number=2)], response=itertools.repeat(answer))
    assert outcome.end == 1 and len(outcome.requests) <= 6 and "error" not in outcome.operations


@pytest.mark.parametrize("how", [{"prefix": "/a/b"}, {"variables": {"http_proxy": "http://127.0.0.1:9"}}],
                         ids=["prefix", "proxy"])
def test_a_stream_goes_where_everything_goes(how):
    outcome = serve("streaming", next=[stream("a"), stream("b", number=2)], response=[ACCEPTED], **how)
    assert outcome.end == WAITS and len(outcome.sent("response")) == 2


# --- When the event loop fails -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("handler", "event", "end", "operations"), [
    ("commands", do("sleep", count=600_000), WAITS, ["next", "error", "next"]),
    ("streaming", stream(then="sleep", pause=600_000), WAITS, ["next", "error", "next"]),
    ("streaming", stream("half", then="sleep", pause=600_000), 1, ["next"]),
], ids=["handler", "stream", "begun stream"])
def test_a_loop_that_cannot_wait_is_an_error(handler, event, end, operations):
    """poll takes no more descriptors than a process may have: with none allowed it fails at once."""
    is_limited = threading.Event()

    def answer(_):
        is_limited.wait(BOUND_SECONDS)
        return event

    with started(handler, next=[answer]) as session:
        session.wait_until(lambda: session.api.requests, "the first request")
        resource.prlimit(session.process.pid, resource.RLIMIT_NOFILE, (0, 1024))
        is_limited.set()
        outcome = session.finish()
    assert outcome.end == end and outcome.operations == operations
    assert "event loop: curl_multi_poll" in outcome.log
