"""Batches record by record: what failed is named by its own id, what order demands is kept, nothing else is named."""

import base64
import json

import pytest

from runtime_api_answers import event
from runtime_probe import WAITS, serve


def message(identifier, body, group=None):
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1"} | ({"MessageGroupId": group} if group else {})
    return {
        "messageId": identifier, "receiptHandle": "handle", "body": body, "attributes": attributes,
        "messageAttributes": {}, "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue.fifo", "awsRegion": "eu-west-1"}


def stream_record(number, text):
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0", "partitionKey": "key", "sequenceNumber": str(number),
            "data": base64.b64encode(text.encode()).decode(), "approximateArrivalTimestamp": 1545084650.987},
        "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": f"shardId-000000000006:{number}",
        "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::123456789012:role/role",
        "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/stream"}


def handled(handler, records):
    """The ids reported as failed, and the texts of the records in the order they were handled."""
    outcome = serve(handler, next=[event(json.dumps({"Records": records}))])
    assert outcome.end == WAITS, outcome.log
    (answer,) = outcome.answers()
    assert set(answer) == {"batchItemFailures"}
    assert all(set(failure) == {"itemIdentifier"} for failure in answer["batchItemFailures"])
    texts = [line["text"] for line in outcome.log_lines() if line["message"] == "record"]
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]], texts


@pytest.mark.parametrize("handler", ["sqs", "kinesis"])
def test_success_is_an_empty_list(handler):
    make = message if handler == "sqs" else stream_record
    assert handled(handler, [make(str(number), f"text {number}") for number in range(10)])[0] == []
    assert handled(handler, []) == ([], [])


def test_messages_that_fail_are_named_and_no_others():
    failed, texts = handled("sqs", [message(name, body) for name, body in [
        ("a", "ok"), ("b", "fail"), ("c", "ok"), ("d", "fail too"), ("e", "é\n\"quoted\"")]])
    assert failed == ["b", "d"] and sorted(texts) == sorted(["ok", "fail", "ok", "fail too", 'é\n"quoted"'])


def test_after_a_failure_the_rest_of_a_message_group_waits_for_it():
    failed, texts = handled("sqs", [
        message("a1", "a1", "a"), message("b1", "b1", "b"), message("a2", "fail a2", "a"), message("a3", "a3", "a"),
        message("b2", "b2", "b"), message("a4", "fail a4", "a")])
    assert failed == ["a2", "a3", "a4"]
    assert [text for text in texts if "a" in text.split()[-1]] == ["a1", "fail a2"]
    assert [text for text in texts if text.startswith("b")] == ["b1", "b2"]


def test_odd_ids_come_back_as_they_were():
    identifiers = ['with "quotes"', "back\\slash", "é\u2028\U0001f4b3", "new\nline", "x" * 2000, ""]
    failed, _ = handled("sqs", [message(identifier, "fail") for identifier in identifiers])
    assert sorted(failed) == sorted(identifiers)


def test_a_stream_stops_at_its_first_failure():
    """Lambda delivers everything from the lowest reported record on again: what lies behind must not be handled."""
    failed, texts = handled("kinesis", [
        stream_record(1, "one"), stream_record(2, "two"), stream_record(3, "fail"), stream_record(4, "four"),
        stream_record(5, "fail")])
    assert failed == ["3"] and texts == ["one", "two", "fail"]


def test_sequence_numbers_are_not_numbers():
    number = "49590338271490256608559692538361571095921575989136588898"
    assert handled("kinesis", [stream_record(number, "fail")])[0] == [number]


@pytest.mark.parametrize("handler", ["sqs", "kinesis"])
@pytest.mark.parametrize("payload", ["", "{}", "[]", '{"Records": null}', '{"Records": {}}', '{"Records": [7]}',
                                     '{"Records": [{}]}', '{"Records": ['])
def test_what_is_no_batch_fails_as_a_whole(handler, payload):
    """An answer would make Lambda delete what nobody has handled."""
    outcome = serve(handler, next=[event(payload)])
    assert outcome.operations == ["next", "error", "next"]
    assert outcome.report()["errorType"].startswith("Function.")


def test_a_batch_of_six_megabytes():
    records = [stream_record(number, "x" * 4000) for number in range(1100)]
    failed, texts = handled("kinesis", [*records, stream_record(2000, "fail")])
    assert failed == ["2000"] and len(texts) == 1101
