"""What Lambda is told when a handler or a start fails, and what a dying process still says."""

import itertools
import json
import os
import signal
import subprocess

import pytest

from programs import built
from runtime_api_answers import ACCEPTED, CLOSE, HOLD, RESET, do, event, request_id, status
from runtime_probe import ERROR_TYPE, WAITS, checked_report, serve, started

CAUSE = "Lambda-Runtime-Function-XRay-Error-Cause"
# Lambda keeps so much of a cause; clients leave one of 1 MiB out, and no server of Go takes headers that long.
MAXIMUM_CAUSE = 64 * 1024
MAXIMUM_MESSAGE = 64 * 1024
# A failed check of the Swift runtime, on x86-64 and on arm64.
TRAPS = (-signal.SIGILL, -signal.SIGTRAP)


def checked_cause(request):
    """The X-Ray cause's document, after checking its form."""
    cause = json.loads(request.header(CAUSE))
    assert set(cause) == {"working_directory", "exceptions", "paths"}
    assert cause["working_directory"] == os.getcwd() and isinstance(cause["paths"], list)
    for exception in cause["exceptions"]:
        assert set(exception) == {"type", "message", "stack"}
        assert all(set(frame) == {"path", "line", "label"} for frame in exception["stack"])
    return cause


def failing(number=1, **error):
    return do("throw", number, **error)


# --- A handler's errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("handler", ["commands", "synchronous"])
def test_an_error_with_a_type_is_reported_under_it(handler):
    outcome = serve(handler, next=[failing(type="Function.Declined", text='no "luck"\nwith é'), do("return", 2)])
    request = outcome.only("error")
    report = checked_report(request)
    assert request_id() in request.path
    assert report["errorMessage"] == 'no "luck"\nwith é' and report["errorType"] == "Function.Declined"
    assert report["stackTrace"] == ["ContractProbe", "Command"]
    assert request.header("Lambda-Runtime-Function-Error-Type") == "Function.Declined"
    assert outcome.operations == ["next", "error", "next", "response", "next"]


def test_any_other_error_has_a_type_and_is_told_by_the_name_of_its_own():
    outcome = serve(next=[failing(text="plain words")])
    report = outcome.report()
    assert report["errorMessage"].startswith("an error of type ContractProbe.PlainError;")
    assert ERROR_TYPE.fullmatch(report["errorType"])
    # Nobody has promised that they hold no payload.
    assert "plain words" not in outcome.log and b"plain words" not in outcome.only("error").body


def test_the_cause_for_x_ray():
    cause = checked_cause(serve(next=[failing(type="Function.Declined", text='"é"\n')]).only("error"))
    (exception,) = cause["exceptions"]
    assert (exception["type"], exception["message"]) == ("Function.Declined", '"é"\n')
    assert [frame["label"] for frame in exception["stack"]] == ["ContractProbe", "Command"]


@pytest.mark.parametrize(
    "error_type",
    ["", "Unhandled", "function.lower", "Function.", "Function.with space", "Function.é", "Function.A\r\nInjected: 1",
     "Function.Ok\n", "A.B", "Function.Digit1", "x" * 5000, "Function.Reason: more"])
def test_a_type_that_lambda_would_not_keep_is_replaced_in_the_header(error_type):
    outcome = serve(next=[failing(type=error_type, text="x"), do("return", 2)])
    request = outcome.only("error")
    # `checked_report` sees to the header's form.
    assert checked_report(request)["errorMessage"] == "x" and "injected" not in request.names
    assert outcome.end == WAITS and outcome.operations[-2:] == ["response", "next"]


@pytest.mark.parametrize("letter", ["a", "é"])
@pytest.mark.parametrize("size", [0, 1000, 10_000, 60_000, 70_000, 174_700, 1_048_300, 1_048_576, 2_000_000])
def test_a_message_of_any_length_is_reported(size, letter):
    """What it says beyond 64 KiB nobody reads; in a header there is room for less."""
    text = letter * size
    outcome = serve(next=[failing(type="Function.Long", hexadecimal=text.encode().hex()), do("return", 2)])
    request = outcome.only("error")
    assert outcome.end == WAITS, outcome.log[-500:]
    message = checked_report(request)["errorMessage"]
    if size * len(letter.encode()) <= MAXIMUM_MESSAGE:
        assert message == text
    else:
        assert message == f"{letter * (MAXIMUM_MESSAGE // len(letter.encode()))} … (cut, {len(text.encode())} bytes in all)"
    if request.header(CAUSE) is not None:
        assert len(request.header(CAUSE)) <= MAXIMUM_CAUSE
        checked_cause(request)
    assert size > 1000 or request.header(CAUSE) is not None


def test_a_card_number_in_an_error_is_masked_wherever_it_goes():
    outcome = serve(next=[failing(type="Function.Declined", text="card 4242 4242 4242 4242, 4000056655665556")])
    request = outcome.only("error")
    for text in (bytes(request.body).decode(), request.header(CAUSE), outcome.log):
        assert "4242 4242 4242" not in text and "400005665566" not in text


@pytest.mark.parametrize("payload", ["", "{", "[]", '{"do":7}', "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe"])
def test_an_event_of_another_shape_is_the_functions_error(payload):
    outcome = serve("typed", next=[event(payload, 1), do("context", 2)])
    assert ERROR_TYPE.fullmatch(outcome.report()["errorType"])
    assert outcome.operations == ["next", "error", "next", "response", "next"]


def test_a_report_about_a_bad_event_does_not_quote_it():
    marker = "marker-5f1d"
    texts = ['{"do": ["%s"]}', '{"%s": 1}', "%s", '{"do": "context", "count": "%s"}', '{"do": "context"} %s']
    for payload in (text % marker for text in texts):
        outcome = serve("typed", next=[event(payload)], variables={"AWS_LAMBDA_LOG_LEVEL": "TRACE"})
        request = outcome.only("error")
        assert marker.encode() not in request.body and marker not in (request.header(CAUSE) or "")
        assert marker not in outcome.log


# --- A start's errors ----------------------------------------------------------------------------------------------


def test_a_missing_variable_is_reported_by_its_name():
    outcome = serve("start without a variable")
    report = outcome.report("init/error")
    assert outcome.end == 1 and outcome.operations == ["init/error"]
    assert report["errorType"] == "Function.ConfigurationInvalid" and "PROBE_VARIABLE" in report["errorMessage"]
    assert "PROBE_VARIABLE" in json.dumps(outcome.log_lines())


@pytest.mark.parametrize("answer", [ACCEPTED, *map(status, (200, 400, 403, 413, 500, 503))],
                         ids="202 200 400 403 413 500 503".split())
def test_a_start_that_throws_is_reported_once_and_ends_the_process(answer):
    variables = {"PROBE_ERROR": "no é", "PROBE_ERROR_TYPE": "Function.NoLuck"}
    outcome = serve("start that throws", variables=variables, init_error=[answer])
    assert outcome.end == 1 and outcome.operations == ["init/error"]
    assert outcome.report("init/error")["errorMessage"] == "no é"
    assert any("no é" in json.dumps(line, ensure_ascii=False) for line in outcome.log_lines())


def test_a_start_that_throws_names_its_error_and_cause():
    variables = {"PROBE_ERROR": "no\nluck", "PROBE_ERROR_TYPE": "Function.NoLuck"}
    request = serve("start that throws", variables=variables).only("init/error")
    assert checked_report(request)["errorType"] == "Function.NoLuck"
    assert request.header("Lambda-Runtime-Function-Error-Type") == "Function.NoLuck"
    assert checked_cause(request)["exceptions"][0]["message"] == "no\nluck"


def test_any_other_error_of_a_start_is_told_by_the_name_of_its_type():
    outcome = serve("start that throws", variables={"PROBE_ERROR": "a secret"})
    assert "ContractProbe.PlainError" in outcome.report("init/error")["errorMessage"]
    assert "ContractProbe.PlainError" in outcome.log and "a secret" not in outcome.log
    assert b"a secret" not in outcome.only("init/error").body


@pytest.mark.parametrize("answer", [(CLOSE,), (RESET,), (b"HTTP/1.1 2", RESET)])
def test_a_start_that_throws_ends_although_nobody_listens(answer):
    variables = {"PROBE_ERROR": "no luck", "PROBE_ERROR_TYPE": "Function.NoLuck"}
    outcome = serve("start that throws", variables=variables, init_error=itertools.repeat(answer))
    assert outcome.end == 1 and set(outcome.operations) == {"init/error"} and len(outcome.requests) <= 10
    assert "no luck" in json.dumps(outcome.log_lines())


def test_a_start_that_throws_with_a_path_prefix():
    outcome = serve("start that throws", variables={"PROBE_ERROR": "no"}, prefix="/a/b")
    assert outcome.end == 1 and outcome.operations == ["init/error"]


@pytest.mark.parametrize("prefix", ["", "/a/b"])
def test_a_start_that_crashes_is_reported_by_the_dying_process(prefix):
    outcome = serve("start that crashes", prefix=prefix)
    assert outcome.end in TRAPS and outcome.operations == ["init/error"]
    assert outcome.report("init/error")["errorType"] == "Function.Crashed"


@pytest.mark.parametrize("answer", [(HOLD,), (RESET,), status(403)], ids=["none", "reset", "403"])
def test_a_start_that_crashes_ends_whatever_becomes_of_the_report(answer):
    outcome = serve("start that crashes", init_error=itertools.repeat(answer))
    assert outcome.end in TRAPS and outcome.operations == ["init/error"]


# --- Crashes -------------------------------------------------------------------------------------------------------

CRASHES = {
    "trap": TRAPS,
    "index": TRAPS,
    "null": (-signal.SIGSEGV,),
    "overflow": (-signal.SIGSEGV, -signal.SIGBUS),
    "abort": (-signal.SIGABRT,),
}
SIGNALS = [signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV]


@pytest.mark.parametrize("handler", ["commands", "synchronous"])
@pytest.mark.parametrize("way", CRASHES)
def test_a_crash_is_reported_by_the_dying_process(way, handler):
    outcome = serve(handler, next=[do("return", 1), do(way, 2), do("return", 3)])
    request = outcome.only("error")
    assert outcome.end in CRASHES[way]
    assert request_id(2) in request.path and checked_report(request)["errorType"] == "Function.Crashed"
    assert outcome.operations == ["next", "response", "next", "error"]


@pytest.mark.parametrize("number", SIGNALS)
def test_every_deadly_signal_is_reported_by_its_name(number):
    outcome = serve(next=[do("signal", count=int(number))])
    assert outcome.end == -number and number.name in outcome.report()["errorMessage"]


def test_a_crash_on_another_thread_is_reported():
    outcome = serve(next=[do("trap elsewhere")])
    assert outcome.end in TRAPS and outcome.report()["errorType"] == "Function.Crashed"


def test_a_crash_says_where_in_the_executable_it_was():
    """The address is the file's, in every process the same: where a position-independent one is loaded is chance."""
    frames = {frame for _ in range(2) for frame in serve(next=[do("null")]).report()["stackTrace"]}
    (frame,) = frames
    address, where = frame.split(" ", 1)
    assert where == "(address in the executable)"
    found = subprocess.run(
        ["nm", "--defined-only", "--numeric-sort", built("ContractProbe")], capture_output=True, check=True).stdout
    symbols = [line.split(maxsplit=2) for line in found.decode().splitlines()]
    below = [name for position, _, name in symbols if int(position, 16) <= int(address, 16)]
    assert "Crashes" in below[-1], below[-1]


@pytest.mark.parametrize("length", [36, 255])
def test_a_crash_is_reported_under_a_request_id_of_any_usual_length(length):
    identifier = "x" * length
    outcome = serve(next=[event('{"do": "trap"}', headers={"Lambda-Runtime-Aws-Request-Id": identifier})])
    assert outcome.end in TRAPS and f"/{identifier}/" in outcome.only("error").path


def test_threads_that_crash_together_are_one_complete_report():
    """The second must not end the process in the middle of the first one's report."""
    for _ in range(5):
        outcome = serve(next=[do("trap everywhere")])
        assert outcome.end in TRAPS and outcome.operations == ["next", "error"]
        assert outcome.report()["errorType"] == "Function.Crashed"


@pytest.mark.parametrize("how", [{"prefix": "/a/b"}, {"address": "localhost:{port}"}], ids=["prefix", "name"])
def test_a_crash_is_reported_to_any_address(how):
    outcome = serve(next=[do("trap")], **how)
    assert outcome.end in TRAPS and outcome.report()["errorType"] == "Function.Crashed"


@pytest.mark.parametrize("answer", [(HOLD,), (CLOSE,), (RESET,), status(403), status(500)],
                         ids=["none", "closed", "reset", "403", "500"])
def test_a_crash_ends_the_process_whatever_becomes_of_the_report(answer):
    outcome = serve(next=[do("null")], error=itertools.repeat(answer))
    assert outcome.end == -signal.SIGSEGV and outcome.operations == ["next", "error"]


def test_a_crash_says_its_last_words():
    """What the Swift runtime says about a trap goes to standard error; nothing of ours may hide it."""
    assert "the probe traps" in serve(next=[do("trap")]).log


def test_between_two_events_a_deadly_signal_is_nobodys():
    with started(next=[do("return")]) as session:
        session.wait_until(session.api.waited_for.is_set, "the wait for a second event")
        session.process.send_signal(signal.SIGSEGV)
        outcome = session.finish_after_end()
    assert outcome.end == -signal.SIGSEGV and outcome.operations == ["next", "response", "next"]


@pytest.mark.parametrize("code", [0, 3])
def test_an_exit_in_a_handler_is_an_exit(code):
    """Lambda itself reports it, as Runtime.ExitError."""
    outcome = serve(next=[do("exit", count=code)])
    assert outcome.end == code and outcome.operations == ["next"]
