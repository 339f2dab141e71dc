"""What Lambda is told when a handler or a start fails, and what a dying process still says."""

import itertools
import json
import os
import signal

import pytest

from runtime_api_answers import ACCEPTED, CLOSE, HOLD, RESET, do, event, request_id, status
from runtime_probe import ERROR_TYPE, WAITS, checked_report, serve, started

CAUSE = "Lambda-Runtime-Function-XRay-Error-Cause"
# Lambda keeps so much of a cause; clients leave one of 1 MiB out, and no server of Go takes headers that long.
MAXIMUM_CAUSE = 64 * 1024
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


def test_any_other_error_has_a_type_too():
    report = serve(next=[failing(text="plain")]).report()
    assert report["errorMessage"] == "plain" and ERROR_TYPE.fullmatch(report["errorType"])


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
    """Between what a header, libcurl (1 MiB for all of them) and a body can hold."""
    text = letter * size
    outcome = serve(next=[failing(type="Function.Long", hexadecimal=text.encode().hex()), do("return", 2)])
    request = outcome.only("error")
    assert outcome.end == WAITS, outcome.log[-500:]
    assert checked_report(request)["errorMessage"] == text
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
    outcome = serve("start that throws", variables={"PROBE_ERROR": "no é"}, init_error=[answer])
    assert outcome.end == 1 and outcome.operations == ["init/error"]
    assert outcome.report("init/error")["errorMessage"] == "no é"
    assert any("no é" in json.dumps(line, ensure_ascii=False) for line in outcome.log_lines())


def test_a_start_that_throws_names_its_error_and_cause():
    variables = {"PROBE_ERROR": "no\nluck", "PROBE_ERROR_TYPE": "Function.NoLuck"}
    request = serve("start that throws", variables=variables).only("init/error")
    assert checked_report(request)["errorType"] == "Function.NoLuck"
    assert request.header("Lambda-Runtime-Function-Error-Type") == "Function.NoLuck"
    assert checked_cause(request)["exceptions"][0]["message"] == "no\nluck"


@pytest.mark.parametrize("answer", [(CLOSE,), (RESET,), (b"HTTP/1.1 2", RESET)])
def test_a_start_that_throws_ends_although_nobody_listens(answer):
    outcome = serve("start that throws", variables={"PROBE_ERROR": "no"}, init_error=itertools.repeat(answer))
    assert outcome.end == 1 and set(outcome.operations) == {"init/error"} and len(outcome.requests) <= 10
    assert '"no"' in outcome.log or "no" in json.dumps(outcome.log_lines())


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
