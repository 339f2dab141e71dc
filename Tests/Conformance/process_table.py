"""What the kernel says about processes, read from /proc."""

import pathlib
from typing import NamedTuple


class Process(NamedTuple):
    """A process that cannot be mistaken for a later one with the same number."""

    identifier: int
    start_time: str
    name: str


def _read(identifier):
    """The process and its parent's number; None when it is gone or only waits for its parent to take notice."""
    try:
        text = pathlib.Path(f"/proc/{identifier}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # "PID (name) state parent …", where the name may hold spaces and parentheses; the start time is field 22.
    name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
    state, parent, start_time = rest[0], int(rest[1]), rest[19]
    return None if state in "ZX" else (Process(int(identifier), start_time, name), parent)


def _everything():
    return filter(None, (_read(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")))


def descendants(identifier):
    """A process's children, their children, and so on, at this moment."""
    children = {}
    for process, parent in _everything():
        children.setdefault(parent, []).append(process)
    found, waiting = [], [identifier]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [process.identifier for process in below]
    return found


def is_running(process):
    """Whether a process seen before still runs."""
    seen = _read(process.identifier)
    return seen is not None and seen[0].start_time == process.start_time


def naming(text):
    """The processes whose command line holds a text, whoever their parents are."""
    found = []
    for process, _ in _everything():
        try:
            words = pathlib.Path(f"/proc/{process.identifier}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text.encode() in words:
            found.append(process)
    return found
