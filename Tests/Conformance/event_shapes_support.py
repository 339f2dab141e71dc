"""Events of the emulator, caught behind it, and the program that decodes and encodes events as our functions do."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.config
import pytest

from programs import ROOT, built, fincore_binary, running, wait_for_file

FIXTURES = ROOT / "Tests" / "LambdaCodableTests" / "Fixtures"
WAIT_SECONDS = 30
# A schedule fires on the minute.
SCHEDULE_SECONDS = 60 + WAIT_SECONDS

# Writes every event down and answers what makes its source report a failure where the function's name asks for one.
HANDLER = '''
import json, os, pathlib

def capture(event, context):
    folder = pathlib.Path(os.environ["CAPTURES"])
    whole = folder / f"{context.function_name}.{context.aws_request_id}.json"
    part = whole.with_suffix(".part")
    part.write_text(json.dumps(event))
    part.rename(whole)
    if context.function_name == "StreamError":
        raise ValueError("no luck")
    if context.function_name == "StreamPartial":
        number = event["Records"][0]["kinesis"]["sequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": number}]}
    if "httpMethod" in event:
        fields = "multiValueHeaders" if "multiValueHeaders" in event else "headers"
        return {"statusCode": 200, "isBase64Encoded": False, fields: {}, "body": ""}
    return {"batchItemFailures": []}
'''


def encoded(shape, event):
    """An event as our decoder and encoder of this shape give it on."""
    document = event if isinstance(event, bytes) else json.dumps(event).encode()
    run = subprocess.run(
        [built("EventShapeFilter"), shape], input=document, capture_output=True, timeout=20, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return json.loads(run.stdout)


def values(document):
    """A document for comparison: Python holds True and 1 for equal, JSON does not."""
    if isinstance(document, dict):
        return {name: values(member) for name, member in document.items()}
    if isinstance(document, list):
        return [values(element) for element in document]
    return ("truth", document) if isinstance(document, bool) else document


def without_nulls(document):
    """A document without any member that is null."""
    if isinstance(document, dict):
        return {name: without_nulls(member) for name, member in document.items() if member is not None}
    return [without_nulls(element) for element in document] if isinstance(document, list) else document


# --- The emulator --------------------------------------------------------------------------------------------------


def function(**properties):
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def stream_source(**properties):
    arn = {"Fn::GetAtt": ["Stream", "Arn"]}
    return {"S": {"Type": "Kinesis", "Properties": {"Stream": arn, "StartingPosition": "TRIM_HORIZON", **properties}}}


def failing_stream_source(**properties):
    queue = {"Fn::GetAtt": ["Failures", "Arn"]}
    return stream_source(
        MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": queue}}, **properties)


def queue_source(queue):
    return {"Q": {"Type": "SQS", "Properties": {
        "Queue": {"Fn::GetAtt": [queue, "Arn"]}, "FunctionResponseTypes": ["ReportBatchItemFailures"]}}}


def target(function_name, multi_value):
    return {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {
        "TargetType": "lambda", "Targets": [{"Id": {"Fn::GetAtt": [function_name, "Arn"]}}],
        "TargetGroupAttributes": [
            {"Key": "lambda.multi_value_headers.enabled", "Value": str(multi_value).lower()}]}}


def template(folder):
    """A stack that has every event source of the emulator and one function behind each."""
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {
            "Runtime": "provided.al2023", "Handler": "app.capture", "CodeUri": ".", "Timeout": 20,
            "Environment": {"Variables": {"PYTHONPATH": str(folder), "CAPTURES": str(folder / "captures")}}}},
        "Resources": {
            "Plain": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "plain"}},
            "Fifo": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "ordered.fifo", "FifoQueue": True}},
            "Failures": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failures"}},
            "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "stream", "ShardCount": 1}},
            "PlainReader": function(Events=queue_source("Plain")),
            "FifoReader": function(Events=queue_source("Fifo")),
            "StreamReader": function(Events=stream_source()),
            "StreamError": function(Events=failing_stream_source()),
            "StreamPartial": function(Events=failing_stream_source(FunctionResponseTypes=["ReportBatchItemFailures"])),
            "Daily": function(Events={"D": {"Type": "Schedule", "Properties": {"Schedule": "cron(* * * * ? *)"}}}),
            "Single": function(),
            "Multi": function(),
            "SingleTargets": target("Single", False),
            "MultiTargets": target("Multi", True),
            "Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "SingleTargets"}}]}},
            "Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {
                "Priority": 1, "Conditions": [{"Field": "path-pattern", "Values": ["/multi*"]}],
                "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "MultiTargets"}}]}},
        },
    }


@dataclasses.dataclass
class CapturingStack:
    """A running stack whose functions write their events down."""

    api: str
    aws: str
    captures: pathlib.Path

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.aws, region_name="eu-west-1", aws_access_key_id="test",
            aws_secret_access_key="test", config=botocore.config.Config(retries={"total_max_attempts": 1}))

    def queue_url(self, name):
        return self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]

    def request(self, path, body=None, **headers):
        request = urllib.request.Request(self.api + path, data=body)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
            assert answer.status == 200

    def events(self, function_name, records=1, seconds=WAIT_SECONDS):
        """The events of a function, once they hold so many records; an event without any counts as one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            events = [json.loads(file.read_text()) for file in sorted(self.captures.glob(f"{function_name}.*.json"))]
            if sum(len(event.get("Records", [event])) for event in events) >= records:
                return events
            time.sleep(0.02)
        pytest.fail(f"{function_name} has not seen {records} records within {seconds} s")

    def messages(self, queue, are_enough):
        """The bodies of messages in a queue that nothing else reads, once there are enough of them."""
        bodies = []
        deadline = time.monotonic() + WAIT_SECONDS
        while not are_enough(bodies):
            assert time.monotonic() < deadline, bodies
            answer = self.client("sqs").receive_message(
                QueueUrl=self.queue_url(queue), MaxNumberOfMessages=10, WaitTimeSeconds=1)
            bodies += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        return bodies


@contextlib.contextmanager
def capturing_stack(folder):
    """The emulator with the template above; each function is AWS's Python client with the handler above."""
    infra = folder / "infra"
    infra.mkdir()
    (folder / "captures").mkdir()
    (folder / "app.py").write_text(HANDLER)
    bootstrap = infra / "bootstrap"
    bootstrap.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awslambdaric "$_HANDLER"\n')
    bootstrap.chmod(0o755)
    (infra / "functions.json").write_text(json.dumps(template(folder)))
    (infra / "local.json").write_text("{}")
    ready = folder / "ready.json"
    command = [fincore_binary(), "up", "--port", "0", "--aws-port", "0", "--sandbox-port", "0", "--ready-file", ready]
    with (folder / "log").open("w") as log:
        environment = {**os.environ, "FINCORE_ROOT": str(folder)}
        with running(command, stdout=log, stderr=log, env=environment) as process:
            urls = wait_for_file(ready, process)
            yield CapturingStack(urls["api"], urls["aws"], folder / "captures")
