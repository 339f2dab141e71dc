"""The programs under test: where they are, how they are started, awaited and ended."""

import contextlib
import json
import os
import pathlib
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTIONS = ["PaymentService", "Worker", "RiskEngine", "Webhook", "Projectionist", "Ledger", "Reconciliation"]
START_SECONDS = 30
# Longer than the emulator gives its own servers until it ends them by force.
STOP_SECONDS = 20


def built(program):
    """The path of a program beside the emulator's; FINCORE_BIN names another build of that."""
    fincore = pathlib.Path(os.environ.get("FINCORE_BIN", ROOT / ".build" / "debug" / "fincore"))
    path = fincore.with_name(program)
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is not built: run ./fincore test, or swift build and set FINCORE_BIN")
    return str(path)


def fincore_binary():
    """The emulator's program."""
    return built("fincore")


@contextlib.contextmanager
def running(command, **options):
    """A program for the length of a block. It is asked to end first, so that it can end what it has started itself."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_file(path, process):
    """The document in a ready file, once the program has written it whole."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            return json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            pass
        if process.poll() is not None:
            pytest.fail(f"the program ended with status {process.returncode} before it was ready")
        time.sleep(0.01)
    pytest.fail(f"{path} was not written within {START_SECONDS} s")
