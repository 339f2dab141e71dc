"""AWS's own runtime interface emulator, started around one bootstrap: the code that runs inside Lambda.

It takes one invocation at a time (two at once crash it), knows its function only as "function", says a function error
with status 200 and without a header, and ignores the invocation type.
"""

import base64
import contextlib
import http.client
import json
import os
import platform
import signal
import subprocess
import time
from typing import NamedTuple

import process_table
from deployment_tools import tool
from loopback import free_ports, wait_until_listening

INVOCATION_PATH = "/2015-03-31/functions/function/invocations"
# A bootstrap notices at once that its Runtime API is gone; this is for a machine that is busy.
END_SECONDS = 20
MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}


class Answer(NamedTuple):
    """What the caller of an invocation gets."""

    status: int
    body: bytes

    @property
    def document(self):
        return json.loads(self.body)


class RuntimeInterfaceEmulator:
    """An emulator at work."""

    def __init__(self, process, port, log_path, timeout):
        self.process = process
        self._port = port
        self._log_path = log_path
        self._timeout = timeout
        self._seen = set()

    def invoke(self, event, client_context=None):
        """Runs one invocation; the event is a document or the payload's bytes."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = {"Content-Type": "application/json"}
        if client_context is not None:
            headers["X-Amz-Client-Context"] = base64.b64encode(json.dumps(client_context).encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout + 20)
        try:
            connection.request("POST", INVOCATION_PATH, payload, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()
            self.bootstraps()

    def bootstraps(self):
        """The bootstrap's processes at this moment."""
        running = process_table.descendants(self.process.pid)
        self._seen.update(running)
        return running

    def log(self):
        """What the emulator and the function have written."""
        return self._log_path.read_text(errors="replace")

    def end(self):
        """Kills the emulator alone: the bootstrap finds its Runtime API gone and must follow.

        Gives the processes that did not.
        """
        self.bootstraps()
        # Asked to end, it would end the bootstrap itself.
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + END_SECONDS
        while (left := self._running()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return left

    def kill(self):
        """Ends whatever still runs."""
        if self.process.poll() is None:
            self.bootstraps()
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for lost in self._running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(lost.identifier, signal.SIGKILL)

    def _running(self):
        return [process for process in self._seen if process_table.is_running(process)]


@contextlib.contextmanager
def emulator(bootstrap, folder, variables=None, handler="bootstrap", timeout=20):
    """An emulator around a bootstrap for the length of a block; nothing of either is left afterwards.

    The variables are the function's; of this process's environment the function sees nothing.
    """
    program = tool(f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{MACHINES[platform.machine()]}")
    port, api_port = free_ports(2)
    environment = {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": str(bootstrap.parent),
        **(variables or {}),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
    }
    log_path = folder / f"emulator-{port}.log"
    with log_path.open("w") as log:
        # An argument it does not know makes it listen everywhere, instead of an error.
        process = subprocess.Popen(
            [program, "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
             "--runtime-api-address", f"127.0.0.1:{api_port}", "--log-level", "warn", str(bootstrap), handler],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    rie = RuntimeInterfaceEmulator(process, port, log_path, timeout)
    try:
        wait_until_listening(port, process, rie.log)
        yield rie
        left = rie.end()
        assert not left, f"the bootstrap outlived its Runtime API: {left}\n{rie.log()[-3000:]}"
    finally:
        rie.kill()
