"""Every fuzz target still builds and finds nothing in a few seconds.

A smoke test: real runs are made by hand, `Tests/Fuzz/run ResponseReading 600`.
"""

import subprocess

import pytest

from programs import ROOT

TARGETS = sorted(path.parent.name for path in (ROOT / "Tests" / "Fuzz").glob("*/dictionary"))
SECONDS = 4
NO_FUZZER = 77
# Building takes most of it.
DEADLINE_SECONDS = 300


def test_there_are_targets():
    assert "EventDecoding" in TARGETS and len(TARGETS) > 1


@pytest.mark.parametrize("target", TARGETS)
def test_a_short_fuzz_run_finds_nothing(target):
    run = subprocess.run(
        [ROOT / "Tests/Fuzz/run", target, str(SECONDS)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=DEADLINE_SECONDS,
    )
    if run.returncode == NO_FUZZER:
        # Only a toolchain without the library says so; Tests/run shows why something was skipped.
        pytest.skip(run.stderr.strip())
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    # It ran indeed, and on more than the seeds.
    executed = [line for line in run.stderr.splitlines() if line.startswith("stat::number_of_executed_units")]
    assert executed and int(executed[0].split()[-1]) > 1000, run.stderr[-4000:]
