"""The runtime's requests and what it makes of an event: paths, headers, context, payloads of any size."""

import json
import socket

import pytest

from runtime_api_answers import (
    ACCEPTED, CLOSE, EVENT_HEADERS, MAXIMUM_RESPONSE, Slowly, chunked, do, event, event_bytes, limiting_size,
    request_id, response, until_close)
from runtime_probe import WAITS, serve

MEBIBYTE = 1024 * 1024
OPERATIONS = ["next", "response", "next", "error", "next"]
RESPONSE, FAILURE = do("return", 1, count=2), do("throw", 2, type="Function.Asked", text="as asked")


def sighting(**how):
    """What the handler saw of an event sent this way."""
    outcome = serve(next=[event('{"do": "context"}', **how)])
    assert outcome.end == WAITS, outcome.log
    return outcome.answers()[0]


# --- Requests --------------------------------------------------------------------------------------------------------


def test_events_are_answered_one_after_the_other_on_one_connection():
    outcome = serve(next=[RESPONSE, FAILURE])
    assert outcome.end == WAITS and outcome.connections == 1
    assert [(request.method, request.path) for request in outcome.requests] == [
        ("GET", "/2018-06-01/runtime/invocation/next"),
        ("POST", f"/2018-06-01/runtime/invocation/{request_id(1)}/response"),
        ("GET", "/2018-06-01/runtime/invocation/next"),
        ("POST", f"/2018-06-01/runtime/invocation/{request_id(2)}/error"),
        ("GET", "/2018-06-01/runtime/invocation/next"),
    ]


@pytest.mark.parametrize("prefix", ["/function", "/account/function%20name/1"])
def test_a_path_prefix_in_the_address_begins_every_path(prefix):
    outcome = serve(next=[RESPONSE, FAILURE], prefix=prefix)
    assert outcome.operations == OPERATIONS
    assert all(request.path.startswith(f"{prefix}/2018-06-01/") for request in outcome.requests)


def test_a_trailing_slash_of_the_prefix_is_not_doubled():
    outcome = serve(next=[RESPONSE], address="127.0.0.1:{port}/function/", prefix="/function")
    assert outcome.operations == ["next", "response", "next"]


def test_the_address_may_be_a_name():
    assert serve(next=[RESPONSE, FAILURE], address="localhost:{port}").operations == OPERATIONS


def test_headers_of_every_request():
    outcome = serve(next=[RESPONSE, FAILURE])
    for request in outcome.requests:
        assert request.version == "HTTP/1.1"
        assert request.header("Host").startswith("127.0.0.1:")
        # The first word is recorded as the runtime's release; the rest beyond 128 characters would be cut.
        assert 0 < len(request.header("User-Agent")) <= 128 and request.header("User-Agent").split()[0]
        assert not {"expect", "transfer-encoding", "proxy-connection"} & request.names
        if request.method == "GET":
            assert not request.body and not {"content-length", "content-type"} & request.names
        else:
            assert request.header("Content-Type") == "application/json"
            assert int(request.header("Content-Length")) == len(request.body)


def test_an_empty_response_is_sent_as_one():
    outcome = serve("raw", next=[event("")])
    assert outcome.only("response").header("Content-Length") == "0"
    assert outcome.end == WAITS


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"])
def test_a_proxy_of_the_environment_is_not_used(variable):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    outcome = serve(next=[RESPONSE], variables={variable: f"http://127.0.0.1:{port}"})
    assert outcome.operations == ["next", "response", "next"]


# --- Events ----------------------------------------------------------------------------------------------------------


def test_the_context_is_what_the_headers_say():
    identity = {"cognitoIdentityId": "eu-west-1:id", "cognitoIdentityPoolId": "eu-west-1:pool"}
    seen = sighting(headers={
        "Lambda-Runtime-Client-Context": '{"custom": {"é": "v"}}',
        "Lambda-Runtime-Cognito-Identity": json.dumps(identity),
        "Lambda-Runtime-Aws-Tenant-Id": "tenant-1",
    })
    trace = EVENT_HEADERS["Lambda-Runtime-Trace-Id"]
    assert seen["requestID"] == request_id()
    assert seen["functionARN"] == EVENT_HEADERS["Lambda-Runtime-Invoked-Function-Arn"]
    assert (seen["traceID"], seen["traceVariable"]) == (trace, trace)
    assert json.loads(seen["clientContext"]) == {"custom": {"é": "v"}}
    assert (seen["cognitoIdentityID"], seen["cognitoIdentityPoolID"]) == ("eu-west-1:id", "eu-west-1:pool")
    assert seen["tenantID"] == "tenant-1"
    assert seen["hasDeadline"] and seen["remainingMilliseconds"] > 10**9


@pytest.mark.parametrize("handler", ["typed", "synchronous", "commands"])
def test_every_kind_of_handler_gets_the_context(handler):
    outcome = serve(handler, next=[do("context")])
    assert outcome.answers()[0]["traceVariable"] == EVENT_HEADERS["Lambda-Runtime-Trace-Id"]


@pytest.mark.parametrize(
    ("header", "fields"),
    [("Lambda-Runtime-Trace-Id", ["traceID", "traceVariable"]),
     ("Lambda-Runtime-Invoked-Function-Arn", ["functionARN"]),
     ("Content-Type", [])],
)
def test_a_missing_header_is_a_missing_field(header, fields):
    seen = sighting(without=[header])
    assert seen["requestID"] == request_id()
    assert not [field for field in fields if field in seen]


def test_what_only_some_invocations_have_is_absent_without_it():
    seen = sighting()
    assert not {"clientContext", "cognitoIdentityID", "cognitoIdentityPoolID", "tenantID"} & set(seen)


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1e12", "9223372036854775808", "99999999999999999999999"])
def test_an_unusable_deadline_is_an_unknown_one(text):
    how = {"without": ["Lambda-Runtime-Deadline-Ms"]} if text is None else {
        "headers": {"Lambda-Runtime-Deadline-Ms": text}}
    seen = sighting(**how)
    # A negative time is one long past; nothing else may be mistaken for a time.
    assert seen["remainingMilliseconds"] == (0 if seen["hasDeadline"] else 2**63 - 1)
    assert not seen["hasDeadline"] or text == "-1"


@pytest.mark.parametrize("milliseconds", ["1", "1600000000000", str(-(2**63))])
def test_past_the_deadline_no_time_remains(milliseconds):
    assert sighting(headers={"Lambda-Runtime-Deadline-Ms": milliseconds})["remainingMilliseconds"] == 0


def test_the_largest_deadline_does_not_overflow():
    assert sighting(headers={"Lambda-Runtime-Deadline-Ms": str(2**63 - 1)})["remainingMilliseconds"] > 10**9


def test_the_trace_variable_follows_each_event():
    traced = {"Lambda-Runtime-Trace-Id": "Root=1-2-3;Sampled=0"}
    outcome = serve(next=[
        do("context", 1), event('{"do": "context"}', 2, without=["Lambda-Runtime-Trace-Id"]),
        do("context", 3, headers=traced)])
    first, second, third = outcome.answers()
    assert first["traceVariable"] == EVENT_HEADERS["Lambda-Runtime-Trace-Id"]
    assert "traceVariable" not in second and "traceID" not in second
    assert third["traceVariable"] == third["traceID"] == "Root=1-2-3;Sampled=0"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", "{}", "é", '{"cognitoIdentityId":7,"cognitoIdentityPoolId":8}',
     '{"cognitoIdentityId":"a"}', '{"cognitoIdentityId":"a","cognitoIdentityPoolId":"b"', "[" * 9000])
def test_an_unusable_identity_is_none(text):
    seen = sighting(headers={"Lambda-Runtime-Cognito-Identity": text})
    assert seen["requestID"] == request_id() and "cognitoIdentityPoolID" not in seen


def test_an_identity_may_say_more():
    text = '{"x":[{}],"cognitoIdentityPoolId":"p\\u00e9","cognitoIdentityAuthType":"a","cognitoIdentityId":"i"}'
    seen = sighting(headers={"Lambda-Runtime-Cognito-Identity": text})
    assert (seen["cognitoIdentityID"], seen["cognitoIdentityPoolID"]) == ("i", "pé")


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.swapcase])
@pytest.mark.parametrize("separator", [":", ": ", ":\t ", ":    "])
def test_header_names_in_any_case_and_values_in_any_white_space(spell, separator):
    seen = sighting(spell=spell, separator=separator)
    assert seen["requestID"] == request_id() and seen["traceVariable"] == EVENT_HEADERS["Lambda-Runtime-Trace-Id"]


def test_white_space_after_a_value_is_not_part_of_it():
    seen = sighting(headers={"Lambda-Runtime-Aws-Request-Id": request_id(9) + " \t "})
    assert seen["requestID"] == request_id(9)


def test_a_header_of_sixteen_kilobytes():
    long = "Root=1-2;" + "Lineage=" + "x" * 16_000
    seen = sighting(headers={"Lambda-Runtime-Trace-Id": long})
    assert seen["traceID"] == seen["traceVariable"] == long


# --- Framing -------------------------------------------------------------------------------------------------------

PAYLOAD = bytes(range(256)) * 40


@pytest.mark.parametrize(
    "framing",
    [chunked(), chunked(1), chunked(7), chunked(4096), chunked(1000, ";name=value"), chunked(1000, ' ; a="b c"'),
     chunked(1000, trailers=[("Checksum", "1")])],
    ids=["one", "bytes", "sevens", "pages", "extension", "quoted extension", "trailer"])
def test_bodies_in_chunks(framing):
    outcome = serve("raw", next=[event(PAYLOAD, 1, framing=framing), event(PAYLOAD[::-1], 2, framing=framing)])
    assert [bytes(request.body) for request in outcome.sent("response")] == [PAYLOAD, PAYLOAD[::-1]]
    assert outcome.connections == 1


def test_a_trailer_is_no_header():
    trailers = [("Lambda-Runtime-Aws-Request-Id", request_id(2))]
    outcome = serve("raw", next=[event("{}", 1, framing=chunked(trailers=trailers))])
    assert request_id(1) in outcome.only("response").path


@pytest.mark.parametrize("framing", [chunked(5), until_close])
def test_slow_bodies(framing):
    outcome = serve("raw", next=[(Slowly(event_bytes(PAYLOAD[:600], framing=framing)), CLOSE)])
    assert bytes(outcome.only("response").body) == PAYLOAD[:600]


def test_slow_bodies_of_known_length():
    outcome = serve("raw", next=[(Slowly(event_bytes(PAYLOAD[:600])),)])
    assert bytes(outcome.only("response").body) == PAYLOAD[:600]
    assert outcome.connections == 1


@pytest.mark.parametrize("how", [{"headers": {"Connection": "close"}}, {"headers": {"connection": "x, Close"}},
                                 {"version": "HTTP/1.0"}], ids=["close", "in a list", "HTTP/1.0"])
def test_a_connection_announced_as_ended_is_not_used_again(how):
    outcome = serve("raw", next=[event("1", 1, **how), event("2", 2)])
    assert [request.connection for request in outcome.requests] == [1, 2, 2, 2, 2] and outcome.end == WAITS


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_a_body_that_ends_with_the_connection(version):
    outcome = serve("raw", next=[
        event(PAYLOAD, number, framing=until_close, version=version) + (CLOSE,) for number in (1, 2)])
    assert [bytes(request.body) for request in outcome.sent("response")] == [PAYLOAD] * 2
    assert outcome.end == WAITS


def test_an_announced_end_of_the_connection():
    outcome = serve("raw", next=[event(PAYLOAD, 1, headers={"Connection": "close"}) + (CLOSE,), event("2", 2)])
    assert [bytes(request.body) for request in outcome.sent("response")] == [PAYLOAD, b"2"]


def test_a_status_line_without_a_reason():
    bare = event_bytes(PAYLOAD).replace(b"200 OK", b"200")
    assert bytes(serve("raw", next=[(bare,)]).only("response").body) == PAYLOAD


@pytest.mark.parametrize("coding", ["chunked", "Chunked", "CHUNKED"])
def test_chunk_sizes_with_leading_zeros_and_in_any_case(coding):
    head = event_bytes(b"", without=["Content-Type"], framing=until_close)
    chunks = f"Transfer-Encoding: {coding}\r\n\r\n0000a\r\n0123456789\r\n00B\r\n0123456789!\r\n000\r\n\r\n"
    outcome = serve("raw", next=[(head.removesuffix(b"\r\n") + chunks.encode(),), event("after", 2)])
    assert [bytes(r.body) for r in outcome.sent("response")] == [b"01234567890123456789!", b"after"]


def test_a_body_in_chunks_that_also_says_its_length():
    """The chunks count (RFC 9112, 6.3)."""
    outcome = serve("raw", next=[event(PAYLOAD, headers={"Content-Length": "5"}, framing=chunked(100)) + (CLOSE,)])
    assert bytes(outcome.only("response").body) == PAYLOAD


@pytest.mark.parametrize(
    "answer",
    [ACCEPTED, (response("202 Accepted", body=b"x" * 3_000_000),), (response("202 Accepted", body=b""),),
     (response("202 Accepted", body=b'{"status":"OK"}', framing=chunked(3)),),
     (response("202 Accepted", body=b"ok", framing=until_close), CLOSE),
     (response("202 Accepted", [("Connection", "close")], b"ok"), CLOSE),
     (response("202 Accepted", body=b"ok", version="HTTP/1.0"), CLOSE),
     (b"HTTP/1.1 100 Continue\r\n\r\n", *ACCEPTED), (Slowly(ACCEPTED[0]),)],
    ids=["usual", "large", "empty", "chunked", "until close", "announced close", "HTTP/1.0", "100 first", "slow"])
@pytest.mark.parametrize("what", ["return", "throw"])
def test_a_report_is_taken_whatever_the_form_of_the_answer(answer, what):
    outcome = serve(next=[do(what, 1), do(what, 2)], response=[answer], error=[answer])
    report = "response" if what == "return" else "error"
    assert outcome.end == WAITS and outcome.operations == ["next", report, "next", report, "next"]


@pytest.mark.parametrize(
    "interim",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
     b"HTTP/1.1 103 Early Hints\r\nLambda-Runtime-Aws-Request-Id: early\r\nLambda-Runtime-Trace-Id: early\r\n\r\n"],
    ids=["100", "102 thrice", "103 with headers"])
def test_interim_responses_are_not_the_response(interim):
    outcome = serve(next=[(interim, event_bytes('{"do": "context"}', without=["Lambda-Runtime-Trace-Id"]))])
    assert request_id() in outcome.only("response").path
    assert "traceID" not in outcome.answers()[0]


def test_an_empty_event_is_an_event():
    outcome = serve("raw", next=[event("", 1), event("", 2, framing=chunked()), event("{}", 3)])
    assert [bytes(request.body) for request in outcome.sent("response")] == [b"", b"", b"{}"]


# --- Sizes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [6 * MEBIBYTE - 1, 6 * MEBIBYTE, 6 * MEBIBYTE + 1])
@pytest.mark.parametrize("framing", [None, chunked(65_521)], ids=["fixed", "chunked"])
def test_six_mebibytes_go_both_ways(size, framing):
    payload = (PAYLOAD * (size // len(PAYLOAD) + 1))[:size]
    outcome = serve("raw", next=[event(payload, **({"framing": framing} if framing else {})), event("after", 2)])
    first, second = outcome.sent("response")
    assert first.body == payload and second.body == b"after"
    assert first.header("Content-Length") == str(size) and "expect" not in first.names


@pytest.mark.parametrize("size", [MAXIMUM_RESPONSE - 1, MAXIMUM_RESPONSE])
def test_the_largest_response_is_taken(size):
    outcome = serve(next=[do("return", count=size)], response=[limiting_size])
    assert len(outcome.only("response").body) == size and outcome.end == WAITS
    assert outcome.log_lines() == []


def test_many_events_share_one_connection():
    outcome = serve("raw", next=[event(str(number), number) for number in range(1, 40)])
    assert [bytes(request.body).decode() for request in outcome.sent("response")] == [str(n) for n in range(1, 40)]
    assert outcome.connections == 1 and outcome.end == WAITS


def test_sizes_do_not_leak_from_one_event_to_the_next():
    sizes = [0, 70_000, 1, 3 * MEBIBYTE, 0, 2, 65_536, 65_535]
    outcome = serve("raw", next=[event(b"x" * size, number) for number, size in enumerate(sizes, 1)])
    assert [len(request.body) for request in outcome.sent("response")] == sizes
