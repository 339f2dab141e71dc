"""Runs every kind of handler under valgrind's memcheck, for few and for many invocations; called by Tests/Sanitizers/run.

Neither may read what was never written or is not its own, nor lose memory, and both must leave the same behind: what
is kept was made once. Nothing is suppressed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from programs import ROOT, built
from runtime_api_answers import event, status
from runtime_api_script import ScriptedRuntimeAPI

FEW, MANY = 5, 45
DEADLINE_SECONDS = 300
MEMCHECK = ["valgrind", "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=99"]


def command(what, **arguments):
    """An event for ContractProbe."""
    return json.dumps({"do": what, **arguments}).encode()


def serve(program, handler, payload, count):
    """Serves so many invocations, then ends the process by status 500; its exit status and memcheck's report."""
    events = [
        event(payload, number, headers={"Lambda-Runtime-Trace-Id": f"Root=1-{number:08x};{'x' * number * 50}"})
        for number in range(1, count + 1)
    ]
    with ScriptedRuntimeAPI(next=[*events, status(500)]) as api, tempfile.NamedTemporaryFile("r") as report:
        environment = {
            "AWS_LAMBDA_RUNTIME_API": api.address, "_HANDLER": handler, "PATH": os.environ["PATH"],
            "SWIFT_BACKTRACE": "enable=no"}
        done = subprocess.run(
            [*MEMCHECK, f"--log-file={report.name}", built(program)], env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=DEADLINE_SECONDS)
        answered = sum(request.operation in ("response", "error") for request in api.requests)
        assert answered == count, f"{answered} of {count} were answered: {done.stderr.decode()[-500:]}"
        return done.returncode, report.read()


def figures(report):
    """What is still in use at the end, what is lost, and how many errors there were."""
    kept = re.search(r"in use at exit: (.*)", report)[1]
    lost = re.search(r"definitely lost: (.*)", report)
    return kept, lost[1] if lost else "0 bytes in 0 blocks", re.search(r"ERROR SUMMARY: (\d+) errors", report)[1]


SCENARIOS = [
    ("Echo", "any", "worker/charge.json", None),
    ("Echo", "any", "projectionist/first-events.json", None),
    ("ContractProbe", "sqs", "worker/group-order.json", None),
    ("ContractProbe", "kinesis", "projectionist/reordered.json", None),
    ("ContractProbe", "raw", "raw", b"[1, 2, 3]"),
    ("ContractProbe", "commands", "a value", command("context")),
    ("ContractProbe", "commands", "an error", command("throw", type="Function.Refused", text="refused")),
    ("ContractProbe", "synchronous", "an error", command("throw", type="Function.Refused", text="refused")),
    ("ContractProbe", "streaming", "a stream", command("stream", statusCode=200, chunks=["one", "two"])),
    ("ContractProbe", "streaming", "a broken stream", command("stream", chunks=["one"], then="throw", text="x")),
]


def main():
    is_clean = True
    for program, handler, name, payload in SCENARIOS:
        results = [serve(program, handler, payload or (ROOT / "events" / name).read_bytes(), count) for count in (FEW, MANY)]
        (few, _, _), (many, lost, errors) = [figures(report) for _, report in results]
        # The Runtime API's end is the process's own status 1; memcheck's is 99.
        is_good = [code for code, _ in results] == [1, 1] and few == many and errors == "0"
        is_clean &= is_good
        print(f"{program} {handler}, {name}: {errors} errors, lost {lost}; kept after {FEW} {few}, after {MANY} {many}")
        if not is_good:
            print(results[1][1])
    return 0 if is_clean else 1


sys.exit(main())
