"""The whole system, driven through its public API, with and without SIGKILL in the middle."""

import json
import os
import signal
import subprocess
import time

import pytest

FINCORE = os.environ.get("FINCORE_BIN")
DEMO_SECONDS = 120
FUNCTIONS = ["PaymentService", "Worker", "RiskEngine", "Webhook", "Projectionist", "Ledger", "Reconciliation"]

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


def run_demo(*options):
    assert FINCORE, "FINCORE_BIN is not set; ./fincore test sets it"
    return subprocess.run(
        [FINCORE, "demo", "--json", *options], capture_output=True, text=True, timeout=DEMO_SECONDS, check=False)


def result_of(run):
    assert run.returncode == 0, run.stderr[-6000:]
    document = json.loads(run.stdout)
    failed = [check for check in document["checks"] if not check["holds"]]
    assert document["succeeded"] and not failed, failed
    # What a check found may name ids and counts; whether it holds is the result.
    document["checks"] = [(check["name"], check["holds"]) for check in document["checks"]]
    return document


@pytest.fixture(scope="module")
def undisturbed():
    return result_of(run_demo())


def test_demo_result_is_as_documented(undisturbed):
    charges = {charge["name"]: charge for charge in undisturbed["charges"]}
    assert charges["succeeds"] | {} == {
        "name": "succeeds", "status": "SUCCEEDED", "amount": 1999, "currency": "EUR", "captured_amount": 1999,
        "refunded_amount": 500, "failure_reason": None, "provider_charges": 1}
    assert (charges["blocked"]["status"], charges["blocked"]["failure_reason"]) == ("FAILED", "fraud_risk")
    assert charges["blocked"]["provider_charges"] == 0
    assert charges["declined"]["status"] == "FAILED"
    assert (charges["answer lost"]["status"], charges["answer lost"]["provider_charges"]) == ("SUCCEEDED", 1)
    totals = [row for row in undisturbed["trial_balance"] if row["account"] is None]
    assert [row["balance_minor"] for row in totals] == [0]


@pytest.mark.parametrize("strike", STRIKES)
def test_sigkill_of_one_function_changes_nothing(undisturbed, strike):
    run = run_demo("--kill", strike)
    assert result_of(run) == undisturbed
    assert "(signal: killed)" in run.stderr, "nothing was killed:\n" + run.stderr[-3000:]


def test_sigkill_from_outside_of_every_function_while_idle_or_busy(undisturbed, tmp_path):
    """A kill that knows nothing of invocations: each process once, whatever it is doing at that moment."""
    ready = tmp_path / "ready.json"
    demo = subprocess.Popen(
        [FINCORE, "demo", "--json", "--ready-file", ready], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert demo.poll() is None and time.monotonic() < deadline, "the demo did not start"
        processes = json.loads(ready.read_text())["process_ids"]
        assert sorted(processes) == sorted(FUNCTIONS)
        for identifiers in processes.values():
            for identifier in identifiers:
                os.kill(identifier, signal.SIGKILL)
        out, err = demo.communicate(timeout=DEMO_SECONDS)
    finally:
        demo.kill()
    run = subprocess.CompletedProcess([], demo.returncode, out, err)
    assert result_of(run) == undisturbed


def test_nothing_is_left_behind(undisturbed):
    """No child of a finished demo is still running."""
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "fincore-demo-" not in listing, listing
