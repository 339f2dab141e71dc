"""What the process does about each status of each operation: go on, or end with status 1; never spin."""

import itertools
import json
import os
import pathlib

import pytest

from runtime_api_answers import (
    ACCEPTED, CLOSE, HOLD, MAXIMUM_RESPONSE, RESET, UNREAD, do, event, limiting_size, request_id, response, status)
from runtime_api_script import ScriptedRuntimeAPI
from runtime_probe import WAITS, serve, started

GOES_ON = ["next", "response", "next"]
REFUSED = [400, 403, 404, 409, 413, 429]
BROKEN = [500, 502, 503, 504]


# --- A response ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", REFUSED)
def test_a_refused_response_is_logged_and_not_reported_again(code):
    outcome = serve(next=[do("return", 1, count=3), do("return", 2, count=3)], response=[status(code)])
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next", "response", "next"]
    lines = [line for line in outcome.log_lines() if str(code) in json.dumps(line)]
    assert lines and lines[0]["level"] in ("WARN", "ERROR") and request_id(1) in json.dumps(lines[0])


@pytest.mark.parametrize("code", BROKEN)
@pytest.mark.parametrize("what", ["return", "throw"])
def test_a_broken_container_ends_the_process(code, what):
    answers = {"response": [status(code)], "error": [status(code)]}
    outcome = serve(next=[do(what, 1), do(what, 2)], **answers)
    assert outcome.end == 1 and len(outcome.requests) == 2
    assert any(line["level"] in ("ERROR", "FATAL") for line in outcome.log_lines())


@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_any_success_is_one(code):
    outcome = serve(next=[do("return", 1), do("throw", 2, type="Function.Asked")], response=[status(code)],
                    error=[status(code)])
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next", "error", "next"]
    assert not any("refused" in line["message"] for line in outcome.log_lines())


@pytest.mark.parametrize("size", [MAXIMUM_RESPONSE + 1, MAXIMUM_RESPONSE + 4_000_000])
def test_a_response_that_is_too_large_ends_only_itself(size):
    outcome = serve(next=[do("return", 1, count=size), do("return", 2, count=1)],
                    response=[limiting_size, limiting_size])
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next", "response", "next"]
    assert len(outcome.sent("response")[0].body) == size


@pytest.mark.parametrize("headers", [[("Connection", "close")], []], ids=["announced", "not announced"])
@pytest.mark.parametrize("end", [CLOSE, HOLD], ids=["then takes the rest", "takes nothing more"])
def test_a_refusal_before_the_body_was_read(end, headers):
    """Go's server, which Lambda's is, answers 413 in the middle of the upload and ends the connection."""
    refusal = (UNREAD, *status(413, headers=headers), end)
    outcome = serve(next=[do("return", 1, count=MAXIMUM_RESPONSE + 1), do("return", 2, count=1)], response=[refusal])
    assert outcome.end == WAITS and "error" not in outcome.operations
    assert outcome.operations == ["next", "response", "next", "response", "next"]


# --- An error ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", REFUSED)
def test_a_refused_error_report_is_logged_and_not_repeated(code):
    outcome = serve(next=[do("throw", 1, type="Function.Asked", text="x"), do("return", 2)], error=[status(code)])
    assert outcome.end == WAITS and outcome.operations == ["next", "error", "next", "response", "next"]
    assert any(str(code) in json.dumps(line) for line in outcome.log_lines())


# --- The next event ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [201, 202, 204, 302, 304, 400, 403, 404, 429, *BROKEN])
def test_no_event_ever_ends_the_process_without_spinning(code):
    outcome = serve(next=itertools.repeat(status(code)))
    assert outcome.end == 1 and set(outcome.operations) == {"next"} and len(outcome.requests) <= 10
    assert any(line["level"] in ("ERROR", "FATAL") for line in outcome.log_lines())


def test_the_first_500_ends_the_process():
    outcome = serve(next=[status(500), do("return")])
    assert outcome.end == 1 and outcome.operations == ["next"]


@pytest.mark.parametrize("value", [None, "", "   "], ids=["missing", "empty", "blank"])
def test_an_event_without_a_request_id_cannot_be_answered(value):
    name = "Lambda-Runtime-Aws-Request-Id"
    how = {"without": [name]} if value is None else {"headers": {name: value}}
    outcome = serve(next=itertools.repeat(event("{}", **how)))
    assert outcome.end == 1 and set(outcome.operations) == {"next"} and len(outcome.requests) <= 10


def test_a_status_other_than_200_is_no_event_although_it_looks_like_one():
    headers = [("Lambda-Runtime-Aws-Request-Id", request_id()), ("Content-Type", "application/json")]
    outcome = serve("raw", next=itertools.repeat((response("203 Maybe", headers, b"{}"),)))
    assert outcome.end == 1 and set(outcome.operations) == {"next"}


@pytest.mark.parametrize("code", [301, 302, 307, 308])
@pytest.mark.parametrize("operation", ["next", "response"])
def test_a_redirection_is_not_followed(code, operation):
    """A payload must not go where a header says."""
    with ScriptedRuntimeAPI() as elsewhere:
        location = [("Location", f"http://{elsewhere.address}/2018-06-01/runtime/invocation/next")]
        redirect = status(code, headers=location)
        events = itertools.repeat(redirect) if operation == "next" else [do("return", count=3)]
        outcome = serve(next=events, response=[redirect])
        assert elsewhere.connections == 0
    assert outcome.end == (1 if operation == "next" else WAITS)


# --- Waiting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handler", ["commands", "streaming"])
def test_waiting_costs_no_processor_time(handler):
    """For the next event, or in a handler for its own I/O."""
    what = do("sleep", count=1500) if handler == "commands" else do("stream", chunks=["a"], then="sleep", pause=1500)
    with started(handler, next=[what]) as session:
        outcome = session.finish()
        fields = pathlib.Path(f"/proc/{session.process.pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    assert outcome.end == WAITS and ticks / os.sysconf("SC_CLK_TCK") < 1.0


# --- Before anything -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["", "nonsense", "host.invalid:80", "127.0.0.1:0", "127.0.0.1:99999", "http://127.0.0.1:9", "127.0.0.1:9/ x",
     "user@", "[::1", "\x01"])
def test_an_unusable_address_ends_the_process(address):
    outcome = serve(address=address.replace("{", "{{"))
    assert outcome.end == 1 and outcome.connections == 0
    assert outcome.log_lines()[-1]["level"] in ("ERROR", "FATAL")


def test_a_body_with_a_refusal_may_be_anything():
    odd = (response("403 Forbidden", body=b"\xff\x00" * 5000),)
    outcome = serve(next=[do("return", 1), do("return", 2)], response=[odd, ACCEPTED])
    assert outcome.operations == [*GOES_ON, "response", "next"]


def test_a_refusal_that_breaks_off_is_not_reported_again():
    broken = (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 50\r\n\r\n{", RESET)
    outcome = serve(next=[do("return", 1), do("return", 2)], response=[broken])
    assert outcome.end in (1, WAITS) and len(outcome.requests) <= 10 and "error" not in outcome.operations
