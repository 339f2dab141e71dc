"""The whole system, driven through its public API, with and without SIGKILL in the middle."""

import collections
import contextlib
import json
import os
import random
import signal
import subprocess
import time

import pytest

import process_table
from programs import FUNCTIONS, fincore_binary, running, wait_for_file

# The bound of the requirements, from a warm build.
UNDISTURBED_SECONDS = 30
# A killed process costs a redelivery, whose wait is the queue's visibility timeout.
DISTURBED_SECONDS = 120

# Every function dies: on fetching its first event, and a little later, when its effects are half done. The later
# invocations are chosen where the function has work of another kind (a refund, a redelivery, a poll).
STRIKES = [
    "PaymentService:1:0", "PaymentService:1:8", "PaymentService:6:3", "PaymentService:9:6",
    "Worker:1:0", "Worker:1:6", "Worker:2:10", "Worker:3:400", "Worker:4:4",
    "RiskEngine:1:0", "RiskEngine:2:3",
    "Webhook:1:0", "Webhook:2:5", "Webhook:4:8",
    "Projectionist:1:0", "Projectionist:2:5", "Projectionist:3:8",
    "Ledger:1:0", "Ledger:2:5", "Ledger:3:8",
    "Reconciliation:1:0", "Reconciliation:1:15", "Reconciliation:1:40",
]

# A third delivery of a job is its last (maxReceiveCount), and the lost answer needs one of the two before it.
MOST_KILLS = {"Worker": 1}


def run_demo(*options):
    return subprocess.run(
        [fincore_binary(), "demo", "--json", *options],
        capture_output=True, text=True, timeout=DISTURBED_SECONDS, check=False)


class RunningDemo:
    """A demo that a test watches or disturbs while it runs."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = folder
        self.deadline = time.monotonic() + DISTURBED_SECONDS
        self.ready = wait_for_file(folder / "ready.json", process)

    @property
    def is_running(self):
        assert time.monotonic() < self.deadline, "the demo does not end:\n" + self.log()[-3000:]
        return self.process.poll() is None

    def log(self):
        return (self.folder / "err").read_text()

    def result(self):
        output = (self.folder / "out").read_text()
        return result_of(subprocess.CompletedProcess([], self.process.wait(), output, self.log()))


@contextlib.contextmanager
def demo(folder, **environment):
    command = [fincore_binary(), "demo", "--json", "--ready-file", folder / "ready.json"]
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        with running(command, stdout=out, stderr=err, env={**os.environ, **environment}) as process:
            yield RunningDemo(process, folder)


def result_of(run):
    assert run.returncode == 0, run.stderr[-6000:]
    document = json.loads(run.stdout)
    failed = [check for check in document["checks"] if not check["holds"]]
    assert document["succeeded"] and not failed, failed
    # What a check found may name ids and counts; whether it holds is the result.
    document["checks"] = [(check["name"], check["holds"]) for check in document["checks"]]
    return document


@pytest.fixture(scope="module")
def timed():
    """The result of a demo that nothing disturbs, and the seconds it took."""
    begin = time.monotonic()
    result = result_of(run_demo())
    return result, time.monotonic() - begin


@pytest.fixture(scope="module")
def undisturbed(timed):
    return timed[0]


def test_demo_result_is_as_documented(undisturbed):
    charges = {charge["name"]: charge for charge in undisturbed["charges"]}
    assert charges["succeeds"] == {
        "name": "succeeds", "status": "SUCCEEDED", "amount": 1999, "currency": "EUR", "captured_amount": 1999,
        "refunded_amount": 500, "failure_reason": None, "provider_charges": 1}
    assert (charges["blocked"]["status"], charges["blocked"]["failure_reason"]) == ("FAILED", "fraud_risk")
    assert charges["blocked"]["provider_charges"] == 0
    assert charges["declined"]["status"] == "FAILED"
    assert (charges["answer lost"]["status"], charges["answer lost"]["provider_charges"]) == ("SUCCEEDED", 1)
    assert charges["answer lost"]["captured_amount"] == 4200


def test_demo_books_are_as_worked_out_by_hand(undisturbed):
    # 19.99 and 42.00 are charged: 61.99 debit the PSP and credit the merchant. 5.00 are refunded: from the merchant
    # to the refunds in flight when the refund begins, from there to the PSP when it has succeeded.
    books = [
        (row["account"], row["currency"], row["debit_minor"], row["credit_minor"], row["balance_minor"])
        for row in undisturbed["trial_balance"]
    ]
    assert books == [
        ("merchant_payable:mer_demo", "EUR", 500, 6199, -5699),
        ("psp_receivable:stripe", "EUR", 6199, 500, 5699),
        ("refunds_in_flight", "EUR", 500, 500, 0),
        (None, "EUR", 7199, 7199, 0),
    ]
    # Two charges and a refund were settled; the amount of one of them is altered by one minor unit.
    reconciliation = undisturbed["reconciliation"]
    assert reconciliation["rows"] == 3
    assert {name: count for name, count in reconciliation["summary"].items() if count} == {
        "MATCHED": 2, "AMOUNT_MISMATCH": 1}


def test_an_undisturbed_demo_takes_less_than_the_required_time(timed):
    assert timed[1] < UNDISTURBED_SECONDS


def test_nothing_is_left_behind(undisturbed, tmp_path, open_directory):
    """Every process a demo ever had is gone with it, and so is everything it wrote."""
    seen = set()
    with demo(tmp_path, TMPDIR=str(open_directory)) as run:
        assert list(open_directory.iterdir()), "the demo writes elsewhere, and this test looks in the wrong place"
        while run.is_running:
            seen.update(process_table.descendants(run.process.pid))
            time.sleep(0.05)
        left = [process for process in seen if process_table.is_running(process)]
        assert not left and not process_table.naming(str(open_directory))
        assert run.result() == undisturbed
    assert {"postgres", "redis-server", "sshd", *FUNCTIONS} <= {process.name for process in seen}
    assert not list(open_directory.rglob("*"))


@pytest.mark.parametrize("strike", STRIKES)
def test_sigkill_of_one_function_changes_nothing(undisturbed, strike):
    function, _, delay = strike.split(":")
    run = run_demo("--kill", strike)
    assert result_of(run) == undisturbed
    assert "(signal: killed)" in run.stderr, "nothing was killed:\n" + run.stderr[-3000:]
    if delay == "0":
        # At once means in the middle of the invocation.
        assert f"{function} ended while working on" in run.stderr, run.stderr[-3000:]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sigkill_from_outside_of_every_function_while_idle_or_busy(undisturbed, tmp_path, seed):
    """Kills that know nothing of invocations: one after the other, whatever the process is doing at that moment."""
    choice = random.Random(seed)
    kills = collections.Counter()
    with demo(tmp_path) as run:
        assert sorted(run.ready["process_ids"]) == sorted(FUNCTIONS)
        while run.is_running:
            victim = next_victim(run.process.pid, kills, choice)
            if victim:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim.identifier, signal.SIGKILL)
                    kills[victim.name] += 1
            time.sleep(choice.uniform(0.1, 0.5))
        assert sorted(kills) == sorted(FUNCTIONS), f"not every function was killed: {kills}\n{run.log()[-3000:]}"
        # A kill while the demo ends already is not reported any more.
        assert run.log().count("(signal: killed)") >= len(FUNCTIONS), run.log()[-3000:]
        assert run.result() == undisturbed


def next_victim(demo_identifier, kills, choice):
    """A function's process: of those that run, one of a function that was killed least; None when all had enough."""
    candidates = [
        process for process in process_table.descendants(demo_identifier)
        if process.name in FUNCTIONS and kills[process.name] < MOST_KILLS.get(process.name, 2)
    ]
    least = min((kills[process.name] for process in candidates), default=0)
    candidates = sorted(process for process in candidates if kills[process.name] == least)
    return choice.choice(candidates) if candidates else None
