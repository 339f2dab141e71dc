"""SIGTERM: the process ends with status 0 after its hooks, soon, and never in the middle of an invocation."""

import queue
import random
import signal
import time

import pytest

from runtime_api_answers import ACCEPTED, CLOSE, do, event, response, status
from runtime_probe import BOUND_SECONDS, WAITS, serve, started

BEGINS, ENDS = "shutdown hook begins", "shutdown hook ends"


def messages(outcome):
    return [line["message"] for line in outcome.log_lines()]


def terminated_while_idle(handler="commands", **how):
    """The outcome of a process that gets SIGTERM while it waits for an event."""
    with started(handler, **how) as session:
        session.wait_until(session.api.waited_for.is_set, "the wait for an event")
        session.process.send_signal(signal.SIGTERM)
        return session.finish_after_end()


@pytest.mark.parametrize("events", [[], [do("return")], [do("return") + (CLOSE,)]],
                         ids=["before any event", "after one", "after one on another connection"])
def test_an_idle_process_runs_its_hook_and_ends(events):
    outcome = terminated_while_idle(next=events, variables={"PROBE_SHUTDOWN": "log"})
    assert outcome.end == 0 and messages(outcome) == [BEGINS, ENDS]
    assert outcome.operations[-1] == "next"


@pytest.mark.parametrize("handler", ["raw", "synchronous", "streaming", "sqs"])
def test_a_process_without_hooks_ends_too(handler):
    outcome = terminated_while_idle(handler)
    assert outcome.end == 0 and outcome.log_lines() == []


@pytest.mark.parametrize("deed", ["waits", "blocks"])
def test_a_hook_that_hangs_is_cut_off(deed):
    """Lambda would kill the process a moment later, with everything a later hook had to do."""
    began = time.monotonic()
    outcome = terminated_while_idle(variables={"PROBE_SHUTDOWN": deed})
    assert outcome.end == 0 and messages(outcome) == [BEGINS, "shutdown hooks were cut off"]
    assert outcome.log_lines()[-1]["level"] == "WARN"
    assert time.monotonic() - began < BOUND_SECONDS


@pytest.mark.parametrize("keeps", [(), (CLOSE,)], ids=["kept alive", "connection closed"])
def test_an_invocation_is_finished_and_reported_first(keeps):
    with started(next=[do("sleep", count=300) + keeps], variables={"PROBE_SHUTDOWN": "log"}) as session:
        session.wait_until(lambda: "sleeping" in session.log(), "the handler's work")
        session.process.send_signal(signal.SIGTERM)
        outcome = session.finish_after_end()
    assert outcome.end == 0 and outcome.operations == ["next", "response"]
    assert outcome.answers() == ["slept"] and messages(outcome) == ["sleeping", BEGINS, ENDS]


@pytest.mark.parametrize("what", ["return", "throw"])
def test_a_report_on_its_way_is_not_disturbed(what):
    probe = queue.Queue()

    def accepted_after_the_signal(request):
        probe.get(timeout=BOUND_SECONDS).send_signal(signal.SIGTERM)
        return ACCEPTED

    answers = {"response": [accepted_after_the_signal], "error": [accepted_after_the_signal]}
    with started(next=[do(what)], **answers) as session:
        probe.put(session.process)
        outcome = session.finish_after_end()
    assert outcome.end == 0 and outcome.operations == ["next", "response" if what == "return" else "error"]


def test_a_stream_is_finished_first():
    with started("streaming", next=[do("stream", chunks=["a"], count=50, then="sleep", pause=300)]) as session:
        session.wait_until(
            lambda: any(request.operation == "response" for request in session.api.requests), "the stream")
        session.process.send_signal(signal.SIGTERM)
        outcome = session.finish_after_end()
    assert outcome.end == 0 and len(outcome.only("response").body) == 1 + 50 * 65_536


def test_several_signals_are_as_good_as_one():
    with started(variables={"PROBE_SHUTDOWN": "log"}) as session:
        session.wait_until(session.api.waited_for.is_set, "the wait for an event")
        for _ in range(20):
            session.process.send_signal(signal.SIGTERM)
        outcome = session.finish_after_end()
    assert outcome.end == 0 and messages(outcome) == [BEGINS, ENDS]


def test_whatever_the_moment_the_process_ends():
    """Between any two steps of the start and of a busy loop; before the runtime's own first step it dies of it."""
    moments = random.Random(20261120)
    for _ in range(40):
        events = (event(str(number), number) for number in range(1, 45))
        with started("raw", next=events) as session:
            time.sleep(moments.uniform(0, 0.06))
            session.process.send_signal(signal.SIGTERM)
            outcome = session.finish_after_end()
        assert outcome.end == 0 or (outcome.end == -signal.SIGTERM and outcome.requests == []), outcome
        # Every event that was taken was answered.
        assert outcome.operations.count("next") - outcome.operations.count("response") in (0, 1)


# --- What makes Lambda send the signal -----------------------------------------------------------------------------


def test_hooks_register_an_extension():
    """Lambda sends SIGTERM only where there is one."""
    outcome = terminated_while_idle(variables={"PROBE_SHUTDOWN": "log"})
    (register,), (asks,) = outcome.sent("extension/register"), outcome.sent("extension/event/next")
    assert register.header("Lambda-Extension-Name") and bytes(register.body) == b'{"events":[]}'
    assert asks.header("Lambda-Extension-Identifier") == "1f4ac5b1-3c29-4c24-8f3d-7c2f2c2f7d7e"
    assert outcome.requests.index(register) < outcome.requests.index(asks)


def test_without_hooks_there_is_no_extension():
    assert not [r for r in terminated_while_idle("raw").requests if r.operation.startswith("extension/")]


@pytest.mark.parametrize("answer", [status(403), status(404), status(500), (CLOSE,), (response("200 OK"),)],
                         ids=["403", "404", "500", "closed", "no identifier"])
def test_a_refused_extension_is_logged_and_the_function_serves(answer):
    outcome = serve(next=[do("return")], register=[answer], variables={"PROBE_SHUTDOWN": "log"})
    assert outcome.end == WAITS and outcome.operations == ["next", "response", "next"]
    assert any(line["level"] == "WARN" for line in outcome.log_lines())


@pytest.mark.parametrize("prefix", ["/a/b"])
def test_the_extension_is_registered_below_the_prefix_too(prefix):
    outcome = serve(prefix=prefix, variables={"PROBE_SHUTDOWN": "log"})
    assert len(outcome.sent("extension/register")) == len(outcome.sent("extension/event/next")) == 1


# --- A snapshot of the environment ---------------------------------------------------------------------------------

SNAPSHOT = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
RESTORED = (response("200 OK"),)


def test_a_restored_snapshot_serves():
    outcome = serve(next=[do("return")], restore_next=[RESTORED], variables=SNAPSHOT)
    assert outcome.end == WAITS and outcome.operations == ["restore/next", "next", "response", "next"]


def test_a_failed_restore_hook_is_reported_and_ends_the_process():
    outcome = serve(restore_next=[RESTORED], variables={**SNAPSHOT, "PROBE_RESTORE": "fail"})
    assert outcome.end == 1 and outcome.operations == ["restore/next", "restore/error"]
    assert outcome.only("restore/error").header("Lambda-Runtime-Function-Error-Type") == "Function.RestoreHook"


def test_a_restore_hook_runs_before_the_first_event():
    outcome = serve(restore_next=[RESTORED], variables={**SNAPSHOT, "PROBE_RESTORE": "log"})
    assert outcome.end == WAITS and outcome.operations == ["restore/next", "next"]
    assert [line["message"] for line in outcome.log_lines()] == ["restored"]


def test_any_other_initialisation_waits_for_no_restore():
    outcome = serve(variables={"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})
    assert outcome.operations == ["next"]


@pytest.mark.parametrize("answer", [status(403), status(500), (CLOSE,)], ids=["403", "500", "closed"])
def test_a_snapshot_that_cannot_be_restored_ends_the_process(answer):
    outcome = serve(restore_next=[answer] * 20, variables=SNAPSHOT)
    assert outcome.end == 1 and set(outcome.operations) == {"restore/next"} and len(outcome.requests) <= 10


def test_a_process_that_waits_for_its_restore_can_be_ended():
    assert terminated_while_idle(variables={**SNAPSHOT, "PROBE_SHUTDOWN": "log"}).end == 0
