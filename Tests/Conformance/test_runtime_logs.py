"""The log: JSON or text, by level, at once, a document or a line each whatever the text, and never a payload."""

import base64
import json
import os
import re
import struct

import pytest

from runtime_api_answers import EVENT_HEADERS, MAXIMUM_RESPONSE, do, event, limiting_size, request_id, status
from runtime_probe import serve, started

LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
# Texts that break logs: line ends of every kind, controls, quotes, what JavaScript takes for a line end, long ones.
HOSTILE = {
    "line ends": "a\nb\r\nc\rd\x0be\x0cf",
    "controls": "".join(map(chr, range(0x20))) + "\x7f",
    "C1 controls": "".join(map(chr, range(0x80, 0xA0))),
    "Unicode line ends": "a\u2028b\u2029c\x85d",
    "quotes": "\"'`\\\\\" \\u0000 \\",
    "forged": '"}\n{"level":"INFO","message":"forged"}\n2026-11-20T12:00:00.123Z INFO forged',
    "astral": "\U0001f4b3 \U0010ffff \ufeff\u202e",
    "fields": 'a=b c="d" e',
    "empty": "",
    "long": "x" * 300_000,
}


def logging(text, level=None, number=1):
    return do("log", number, text=text, **({"level": level} if level else {}))


def lines_of(text, level=None, **variables):
    """The log's raw lines after one text was logged."""
    log = serve(next=[logging(text, level)], variables=variables).log
    assert log.endswith("\n")
    return log.split("\n")[:-1]


# --- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", [None, "JSON", "json", "unknown"])
def test_json_lines_name_time_level_function_and_request(log_format):
    variables = {} if log_format is None else {"AWS_LAMBDA_LOG_FORMAT": log_format}
    (line,) = lines_of("text", "INFO", **variables)
    document = json.loads(line)
    assert re.fullmatch(TIME, document["timestamp"])
    assert (document["level"], document["message"], document["function"]) == ("INFO", "text", "probe")
    assert document["request_id"] == request_id() and document["field"] == "text"
    assert document["trace_id"] == EVENT_HEADERS["Lambda-Runtime-Trace-Id"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_one_json_document(text):
    (line,) = lines_of(text, "ERROR")
    document = json.loads(line)
    assert document["message"] == document["field"] == text and document["level"] == "ERROR"


def test_bytes_that_are_no_text_are_one_json_document():
    outcome = serve(next=[do("log", level="INFO", hexadecimal="61ff80c3edA08062f4908080")])
    (line,) = outcome.log_lines()
    assert line["message"].startswith("a\ufffd") and "b" in line["message"]


# --- Text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", ["Text", "text", "TEXT"])
def test_text_lines_begin_with_time_level_and_message(log_format):
    (line,) = lines_of("some text", "WARN", AWS_LAMBDA_LOG_FORMAT=log_format)
    assert re.match(rf"{TIME} WARN some text ", line)
    assert f" request_id={request_id()}" in line and ' field="some text"' in line


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_one_line_in_every_readers_eyes(text):
    (line,) = lines_of(text, "ERROR", AWS_LAMBDA_LOG_FORMAT="Text")
    assert re.match(rf"{TIME} ERROR ", line)
    # Python breaks at everything that any reader takes for a line end.
    assert line.splitlines() == [line]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)


# --- Levels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", ["JSON", "Text"])
@pytest.mark.parametrize("minimum", LEVELS)
def test_levels_below_the_minimum_are_left_out(minimum, log_format):
    lines = lines_of("text", AWS_LAMBDA_LOG_LEVEL=minimum, AWS_LAMBDA_LOG_FORMAT=log_format)
    seen = [next(level for level in LEVELS if re.search(rf'"{level}"| {level} text', line)) for line in lines
            if "text" in line]
    assert seen == LEVELS[LEVELS.index(minimum) :]


@pytest.mark.parametrize(("name", "first"), [(None, "INFO"), ("", "INFO"), ("nonsense", "INFO"), ("debug", "DEBUG")])
def test_without_a_level_that_lambda_knows_it_is_info(name, first):
    variables = {} if name is None else {"AWS_LAMBDA_LOG_LEVEL": name}
    assert json.loads(lines_of("text", **variables)[0])["level"] == first


# --- Secrets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", ["JSON", "Text"])
@pytest.mark.parametrize(
    "number", ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005"])
def test_card_numbers_are_masked(number, log_format):
    lines = lines_of(f"card {number}.", "INFO", AWS_LAMBDA_LOG_FORMAT=log_format)
    assert number not in lines[0] and number[:12] not in lines[0] and number[-4:] in lines[0]


def test_an_id_that_looks_like_a_card_number_is_not_masked():
    """One UUID in some thousands does; without it nobody finds the invocation."""
    identifier = "8476a536-e9f4-11e8-9739-000000000001"
    outcome = serve(next=[event('{"do": "log"}', headers={"Lambda-Runtime-Aws-Request-Id": identifier})])
    assert {line["request_id"] for line in outcome.log_lines()} == {identifier}


SECRET = "payload-marker-7c1e"
# A document inside the event that cannot be decoded: the error of Swift's decoder quotes the value.
INNER = json.dumps({"do": "decode", "text": json.dumps({"kind": SECRET})})


def queue_message(body):
    return json.dumps({"Records": [{
        "messageId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "receiptHandle": "handle", "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"}, "messageAttributes": {},
        "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue", "awsRegion": "eu-west-1"}]})


def stream_record(text):
    return json.dumps({"Records": [{
        "kinesis": {
            "kinesisSchemaVersion": "1.0", "partitionKey": "key", "sequenceNumber": "1",
            "data": base64.b64encode(text.encode()).decode(), "approximateArrivalTimestamp": 1545084650.987},
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": "shardId-000000000006:1",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/role",
        "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/stream"}]})


@pytest.mark.parametrize(
    ("handler", "payload", "how"),
    [
        ("raw", SECRET, {}),
        ("raw", SECRET, {"response": [status(403)]}),
        ("raw", SECRET, {"response": [status(500)]}),
        ("raw", SECRET * (MAXIMUM_RESPONSE // len(SECRET) + 1), {"response": [limiting_size]}),
        ("typed", SECRET, {}),
        ("typed", f'{{"do": "{SECRET}"}}', {}),
        ("typed", f'{{"do": "a", "count": "{SECRET}"}}', {}),
        ("typed", f'{{"do": "a", "{SECRET}": ', {}),
        ("commands", f'{{"do": "trap", "text": "{SECRET}"}}', {}),
        ("synchronous", f'{{"do": "context", "text": "{SECRET}"}}', {}),
        ("commands", f'{{"do": "throw", "text": "{SECRET}"}}', {}),
        ("commands", INNER, {}),
        ("synchronous", INNER, {}),
        ("streaming", f'{{"do": "stream", "then": "decode", "text": "{{\\"kind\\": \\"{SECRET}\\"}}"}}', {}),
        ("streaming", f'{{"do": "stream", "chunks": ["x"], "then": "throw", "text": "{SECRET}"}}', {}),
        ("sqs", queue_message(f'{{"kind": "{SECRET}"}}'), {}),
        ("kinesis", stream_record(f'{{"kind": "{SECRET}"}}'), {}),
        ("streaming", f'{{"do": "stream", "chunks": ["{SECRET}"]}}', {}),
        ("streaming", f'{{"do": "stream", "chunks": ["{SECRET}"]}}', {"response": [status(403)]}),
        ("sqs", SECRET, {}),
        ("sqs", f'{{"Records": [{{"{SECRET}": "{SECRET}"}}]}}', {}),
        ("sqs", f'{{"Records": [{{"messageId": "{SECRET}"', {}),
        ("kinesis", f'{{"Records": "{SECRET}"}}', {}),
        ("kinesis", f'{{"Records": [{{"kinesis": {{"data": "{SECRET}!"}}}}]}}', {}),
    ],
)
def test_a_payload_is_never_logged_at_any_level(handler, payload, how):
    outcome = serve(handler, next=[event(payload)], variables={"AWS_LAMBDA_LOG_LEVEL": "TRACE"}, **how)
    assert outcome.requests and SECRET not in outcome.log
    # Nor does a report quote what could not be read.
    assert not [r for r in outcome.sent("error") if SECRET.encode() in r.body or SECRET in json.dumps(r.headers)]


@pytest.mark.parametrize(("handler", "payload", "failure"), [
    ("commands", INNER, "invocation failed"),
    ("sqs", queue_message('{"kind": "x"}'), "record failed"),
    ("kinesis", stream_record('{"kind": "x"}'), "record failed"),
], ids=["commands", "sqs", "kinesis"])
def test_what_cannot_be_decoded_is_told_by_the_type_of_its_error(handler, payload, failure):
    (line,) = serve(handler, next=[event(payload)]).log_lines()
    assert line["message"] == failure and line["error"].startswith("an error of type Swift.DecodingError;")


@pytest.mark.parametrize("trace", ["Root=4242424242424242", "4242 4242 4242 4242"])
def test_a_trace_that_is_none_is_masked(trace):
    (line,) = serve(next=[event('{"do": "log", "level": "INFO"}', headers={"Lambda-Runtime-Trace-Id": trace})]).log_lines()
    assert line["trace_id"].endswith("4242") and "4242424242" not in line["trace_id"].replace(" ", "")


# --- At once -------------------------------------------------------------------------------------------------------


def test_a_line_is_there_while_the_handler_still_runs():
    with started(next=[do("sleep", count=600_000)]) as session:
        session.wait_until(lambda: '"sleeping"' in session.log(), "the line")
        assert session.process.poll() is None and session.api.requests[-1].operation == "next"


def test_the_last_line_before_a_crash_is_there():
    log = serve(next=[do("trap after log", text="last words")]).log
    assert json.loads(log.split("\n")[0])["message"] == "last words"


def test_a_closed_standard_error_does_not_end_the_process():
    read, write = os.pipe()
    os.close(read)
    try:
        with started(next=[logging("a", "ERROR", 1), logging("b", "ERROR", 2)], standard_error=write) as session:
            outcome = session.finish()
    finally:
        os.close(write)
    assert len(outcome.sent("response")) == 2


# --- Lambda's own channel ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("log_format", "bit"), [("JSON", 0), ("Text", 1)])
def test_lambdas_channel_takes_frames(log_format, bit):
    """Type, length and time in microseconds, big-endian, then the record; the type tells format and level."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as frames:
        outcome = serve(next=[logging("a\nb", None, 1)], files=[write], variables={
            "_LAMBDA_TELEMETRY_LOG_FD": str(write), "AWS_LAMBDA_LOG_FORMAT": log_format,
            "AWS_LAMBDA_LOG_LEVEL": "TRACE"})
        os.close(write)
        data = frames.read()
    levels = {}
    while data:
        kind, length, microseconds = struct.unpack(">IIQ", data[:16])
        assert 1_700_000_000_000_000 < microseconds < 10**16
        text = data[16 : 16 + length].decode()
        levels[kind] = json.loads(text)["level"] if log_format == "JSON" else text.split()[1]
        data = data[16 + length :]
    assert levels == {0xA55A0002 | (number << 2) | bit: name for number, name in enumerate(LEVELS, 1)}
    assert outcome.log == ""
