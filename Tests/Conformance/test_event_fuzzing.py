"""The fuzz target of the event decoders still builds and finds nothing in a few seconds.

A smoke test: real runs are made by hand, `Tests/Fuzz/run EventDecoding 600`.
"""

import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 5
NO_FUZZER = 77
# Building takes most of it.
DEADLINE_SECONDS = 300


def test_the_event_decoders_survive_a_short_fuzz_run():
    run = subprocess.run(
        [ROOT / "Tests/Fuzz/run", "EventDecoding", str(SECONDS)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    if run.returncode == NO_FUZZER:
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    # It ran indeed, and on more than the seeds.
    executed = [line for line in run.stderr.splitlines() if line.startswith("stat::number_of_executed_units")]
    assert executed and int(executed[0].split()[-1]) > 1000, run.stderr[-4000:]
