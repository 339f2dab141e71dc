"""What the command line says when it cannot do what it is asked."""

import os
import socket
import subprocess

import pytest

from programs import ROOT, fincore_binary

FREE_PORTS = ["--port", "0", "--aws-port", "0", "--sandbox-port", "0"]


def call(*words, **environment):
    return subprocess.run(
        [fincore_binary(), *words], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
        check=False)


def complaints(run):
    """The lines that say what is wrong, among those that say how far it came."""
    return [line for line in run.stderr.splitlines() if line.startswith("fincore: ")]


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_port_already_taken_is_named(taken_port):
    run = call("services", "--port", str(taken_port))
    assert run.returncode == 3
    assert f"port {taken_port}" in run.stderr and "already taken" in run.stderr


@pytest.mark.parametrize("option", ["--port", "--aws-port", "--sandbox-port"])
def test_up_names_a_port_that_is_already_taken_and_leaves_nothing(option, taken_port, open_directory):
    # The last of two equal options would be ambiguous: each is given once.
    ports = dict(zip(FREE_PORTS[::2], FREE_PORTS[1::2])) | {option: str(taken_port)}
    run = call("up", *[word for pair in ports.items() for word in pair], TMPDIR=str(open_directory))
    assert run.returncode == 3
    assert len(complaints(run)) == 1, run.stderr
    assert f"port {taken_port} on 127.0.0.1 is already taken" in complaints(run)[0]
    assert not list(open_directory.iterdir())


def test_a_postgresql_that_cannot_make_its_cluster_is_one_clear_line(open_directory):
    """The installation that pg_config names is asked first; this one is broken."""
    programs = open_directory / "programs"
    programs.mkdir()
    data = open_directory / "data"
    data.mkdir()
    for name, script in {"pg_config": f"echo {programs}", "initdb": "exit 1", "postgres": "exit 1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    run = call("up", *FREE_PORTS, PATH=f"{programs}:{os.environ['PATH']}", TMPDIR=str(data))
    assert run.returncode == 3
    assert complaints(run) == ["fincore: PostgreSQL: initdb failed (exit status 1); it printed nothing"], run.stderr
    assert not list(data.iterdir())


def test_a_data_directory_that_cannot_be_used_is_one_clear_line(tmp_path):
    """For root: PostgreSQL's own account may not enter it. For others: nothing can be written there."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    run = call("up", *FREE_PORTS, TMPDIR=str(closed))
    assert run.returncode == 3
    assert len(complaints(run)) == 1, run.stderr
    assert str(closed) in complaints(run)[0]
    assert ("may not enter" if os.geteuid() == 0 else "Permission denied") in complaints(run)[0]
    assert not list(closed.iterdir())


def test_a_temporary_directory_that_is_none_is_named_in_one_clear_line(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    run = call("up", *FREE_PORTS, TMPDIR=str(file))
    assert run.returncode == 3
    assert len(complaints(run)) == 1, run.stderr
    assert str(file) in complaints(run)[0] and "Not a directory" in complaints(run)[0]
    assert "NSError" not in run.stderr and "Error Domain" not in run.stderr


@pytest.mark.parametrize("words, word", [
    (["dance"], "dance"), (["invoke"], "--event"), (["demo", "--kill", "x"], "--kill"),
    (["up", "--port", "x"], "--port"), (["replay", "/nonexistent"], "/nonexistent"),
    (["invoke", "Worker", "--event", "/nonexistent"], "/nonexistent"),
])
def test_wrong_calls_say_what_is_wrong(words, word):
    run = call(*words)
    assert run.returncode in (2, 3)
    assert word in run.stderr


def test_the_readme_holds_no_placeholder():
    assert "@@" not in (ROOT / "README.md").read_text()
