"""Memory stays flat, whatever is invoked: what one invocation took is given back before the next.

Every invocation has a request id and a trace id of its own. Figures of a million are in docs/benchmarks.md.
"""

import json
import subprocess

import pytest

from bootstraps import BUILDS, bootstrap
from programs import ROOT

# The harness reads the memory after 1000, when everything that is made once is there, and at the end.
FIRST = 1000
LAST = 10_000
# What the system may map of the program's own file meanwhile. A loss in each invocation would be at least twice as
# much: the smallest block of the C library's allocator takes 32 bytes.
MARGIN_KILOBYTES = 128
DEADLINE_SECONDS = 120

THROWING = {"do": "throw", "type": "Function.Refused", "text": "the acquirer refused the charge"}
STREAMING = {"do": "stream", "statusCode": 200, "chunks": ["one", "two"]}

# Options of the harness, and the function's kind of handler.
SCENARIOS = {
    "a batch without waiting": ("Echo", "any", ["--event", "sqs"]),
    "a batch of a stream": ("Echo", "any", ["--event", "kinesis"]),
    "a batch with tasks": ("ContractProbe", "sqs", ["--event", "sqs", "--expect", "batchItemFailures"]),
    "an error": ("ContractProbe", "commands", [THROWING, "--expect", "Function.Refused"]),
    "a stream": ("ContractProbe", "streaming", [STREAMING, "--expect", "two"]),
}
CASES = [
    (scenario, build)
    for scenario, (function, _, _) in SCENARIOS.items()
    # Only functions are packaged.
    for build in (BUILDS if function == "Echo" else ["built"])
]


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    """The server of the benchmark, which also reads a process's memory exactly."""
    program = tmp_path_factory.mktemp("harness") / "harness"
    source = ROOT / "Benchmarks" / "Runtime" / "harness.c"
    subprocess.run(["cc", "-std=c11", "-O2", "-o", program, source], check=True)
    return program


@pytest.mark.parametrize(("scenario", "build"), CASES)
def test_memory_is_flat(harness, tmp_path, scenario, build):
    function, handler, options = SCENARIOS[scenario]
    command = [harness, "--warmup", "0", "--count", str(LAST), "--env", f"_HANDLER={handler}", "--cpu", "any"]
    for option in options:
        if isinstance(option, dict):
            (tmp_path / "event.json").write_text(json.dumps(option))
            command += ["-e", tmp_path / "event.json"]
        else:
            command.append(option)
    done = subprocess.run(
        [*command, "--", bootstrap(function, build)], capture_output=True, text=True, timeout=DEADLINE_SECONDS)
    result = json.loads(done.stdout)
    assert "failure" not in result and result["invocations"] == LAST, result
    # An error report is no response, but it must be the one that was asked for.
    expects_errors = THROWING in options
    assert result["wrong_responses"] == (LAST if expects_errors else 0), result
    assert not expects_errors or THROWING["text"] in result["wrong_sample"]
    resident = {point["after"]: point["kb"] for point in result["rss_kb"]}
    assert resident[LAST] - resident[FIRST] <= MARGIN_KILOBYTES, resident
