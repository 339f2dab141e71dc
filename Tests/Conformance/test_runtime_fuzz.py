"""Seeded random texts and bytes: reports and logs stay valid JSON, and no peer makes the client crash, hang or spin."""

import itertools
import json
import os
import random

import pytest

from runtime_api_answers import CLOSE, RESET, Slowly, chunked, do, event, event_bytes, fixed, request_id
from runtime_api_script import REQUEST_LIMIT
from runtime_probe import ERROR_TYPE, WAITS, checked_report, serve

SEED = int(os.environ.get("FINCORE_FUZZ_SEED", "20261120"))
# Scenarios for each test; a larger number searches longer.
ROUNDS = int(os.environ.get("FINCORE_FUZZ_ROUNDS", "6"))
EVENTS = 30
# Bytes of an error's message that a report holds.
MAXIMUM_MESSAGE = 64 * 1024

# Pieces that break escaping, framing and masking, mixed with plain random bytes.
PIECES = [
    b'"', b"\\", b"\\u", b"\\ud800", b"\x00", b"\x1b[31m", b"\r\n", b"\n\n", b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", "é".encode(),
    "\U0001f4b3".encode(), b"{}", b"]}", b"</script>", b"%s%n", b": ", b";", b",", b"Content-Length: 0\r\n\r\n",
    b"4242424242424242", b"4242 4242", b"\xe2\x80\xae", b"a" * 100, b" " * 50, b"\t"]


def random_bytes(source, most):
    """Bytes that are rarely text, up to a length that is mostly small."""
    length = int(most ** source.random())
    made = bytearray()
    while len(made) < length:
        made += source.choice(PIECES) if source.random() < 0.7 else source.randbytes(source.randint(1, 8))
    return bytes(made[:length])


def sources():
    """One source of randomness per round, named by its seed so that a failure can be repeated."""
    return pytest.mark.parametrize("seed", range(SEED, SEED + ROUNDS))


# --- Texts ---------------------------------------------------------------------------------------------------------


@sources()
def test_any_error_text_and_type_is_a_valid_report(seed):
    source = random.Random(seed)
    texts = [random_bytes(source, 200_000) for _ in range(EVENTS)]
    types = [random_bytes(source, 300).decode("utf-8", "replace") for _ in range(EVENTS)]
    outcome = serve(next=[
        do("throw", number, hexadecimal=text.hex(), type=error_type)
        for number, (text, error_type) in enumerate(zip(texts, types), 1)])
    assert outcome.end == WAITS, outcome.log[-300:]
    reports = outcome.sent("error")
    assert [r.path.split("/")[4] for r in reports] == [request_id(number) for number in range(1, EVENTS + 1)]
    for request, text in zip(reports, texts):
        document = checked_report(request)
        # What is longer than a message may be is cut behind a whole character, and says so.
        said, mark, _ = document["errorMessage"].partition(" … (cut, ")
        expected = unmasked(replaced(text))
        assert unmasked(said) == (expected[: len(said)] if mark else expected)
        assert (MAXIMUM_MESSAGE - 4 < len(said.encode()) <= MAXIMUM_MESSAGE) if mark else len(said.encode()) <= MAXIMUM_MESSAGE
        cause = request.header("Lambda-Runtime-Function-XRay-Error-Cause")
        assert cause is None or json.loads(cause)["exceptions"][0]["message"] == document["errorMessage"]
    assert len(outcome.log_lines()) == EVENTS


@sources()
def test_any_start_error_is_a_valid_report(seed):
    text = random_bytes(random.Random(seed), 20_000).replace(b"\0", b"")
    outcome = serve("start that throws", variables={b"PROBE_ERROR": text, b"PROBE_ERROR_TYPE": text[:40]})
    assert outcome.end == 1 and outcome.report("init/error") and len(outcome.log_lines()) == 1


@sources()
@pytest.mark.parametrize("log_format", ["JSON", "Text"])
def test_any_text_is_one_line_of_the_log(seed, log_format):
    source = random.Random(seed)
    texts = [random_bytes(source, 100_000) for _ in range(EVENTS)]
    outcome = serve(
        next=[do("log", number, hexadecimal=text.hex(), level="INFO") for number, text in enumerate(texts, 1)],
        variables={"AWS_LAMBDA_LOG_FORMAT": log_format})
    assert outcome.end == WAITS
    if log_format == "Text":
        lines = outcome.log.splitlines()
        assert len(lines) == EVENTS and all(" INFO " in line for line in lines)
        return
    for line, text in zip(outcome.log_lines(), texts, strict=True):
        assert unmasked(line["message"]) == unmasked(line["field"]) == unmasked(replaced(text))


@sources()
def test_any_error_in_a_stream_is_a_valid_trailer(seed):
    source = random.Random(seed)
    outcome = serve("streaming", next=[
        do("stream", number, chunks=["a"], then="throw", hexadecimal=random_bytes(source, 20_000).hex(),
           type=random_bytes(source, 60).decode("utf-8", "replace")) for number in range(1, 11)])
    assert outcome.end == WAITS and len(outcome.sent("response")) == 10
    for request in outcome.sent("response"):
        fields = dict(request.trailers)
        assert len(request.trailers) == 2 and ERROR_TYPE.fullmatch(fields["Lambda-Runtime-Function-Error-Type"])


def replaced(data):
    """Bytes as Swift reads them: each maximal invalid part becomes one replacement character, as in Python."""
    return data.decode("utf-8", "replace")


def unmasked(text):
    """A text without what masking may change."""
    return "".join("#" if character in "*0123456789" else character for character in text)


# --- Bytes from the peer -------------------------------------------------------------------------------------------


def mutated(source, data):
    """Some bytes changed, lost, doubled or put in."""
    data = bytearray(data)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(data) + 1)
        match source.randrange(5):
            case 0:
                data[at : at + 1] = source.randbytes(1)
            case 1:
                del data[at : at + source.randint(1, 30)]
            case 2:
                data[at:at] = source.choice(PIECES)
            case 3:
                data[at:at] = data[at : at + source.randint(1, 60)]
            case 4:
                del data[at:]
    return bytes(data)


def random_answer(source):
    """An answer to `next` that is nearly one, or nothing like one."""
    framing = fixed if source.random() < 0.5 else chunked(source.randint(1, 50), source.choice(["", ";a=b"]))
    data = event_bytes(source.randbytes(source.randint(0, 200)), source.randint(1, 99), framing=framing)
    data = source.randbytes(source.randint(0, 400)) if source.random() < 0.1 else mutated(source, data)
    sent = Slowly(data, source.randint(1, 60)) if source.random() < 0.2 else data
    return (sent, source.choice([CLOSE, CLOSE, RESET]))


@sources()
def test_any_answer_to_next_is_handled_or_ends_the_process(seed):
    """Ended by status 1, or every event was answered: no signal, no hang (the harness's bound), no spinning."""
    source = random.Random(seed)
    for _ in range(EVENTS):
        outcome = serve("raw", next=[random_answer(source) for _ in range(source.randint(1, 3))])
        assert outcome.end in (1, WAITS), outcome
        assert len(outcome.requests) < REQUEST_LIMIT


@sources()
def test_any_answer_to_a_report_goes_on_or_ends_the_process(seed):
    source = random.Random(seed)
    for _ in range(EVENTS // 2):
        handler, what = source.choice([
            ("commands", "return"), ("commands", "throw"), ("synchronous", "throw"), ("streaming", "stream")])
        answers = [random_answer(source) for _ in range(4)]
        outcome = serve(handler, next=[do(what, 1, chunks=["a"]), do(what, 2)], response=answers, error=answers)
        assert outcome.end in (1, WAITS), outcome
        assert len(outcome.requests) < REQUEST_LIMIT


HEADER_NAMES = [
    "Lambda-Runtime-Deadline-Ms", "Lambda-Runtime-Invoked-Function-Arn", "Lambda-Runtime-Trace-Id",
    "Lambda-Runtime-Client-Context", "Lambda-Runtime-Cognito-Identity", "Lambda-Runtime-Aws-Tenant-Id",
    "Content-Type", "X-Anything"]


@sources()
def test_any_header_value_is_a_value(seed):
    """Everything but line ends and NUL may stand in a header; the event is served all the same."""
    source = random.Random(seed)

    def headers():
        names = source.sample(HEADER_NAMES, source.randint(1, len(HEADER_NAMES)))
        return {name: random_bytes(source, 8000).translate(None, b"\r\n\0") for name in names}

    outcome = serve(next=[
        event('{"do": "context"}' if number % 3 else '{"do": "throw", "text": "x"}', number, headers=headers())
        for number in range(1, EVENTS)])
    assert outcome.end == WAITS, outcome.log[-500:]
    assert len(outcome.sent("response") + outcome.sent("error")) == EVENTS - 1
    assert all(answer["remainingMilliseconds"] >= 0 for answer in outcome.answers())
    outcome.log_lines()


@sources()
def test_any_request_id_is_served_or_ends_the_process(seed):
    source = random.Random(seed)
    for _ in range(EVENTS // 2):
        identifier = random_bytes(source, 400).translate(None, b"\r\n\0")
        headers = {"Lambda-Runtime-Aws-Request-Id": identifier}
        outcome = serve(next=itertools.islice(
            itertools.cycle([event('{"do": "trap"}', headers=headers), event('{"do": "log"}', headers=headers)]),
            source.randint(0, 1), 2))
        assert outcome.end in (1, -4, -5, WAITS), outcome
        assert len(outcome.requests) < 10
