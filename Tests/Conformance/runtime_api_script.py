"""A Runtime API on a raw socket: every byte of its answers is the test's, and what its client sends is kept.

The script says what the first, second, … request of each operation is answered with (`runtime_api_answers`); a
request beyond the script of `next` is held without an answer, one beyond the script of a report is accepted.
"""

import itertools
import re
import socket
import struct
import threading
from dataclasses import dataclass, field

from runtime_api_answers import (
    ACCEPTED, BODY, CLOSE, HOLD, NOT_FOUND, REFUSE, REGISTERED, RESET, UNREAD, Pause, Slowly)

# Far above what any scenario needs: a client that asks this often spins.
REQUEST_LIMIT = 100
# A client that neither sends nor takes anything for so long hangs.
SOCKET_SECONDS = 30

OPERATIONS = {
    "next": r"GET /2018-06-01/runtime/invocation/next",
    "response": r"POST /2018-06-01/runtime/invocation/[^/]+/response",
    "error": r"POST /2018-06-01/runtime/invocation/[^/]+/error",
    "init/error": r"POST /2018-06-01/runtime/init/error",
    "restore/next": r"GET /2018-06-01/runtime/restore/next",
    "restore/error": r"POST /2018-06-01/runtime/restore/error",
    "extension/register": r"POST /2020-01-01/extension/register",
    "extension/event/next": r"GET /2020-01-01/extension/event/next",
}


@dataclass
class Request:
    """What a client sent, byte for byte; the body grows while it arrives."""

    connection: int
    method: str
    path: str
    version: str
    operation: str
    headers: list = field(repr=False)
    body: bytearray = field(default_factory=bytearray, repr=False)
    chunks: list = field(default_factory=list, repr=False)
    trailers: list = field(default_factory=list, repr=False)
    # Whether the body came to its end.
    complete: bool = False

    def values(self, name):
        """Every value of a header, whatever its case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        """The value of a header that may be sent once; None without it."""
        values = self.values(name)
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    @property
    def names(self):
        """The names of all headers in lower case."""
        return {name.lower() for name, _ in self.headers}


class Disconnected(Exception):
    """The client ended the connection where nothing may end."""


class ScriptedRuntimeAPI:
    """Serves one scenario; a context manager."""

    def __init__(
        self, next=(), response=(), error=(), init_error=(), restore_next=(), register=(), accept=(), prefix=""
    ):
        """Answers in order for each operation; `accept` acts on each new connection before it is read.

        All are iterables, so `itertools.repeat(answer)` answers for ever. An answer may also be a function of the
        request. `prefix` is a path that every request must begin with.
        """
        self.requests = []
        self.connections = 0
        # Set when the client waits for an event that will never come: whatever the scenario is about is over.
        self.waited_for = threading.Event()
        self._scripts = {
            "next": itertools.chain(next, itertools.repeat((HOLD,))),
            "response": itertools.chain(response, itertools.repeat(ACCEPTED)),
            "error": itertools.chain(error, itertools.repeat(ACCEPTED)),
            "init/error": itertools.chain(init_error, itertools.repeat(ACCEPTED)),
            "restore/next": itertools.chain(restore_next, itertools.repeat((HOLD,))),
            "restore/error": itertools.repeat(ACCEPTED),
            "extension/register": itertools.chain(register, itertools.repeat(REGISTERED)),
            "extension/event/next": itertools.repeat((HOLD,)),
            "accept": itertools.chain(accept, itertools.repeat(())),
        }
        self._prefix = prefix
        self._lock = threading.Lock()
        self._open = []
        self._ended = threading.Event()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}{self._prefix}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Breaks every connection off and refuses further ones."""
        self._ended.set()
        self._refuse()
        with self._lock:
            for connection in self._open:
                _shut(connection)

    @property
    def is_overrun(self):
        """Whether the client asks and asks."""
        return len(self.requests) >= REQUEST_LIMIT or self.connections >= REQUEST_LIMIT

    def _refuse(self):
        # Only shutdown wakes the thread that waits in accept.
        _shut(self._listener)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                number = self.connections
                self._open.append(connection)
                actions = next(self._scripts["accept"])
            connection.settimeout(SOCKET_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection, number, actions), daemon=True).start()

    def _serve(self, connection, number, actions):
        stream = connection.makefile("rb")
        try:
            is_open = self._act(connection, actions)
            while is_open and not self.is_overrun:
                is_open = self._serve_one(connection, stream, number)
        except (OSError, ValueError, Disconnected):
            pass
        finally:
            stream.close()
            connection.close()

    def _serve_one(self, connection, stream, number):
        """Reads one request and answers it; whether the connection stays open."""
        request = self._read_head(stream, number)
        with self._lock:
            self.requests.append(request)
            script = self._scripts.get(request.operation)
            actions = next(script) if script else NOT_FOUND
        is_unread = not callable(actions) and actions[:1] == (UNREAD,)
        if not is_unread:
            if request.header("Expect"):
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            _read_body(stream, request)
        if callable(actions):
            actions = actions(request)
        if actions == (HOLD,) and request.operation in ("next", "restore/next"):
            self.waited_for.set()
        if is_unread and BODY in actions:
            before, actions = actions[: actions.index(BODY)], actions[actions.index(BODY) + 1 :]
            if not self._act(connection, before):
                return False
            _read_body(stream, request)
        return self._act(connection, actions)

    def _read_head(self, stream, number):
        line = stream.readline().decode("latin-1")
        if not line.endswith("\r\n"):
            raise Disconnected
        method, path, version = line.rstrip("\r\n").split(" ")
        headers = _read_fields(stream)
        return Request(number, method, path, version, self._operation(method, path), headers)

    def _operation(self, method, path):
        words = f"{method} {path.removeprefix(self._prefix)}" if path.startswith(self._prefix) else ""
        for name, pattern in OPERATIONS.items():
            if re.fullmatch(pattern, words):
                return name
        return f"unknown: {method} {path}"

    def _act(self, connection, actions):
        for action in actions:
            match action:
                case bytes():
                    connection.sendall(action)
                case Slowly(data, piece):
                    for at in range(0, len(data), piece):
                        connection.sendall(data[at : at + piece])
                case Pause(seconds):
                    if self._ended.wait(seconds):
                        return False
                case _ if action is HOLD:
                    self._ended.wait()
                    return False
                case _ if action is RESET:
                    # An abortive close: with a linger time of 0 the kernel sends RST.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()
                    return False
                case _ if action is REFUSE:
                    self._refuse()
                case _ if action is CLOSE:
                    _close_gently(connection)
                    return False
        return True


def _shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _close_gently(connection):
    """Sends FIN and takes what still comes, because a close with unread bytes would be a reset."""
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass


def _read_fields(stream):
    """Header or trailer fields up to the empty line."""
    fields = []
    while (line := stream.readline()) != b"\r\n":
        if not line.endswith(b"\r\n"):
            raise Disconnected
        name, _, value = line.decode("utf-8", "surrogateescape").rstrip("\r\n").partition(":")
        fields.append((name, value.strip()))
    return fields


def _read_body(stream, request):
    if "chunked" in request.values("Transfer-Encoding"):
        while (size := int(_read_line(stream).split(b";")[0], 16)) > 0:
            _read_into(request.body, stream, size)
            request.chunks.append(size)
            if _read_line(stream):
                raise Disconnected
        request.trailers = _read_fields(stream)
    else:
        _read_into(request.body, stream, int(request.header("Content-Length") or 0))
    request.complete = True


def _read_line(stream):
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise Disconnected
    return line[:-2]


def _read_into(body, stream, count):
    while count > 0:
        piece = stream.read1(min(count, 65536))
        if not piece:
            raise Disconnected
        body += piece
        count -= len(piece)
