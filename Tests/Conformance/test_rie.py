"""Every bootstrap under AWS's own runtime interface emulator answers as it does under ours."""

import contextlib
import json

import boto3
import pytest
from botocore.config import Config

from bootstraps import BUILDS, bootstrap
from event_fixtures import FixtureCopy
from local_stack import local_stack
from programs import fincore_binary, running, wait_for_file
from rie_support import emulator

MEBIBYTE = 1024 * 1024

# One event that is worked on to the end, and one that is refused, for every function that refuses.
FIXTURES = [
    "payment-service/create-charge",
    "payment-service/card-number",
    "worker/charge",
    "worker/foreign-record",
    "risk-engine/several-rules",
    "risk-engine/malformed",
    "webhook/payment-intent-succeeded",
    "webhook/bad-signature",
    "projectionist/first-events",
    "projectionist/foreign-record",
    "ledger/refunds",
    "ledger/foreign-record",
    "reconciliation/all-matched",
    "reconciliation/missing-file",
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with local_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", FIXTURES)
def test_a_function_answers_and_acts_as_under_our_emulator(stack, tmp_path, build, name):
    own, foreign = FixtureCopy(name), FixtureCopy(name)
    stack.prepare(own)
    stack.prepare(foreign)
    expected, fails = stack.invoke(own.function, own.event)
    assert fails == ("error" in own.expected) and own.meets(expected), expected
    with emulator(bootstrap(own.function, build), tmp_path, stack.variables(own.function)) as rie:
        answer = rie.invoke(foreign.event)
        assert answer.status == 200, rie.log()
        assert foreign.comparable(answer.document) == own.comparable(expected), rie.log()
    stack.check_effects(own)
    stack.check_effects(foreign)


# --- What no event of ours brings about: ContractProbe does what its events say -------------------------------------


class OurEmulator:
    """`fincore host` around a bootstrap, seen through the Invoke API."""

    def __init__(self, endpoint):
        self._client = boto3.client(
            "lambda", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="test",
            aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))

    def invoke(self, event, **options):
        """The payload answered with, and whether the function failed."""
        payload = event if isinstance(event, bytes) else json.dumps(event)
        answer = self._client.invoke(FunctionName="function", Payload=payload, **options)
        return answer["Payload"].read(), "FunctionError" in answer


@contextlib.contextmanager
def our_emulator(path, folder, handler="bootstrap", timeout=20):
    ready = folder / "host.json"
    command = [
        fincore_binary(), "host", path, "--port", "0", "--handler", handler, "--timeout", str(timeout),
        "--ready-file", ready]
    with (folder / "host.log").open("w") as log, running(command, stdout=log, stderr=log) as process:
        yield OurEmulator(wait_for_file(ready, process)["endpoint"])


@pytest.fixture
def both(tmp_path):
    """Starts a bootstrap under AWS's emulator and under ours."""
    with contextlib.ExitStack() as stack:

        def start(function="ContractProbe", build="built", **options):
            path = bootstrap(function, build)
            return (
                stack.enter_context(emulator(path, tmp_path, **options)),
                stack.enter_context(our_emulator(path, tmp_path, **options)),
            )

        yield start


def identifiers(rie):
    return {process.identifier for process in rie.bootstraps()}


def test_a_reported_error_reaches_the_caller_word_for_word(both):
    aws, ours = both()
    event = {"do": "throw", "type": "Function.NoFunds", "text": 'é "quoted" \u2028 \n\t\u0000 \U0001f600'}
    answer, (expected, fails) = aws.invoke(event), ours.invoke(event)
    assert answer.status == 200 and fails
    assert answer.document == json.loads(expected)
    assert answer.document == {
        "errorType": "Function.NoFunds", "errorMessage": event["text"], "stackTrace": ["ContractProbe", "Command"]}
    # The same process goes on.
    processes = identifiers(aws)
    assert aws.invoke({"do": "text", "text": "1"}).document == 1
    assert identifiers(aws) == processes


def test_five_megabytes_come_and_go(both):
    # AWS's emulator takes 5 MB, but hangs over somewhat more than the 6 MB that Lambda allows.
    payload = json.dumps("é" * (5 * MEBIBYTE // 2), ensure_ascii=False).encode()
    aws, ours = both(handler="raw")
    assert aws.invoke(payload).body == payload
    assert ours.invoke(payload) == (payload, False)


def test_a_response_over_the_limit_is_the_callers_error_and_the_process_goes_on(both):
    aws, ours = both()
    # Lambda's limit and a hundred bytes are still taken; one more is not.
    assert len(aws.invoke({"do": "return", "count": 6 * MEBIBYTE + 100}).body) == 6 * MEBIBYTE + 100
    processes = identifiers(aws)
    event = {"do": "return", "count": 6 * MEBIBYTE + 101}
    answer, (expected, fails) = aws.invoke(event), ours.invoke(event)
    assert answer.document["errorType"] == json.loads(expected)["errorType"] == "Function.ResponseSizeTooLarge"
    assert fails
    assert aws.invoke({"do": "text", "text": "1"}).document == 1
    assert ours.invoke({"do": "text", "text": "1"}) == (b"1", False)
    assert identifiers(aws) == processes


def test_a_process_that_exits_is_replaced(both):
    aws, ours = both()
    assert aws.invoke({"do": "text", "text": "1"}).document == 1
    processes = identifiers(aws)
    answer, (expected, fails) = aws.invoke({"do": "exit", "count": 3}), ours.invoke({"do": "exit", "count": 3})
    assert answer.status == 502 and fails
    assert answer.document["errorType"] == json.loads(expected)["errorType"] == "Runtime.ExitError"
    assert aws.invoke({"do": "text", "text": "2"}).document == 2
    assert not identifiers(aws) & processes


@pytest.mark.parametrize("way", ["trap", "null", "abort"])
def test_a_crash_is_reported_before_the_process_dies(both, way):
    aws, ours = both()
    assert aws.invoke({"do": "text", "text": "1"}).document == 1
    processes = identifiers(aws)
    answer, (expected, fails) = aws.invoke({"do": way}).document, ours.invoke({"do": way})
    expected = json.loads(expected)
    # Where in memory it happened is another place in every process.
    for trace in (answer.pop("stackTrace"), expected.pop("stackTrace")):
        assert trace and all(frame.startswith("0x") for frame in trace)
    assert answer == expected and answer["errorType"] == "Function.Crashed" and fails
    assert aws.invoke({"do": "text", "text": "2"}).document == 2
    assert ours.invoke({"do": "text", "text": "2"}) == (b"2", False)
    assert not identifiers(aws) & processes


def test_an_invocation_that_takes_too_long_is_ended_and_the_next_one_works(both):
    aws, ours = both(timeout=1)
    event = {"do": "sleep", "count": 600_000}
    answer, (expected, fails) = aws.invoke(event), ours.invoke(event)
    assert answer.body.decode().endswith("Task timed out after 1.00 seconds") and fails
    assert json.loads(expected)["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert aws.invoke({"do": "text", "text": "2"}).document == 2


def test_the_context_is_what_the_emulator_says(both):
    context = {"client": {"app_title": "é"}, "custom": {"k": "v"}, "env": {}}
    aws, ours = both(timeout=7)
    seen = aws.invoke({"do": "context"}, client_context=context).document
    assert json.loads(seen["clientContext"]) == context
    assert seen["functionARN"].startswith("arn:aws:lambda:") and seen["functionARN"].endswith(":function:test_function")
    assert seen["hasDeadline"] and 0 < seen["remainingMilliseconds"] <= 7000
    # What it does not say is absent, and does not stay from an invocation before.
    assert "clientContext" not in aws.invoke({"do": "context"}).document
    assert not {"cognitoIdentityID", "tenantID"} & set(seen)


@pytest.mark.parametrize("build", BUILDS)
def test_the_echo_function_names_the_records_that_failed(both, build):
    records = [
        {"messageId": f"message-{number}", "receiptHandle": "handle", "body": body, "attributes": {},
         "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
         "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:queue", "awsRegion": "eu-west-1"}
        for number, body in enumerate(["taken", "failed as it says", "x" * (5 * MEBIBYTE)])
    ]
    aws, ours = both("Echo", build)
    answer, expected = aws.invoke({"Records": records}), ours.invoke({"Records": records})
    assert answer.document == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert expected == (answer.body, False)
    # What is no batch is an error of the function, in the form every error has.
    refused = aws.invoke({"Records": [{"messageId": 1}]}).document
    assert refused == json.loads(ours.invoke({"Records": [{"messageId": 1}]})[0])
    assert set(refused) == {"errorType", "errorMessage", "stackTrace"}
