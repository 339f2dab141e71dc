"""AWS's own Python runtime client under our Runtime API, and bad starts of our own functions."""

import base64
import contextlib
import json
import re
import subprocess
import sys
import time

import boto3
import botocore.config
import pytest

from programs import FUNCTIONS, built, fincore_binary, running, wait_for_file

LOG_SECONDS = 10

# A runtime of a few lines that says to the Runtime API exactly what the event tells it to.
RAW = '''#!{python}
import base64, http.client, json, os, sys
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
runtime = "/2018-06-01/runtime/invocation/"
while True:
    connection.request("GET", runtime + "next")
    response = connection.getresponse()
    event = json.loads(response.read())
    path = runtime + response.getheader("Lambda-Runtime-Aws-Request-Id")
    connection.putrequest("POST", path + event.get("to", "/response"))
    connection.putheader("Transfer-Encoding", "chunked")
    for name, value in event.get("headers", {{}}).items():
        connection.putheader(name, value)
    connection.endheaders()
    for size, text in event.get("chunks", []):
        chunk = (text * size).encode()
        connection.send(b"%x\\r\\n" % len(chunk) + chunk + b"\\r\\n")
    connection.send(b"0\\r\\n" + event.get("trailers", "").encode() + b"\\r\\n")
    response = connection.getresponse()
    print("answered", response.status, response.read().decode(), file=sys.stderr, flush=True)
'''

HANDLER = '''
import os, sys

def echo(event, context):
    return {"event": event, "function": context.function_name, "arn": context.invoked_function_arn,
            "id": context.aws_request_id, "remaining": context.get_remaining_time_in_millis(),
            "trace": os.environ.get("_X_AMZN_TRACE_ID"), "tenant": context.tenant_id,
            "client": context.client_context.custom if context.client_context else None,
            "identity": context.identity and context.identity.cognito_identity_id}

def fail(event, context):
    raise ValueError("no luck with é")

def crash(event, context):
    print("last words", file=sys.stderr, flush=True)
    os._exit(9)
'''


@pytest.fixture
def host(tmp_path):
    """Starts `fincore host` with AWS's Python client as the bootstrap; gives a boto3 Lambda client."""
    (tmp_path / "app.py").write_text(HANDLER)
    bootstrap = tmp_path / "bootstrap"
    bootstrap.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awslambdaric "$_HANDLER"\n')
    bootstrap.chmod(0o755)
    started = []
    with contextlib.ExitStack() as stack:

        def start(handler, timeout=20):
            ready = tmp_path / f"ready-{len(started)}.json"
            log = stack.enter_context(open(tmp_path / f"log-{len(started)}", "w+"))
            process = stack.enter_context(running(
                [fincore_binary(), "host", bootstrap, "--port", "0", "--handler", f"app.{handler}",
                 "--timeout", str(timeout), "--variable", f"PYTHONPATH={tmp_path}", "--ready-file", ready],
                stdout=log, stderr=log))
            started.append((process, log))
            return boto3.client(
                "lambda", endpoint_url=wait_for_file(ready, process)["endpoint"], region_name="eu-west-1",
                aws_access_key_id="test", aws_secret_access_key="test",
                config=botocore.config.Config(retries={"total_max_attempts": 1}))

        def log():
            started[-1][1].seek(0)
            return started[-1][1].read()

        def raw():
            bootstrap.write_text(RAW.format(python=sys.executable))
            return start("raw")

        start.log = log
        start.raw = raw
        yield start
    assert [process.returncode for process, _ in started] == [0] * len(started)


def payload(answer):
    return json.loads(answer["Payload"].read())


def logged(host, text):
    """Whether the text comes into the log: a line of a function may take longer than its answer."""
    deadline = time.monotonic() + LOG_SECONDS
    while text not in host.log() and time.monotonic() < deadline:
        time.sleep(0.01)
    return text in host.log()


def test_event_context_and_response(host):
    client = host("echo")
    answer = client.invoke(FunctionName="function", Payload=json.dumps({"amount": 1999, "text": "é"}))
    seen = payload(answer)
    assert answer["StatusCode"] == 200 and "FunctionError" not in answer
    assert answer["ExecutedVersion"] == "$LATEST"
    assert seen["event"] == {"amount": 1999, "text": "é"}
    assert seen["function"] == "function"
    assert seen["arn"] == "arn:aws:lambda:eu-west-1:000000000000:function:function"
    assert 0 < seen["remaining"] <= 20_000
    assert seen["trace"].startswith("Root=1-")


def test_client_context_arrives_decoded(host):
    context = "eyJjdXN0b20iOiB7ImsiOiAidiJ9fQ=="  # {"custom": {"k": "v"}}
    answer = host("echo").invoke(FunctionName="function", Payload="{}", ClientContext=context)
    assert payload(answer)["client"] == {"k": "v"}


def test_tenant_and_cognito_identity_arrive(host):
    client = host("echo")
    identity = json.dumps({"cognitoIdentityId": "someone", "cognitoIdentityPoolId": "pool"})
    client.meta.events.register(
        "before-sign.lambda.Invoke",
        lambda request, **_: request.headers.add_header("X-Amz-Cognito-Identity", identity))
    seen = payload(client.invoke(FunctionName="function", TenantId="blue", Payload="{}"))
    assert seen["tenant"] == "blue" and seen["identity"] == "someone"


def test_exception_is_an_unhandled_function_error(host):
    answer = host("fail").invoke(FunctionName="function", Payload="{}")
    document = payload(answer)
    assert answer["FunctionError"] == "Unhandled"
    assert document["errorType"] == "ValueError" and document["errorMessage"] == "no luck with é"
    assert document["stackTrace"]


def test_crash_is_reported_with_its_last_words_and_the_next_invocation_works(host):
    client = host("crash")
    for _ in range(2):
        answer = client.invoke(FunctionName="function", Payload="{}")
        assert answer["FunctionError"] == "Unhandled"
        assert payload(answer)["errorType"] == "Runtime.ExitError"
    assert logged(host, "exit status 9") and logged(host, "last words")


def test_unknown_handler_is_an_init_error(host):
    answer = host("nobody").invoke(FunctionName="function", Payload="{}")
    assert payload(answer)["errorType"] == "Runtime.HandlerNotFound"


def test_asynchronous_dry_run_and_unknown_function(host):
    client = host("echo")
    assert client.invoke(FunctionName="function", InvocationType="Event", Payload="{}")["StatusCode"] == 202
    assert client.invoke(FunctionName="function", InvocationType="DryRun", Payload="{}")["StatusCode"] == 204
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="nobody", Payload="{}")


def test_six_megabytes_both_ways_and_not_more(host):
    client = host("echo")
    text = "a" * (6 * 1024 * 1024 - 1000)
    answer = client.invoke(FunctionName="function", Payload=json.dumps(text))
    assert payload(answer)["event"] == text
    with pytest.raises(client.exceptions.RequestTooLargeException):
        client.invoke(FunctionName="function", Payload=json.dumps("a" * (6 * 1024 * 1024)))


STREAMING = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
ERROR_TRAILERS = (
    "Lambda-Runtime-Function-Error-Type: Function.Broken\r\nLambda-Runtime-Function-Error-Body: "
    + base64.b64encode(b'{"errorType": "Function.Broken", "errorMessage": "half way"}').decode() + "\r\n")


def streamed(client, event):
    """What AWS's own parser of event streams reads: the bytes, and how the stream ended."""
    answer = client.invoke_with_response_stream(FunctionName="function", Payload=json.dumps(event))
    events = list(answer["EventStream"])
    chunks = [event["PayloadChunk"]["Payload"] for event in events[:-1]]
    return b"".join(chunks), events[-1]["InvokeComplete"]


def test_a_stream_arrives_whole_and_larger_than_a_buffered_response_may_be(host):
    client = host.raw()
    size = 8 * 1024 * 1024
    event = {"headers": STREAMING, "chunks": [[size, "a"], [1, "b"]]}
    body, end = streamed(client, event)
    assert body == b"a" * size + b"b"
    assert "ErrorCode" not in end
    answer = client.invoke(FunctionName="function", Payload=json.dumps(event))
    assert answer["FunctionError"] == "Unhandled"
    assert payload(answer)["errorType"] == "Function.ResponseSizeTooLarge"
    assert logged(host, "answered 413 ") and logged(host, "RequestEntityTooLarge")


def test_a_stream_that_fails_half_way_is_an_error(host):
    client = host.raw()
    event = {"headers": STREAMING, "chunks": [[3, "a"]], "trailers": ERROR_TRAILERS}
    body, end = streamed(client, event)
    assert body == b"aaa" and end["ErrorCode"] == "Function.Broken"
    assert json.loads(end["ErrorDetails"])["errorMessage"] == "half way"
    answer = client.invoke(FunctionName="function", Payload=json.dumps(event))
    assert answer["FunctionError"] == "Unhandled"
    assert payload(answer) == {"errorType": "Function.Broken", "errorMessage": "half way"}
    body, end = streamed(client, {"headers": STREAMING, "chunks": [[1, "x"]]})
    assert body == b"x" and "ErrorCode" not in end


def test_an_unknown_response_mode_fails_the_invocation(host):
    client = host.raw()
    event = {"headers": {"Lambda-Runtime-Function-Response-Mode": "later"}, "chunks": [[1, "x"]]}
    answer = client.invoke(FunctionName="function", Payload=json.dumps(event))
    assert payload(answer)["errorType"] == "Runtime.InvalidResponseModeHeader"
    # The runtime is stuck, asks in vain for its next event, dies of the refusal, and is replaced.
    answer = client.invoke(FunctionName="function", Payload=json.dumps({"chunks": [[1, "1"]]}))
    assert payload(answer) == 1
    assert logged(host, "InvalidFunctionResponseMode")


def test_an_error_report_in_chunks_is_taken(host):
    event = {"to": "/error", "chunks": [[1, '{"errorType": "T"}']],
             "headers": {"Lambda-Runtime-Function-Error-Type": "Function.NoLuck"}}
    answer = host.raw().invoke(FunctionName="function", Payload=json.dumps(event))
    assert answer["FunctionError"] == "Unhandled" and payload(answer) == {"errorType": "T"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_missing_variable_is_named_at_init(function, tmp_path):
    """One line that names it, init/error, exit 1: seen through the emulator, which reports all three."""
    ready = tmp_path / "ready.json"
    log = tmp_path / "log"
    aws = ["AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_ENDPOINT_URL=http://127.0.0.1:9"]
    variables = [word for pair in aws for word in ("--variable", pair)]
    command = [fincore_binary(), "host", built(function), "--port", "0", *variables, "--ready-file", ready]
    with log.open("w") as output, running(command, stdout=output, stderr=output) as process:
        client = boto3.client(
            "lambda", endpoint_url=wait_for_file(ready, process)["endpoint"], region_name="eu-west-1",
            aws_access_key_id="test", aws_secret_access_key="test")
        document = payload(client.invoke(FunctionName="function", Payload="{}"))
    assert document["errorType"] == "Function.ConfigurationInvalid", document
    assert re.fullmatch(r"the environment variable [A-Z_]+ is not set", document["errorMessage"]), document
    text = log.read_text()
    assert '"level":"FATAL"' in text and "is not set" in text


def test_a_missing_runtime_api_is_one_line_and_exit_status_1():
    run = subprocess.run(
        [built("Worker")], env={}, capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 1
    assert "AWS_LAMBDA_RUNTIME_API" in run.stderr and run.stderr.count("\n") == 1
