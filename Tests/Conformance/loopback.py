"""Servers on loopback: free ports, and the moment from which one answers."""

import contextlib
import socket
import time

START_SECONDS = 30


def free_ports(count):
    """Ports that nobody listens on at this moment, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for candidate in sockets:
            candidate.bind(("127.0.0.1", 0))
        return [candidate.getsockname()[1] for candidate in sockets]


def wait_until_listening(port, process, log):
    """Returns once the process takes connections on a port."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5):
            return
        assert process.poll() is None, f"{process.args[0]} ended with status {process.returncode}:\n{log()}"
        assert time.monotonic() < deadline, f"nothing listens on port {port} after {START_SECONDS} s:\n{log()}"
        time.sleep(0.01)
