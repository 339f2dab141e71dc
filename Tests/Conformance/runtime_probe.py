"""Runs ContractProbe, a function that does what its events say, against a scripted Runtime API.

A scenario is over when the process has ended, or when it waits for an event that will never come.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

from programs import built
from runtime_api_script import ScriptedRuntimeAPI

# The outcome of a process that asks for the next event once its script is used up.
WAITS = "waits for the next event"
# Far longer than anything here takes; what reaches it hangs. Programs with a sanitizer take longer.
BOUND_SECONDS = int(os.environ.get("FINCORE_BOUND_SECONDS", "20"))
# The form that Lambda keeps; anything else becomes Runtime.Unknown.
ERROR_TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")


@dataclass
class Outcome:
    """What a scenario came to."""

    # WAITS, an exit status, or the negative number of the signal that ended the process.
    end: int | str
    requests: list
    connections: int
    log: str = field(repr=False)

    @property
    def operations(self):
        """The operations of the Runtime API asked for, in order; those of the Extensions API run beside them."""
        return [request.operation for request in self.requests if not request.operation.startswith("extension/")]

    def sent(self, operation):
        """The requests of one operation."""
        return [request for request in self.requests if request.operation == operation]

    def only(self, operation):
        """The one request of an operation."""
        found = self.sent(operation)
        assert len(found) == 1, f"{self.operations}\n{self.log}"
        assert found[0].complete, f"{operation} broke off after {len(found[0].body)} bytes"
        return found[0]

    def answers(self):
        """The documents of all responses, in order."""
        return [json.loads(request.body) for request in self.sent("response")]

    def report(self, operation="error"):
        """The document of the one error report, after checking what holds for every report."""
        return checked_report(self.only(operation))

    def log_lines(self):
        """The log as documents: every line must be one."""
        assert self.log == "" or self.log.endswith("\n"), f"the log breaks off: {self.log[-200:]!r}"
        # Not splitlines, which also breaks at what JSON allows inside a string.
        return [json.loads(line) for line in self.log.split("\n")[:-1]]


def checked_report(request):
    """An error report's document; the form of headers and body is Lambda's."""
    document = json.loads(bytes(request.body).decode())
    assert set(document) == {"errorMessage", "errorType", "stackTrace"}
    assert isinstance(document["errorMessage"], str) and isinstance(document["errorType"], str)
    assert all(isinstance(frame, str) for frame in document["stackTrace"])
    assert ERROR_TYPE.fullmatch(request.header("Lambda-Runtime-Function-Error-Type"))
    assert request.header("Content-Type").startswith("application/")
    return document


class Session:
    """A probe at work: for what happens while it runs."""

    def __init__(self, process, api, log):
        self.process = process
        self.api = api
        self._log = log

    def log(self):
        """What the process has written so far."""
        return pathlib.Path(self._log).read_bytes().decode("utf-8", "strict")

    def wait_until(self, condition, what):
        """Waits on a condition, never on time alone."""
        deadline = time.monotonic() + BOUND_SECONDS
        while not (value := condition()):
            assert not self.api.is_overrun, f"the process spins: {[r.operation for r in self.api.requests[:20]]} …"
            assert time.monotonic() < deadline, f"{what} did not happen within {BOUND_SECONDS} s:\n{self.log()}"
            time.sleep(0.002)
        return value

    def finish(self):
        """The outcome, once the process has ended or waits for an event beyond the script."""
        self.wait_until(
            lambda: self.process.poll() is not None or self.api.waited_for.is_set(), "an end of the scenario")
        # A process that asks for an event and then ends has ended.
        end = WAITS if self.process.poll() is None else self.process.returncode
        return Outcome(end, self.api.requests, self.api.connections, self.log())

    def finish_after_end(self):
        """The outcome of a process that must end."""
        self.wait_until(lambda: self.process.poll() is not None, "the end of the process")
        return self.finish()


@contextlib.contextmanager
def started(
    handler="commands", variables=None, command=None, address=None, files=(), standard_error=None, **script
):
    """A probe at work for a block; whatever it is at then, it is killed.

    `files` are descriptors it inherits, `standard_error` one for its log.
    """
    with tempfile.NamedTemporaryFile(prefix="fincore-probe-") as log, ScriptedRuntimeAPI(**script) as api:
        environment = {
            "AWS_LAMBDA_RUNTIME_API": api.address if address is None else address.format(port=api.port),
            "AWS_LAMBDA_FUNCTION_NAME": "probe",
            "_HANDLER": handler,
            "PATH": os.environ["PATH"],
            # As in Lambda, where Swift's own crash handler finds no program to print a backtrace with.
            "SWIFT_BACKTRACE": "enable=no",
            # Where a sanitizer's reports go (Tests/Sanitizers/run).
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
            **(variables or {}),
        }
        process = subprocess.Popen(
            command or [built("ContractProbe")], env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log if standard_error is None else standard_error, pass_fds=files, start_new_session=True)
        try:
            yield Session(process, api, log.name)
        finally:
            process.kill()
            process.wait()


def serve(handler="commands", **scenario):
    """Runs a scenario to its end; see `started` and `ScriptedRuntimeAPI` for what one is made of."""
    with started(handler, **scenario) as session:
        return session.finish()
