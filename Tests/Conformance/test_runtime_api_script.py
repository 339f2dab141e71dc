"""The scripted Runtime API itself: AWS's own Python client is served by it, and its misbehaviour is real."""

import contextlib
import http.client
import socket
import sys

import pytest

from runtime_api_answers import CLOSE, HOLD, REFUSE, RESET, Slowly, chunked, event, event_bytes, request_id, status
from runtime_api_script import ScriptedRuntimeAPI
from runtime_probe import BOUND_SECONDS, WAITS, serve

HANDLER = """
import sys

def echo(event, context):
    return {"event": event, "id": context.aws_request_id, "arn": context.invoked_function_arn}

def fail(event, context):
    raise ValueError("no luck")
"""


@pytest.fixture
def python_client(tmp_path):
    """The words that start AWS's Python runtime client with a handler of the file above."""
    (tmp_path / "app.py").write_text(HANDLER)

    def words(handler):
        return {
            "command": [sys.executable, "-m", "awslambdaric", f"app.{handler}"],
            "variables": {"PYTHONPATH": str(tmp_path), "LAMBDA_TASK_ROOT": str(tmp_path)},
        }

    return words


def test_aws_own_client_is_served(python_client):
    outcome = serve(next=[event('{"n": 1}', 1), event('{"n": 2}', 2, framing=chunked(3))], **python_client("echo"))
    assert outcome.end == WAITS, outcome.log
    assert [answer["event"] for answer in outcome.answers()] == [{"n": 1}, {"n": 2}]
    assert [answer["id"] for answer in outcome.answers()] == [request_id(1), request_id(2)]


def test_aws_own_client_reports_an_error(python_client):
    outcome = serve(next=[event()], **python_client("fail"))
    request = outcome.only("error")
    assert b"no luck" in request.body and request.header("Lambda-Runtime-Function-XRay-Error-Cause")


def test_aws_own_client_ends_when_the_api_is_gone(python_client):
    outcome = serve(next=[(REFUSE, *event(), CLOSE)], **python_client("echo"))
    assert outcome.end not in (WAITS, 0)


@contextlib.contextmanager
def client(**script):
    with ScriptedRuntimeAPI(**script) as api:
        connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=BOUND_SECONDS)
        yield api, connection
        connection.close()


def get(connection):
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = connection.getresponse()
    return answer, answer.read()


def test_what_a_client_sends_is_kept_byte_for_byte():
    with client() as (api, connection):
        path = f"/2018-06-01/runtime/invocation/{request_id()}/response"
        pieces = iter([b"\x00\xff", b"\r\n"])
        connection.request("POST", path, body=pieces, headers={"oDD-CaSe": "a: b"}, encode_chunked=True)
        assert connection.getresponse().status == 202
    (request,) = api.requests
    assert (request.operation, bytes(request.body), request.chunks) == ("response", b"\x00\xff\r\n", [2, 2])
    assert ("oDD-CaSe", "a: b") in request.headers and request.complete


@pytest.mark.parametrize("framing", [chunked(), chunked(1), chunked(7, ";x=y", [("After", "all")])])
def test_chunks_are_what_any_client_reads(framing):
    with client(next=[event(b"0123456789" * 9, framing=framing)]) as (_, connection):
        answer, body = get(connection)
        assert answer.status == 200 and body == b"0123456789" * 9


def test_slow_bytes_arrive_complete():
    with client(next=[(Slowly(event_bytes("slow")),)]) as (_, connection):
        assert get(connection)[1] == b"slow"


def test_a_status_without_a_body_leaves_the_connection_usable():
    with client(next=[status(204), event("after")]) as (api, connection):
        assert get(connection)[0].status == 204
        assert get(connection)[1] == b"after" and api.connections == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [((CLOSE,), http.client.RemoteDisconnected), ((RESET,), ConnectionResetError),
     ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", CLOSE), http.client.IncompleteRead)],
)
def test_a_broken_connection_is_broken_as_asked(answer, error):
    with client(next=[answer]) as (_, connection), pytest.raises(error):
        get(connection)


def test_after_the_end_every_connection_is_refused():
    with client(next=[(REFUSE, *event(), CLOSE)]) as (api, connection):
        assert get(connection)[0].status == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", api.port), timeout=BOUND_SECONDS)


def test_a_held_request_is_known():
    with client(next=[(HOLD,)]) as (api, connection):
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        assert api.waited_for.wait(BOUND_SECONDS)
