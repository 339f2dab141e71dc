"""AWS's own Python runtime client under our Runtime API, and bad starts of our own functions."""

import contextlib
import json
import re
import subprocess
import sys

import boto3
import botocore.config
import pytest

from programs import FUNCTIONS, built, fincore_binary, running, wait_for_file

HANDLER = '''
import os, sys

def echo(event, context):
    return {"event": event, "function": context.function_name, "arn": context.invoked_function_arn,
            "id": context.aws_request_id, "remaining": context.get_remaining_time_in_millis(),
            "trace": os.environ.get("_X_AMZN_TRACE_ID"),
            "client": context.client_context.custom if context.client_context else None}

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

        start.log = log
        yield start
    assert [process.returncode for process, _ in started] == [0] * len(started)


def payload(answer):
    return json.loads(answer["Payload"].read())


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
    assert "exit status 9" in host.log() and "last words" in host.log()


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
    assert '"level":"ERROR"' in text and "is not set" in text


def test_a_missing_runtime_api_is_one_line_and_exit_status_1():
    run = subprocess.run(
        [built("Worker")], env={}, capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 1
    assert "AWS_LAMBDA_RUNTIME_API" in run.stderr and run.stderr.count("\n") == 1
