"""Event shapes against other people's: AWS's samples, Powertools' models, and what the emulator hands to functions.

Powertools validates what our encoders write; a sample that its models refuse by themselves is not among them (SAM's
scheduled event lacks `version`, its SNS message has no real URLs).
"""

import json

import pytest
from aws_lambda_powertools.utilities.data_classes import ALBEvent
from aws_lambda_powertools.utilities.parser.models import (
    AlbModel, APIGatewayProxyEventV2Model, EventBridgeModel, KinesisDataStreamModel, LambdaFunctionUrlModel, S3Model,
    SnsModel, SnsNotificationModel, SqsModel,
)

from event_shapes_support import (
    FIXTURES, SCHEDULE_SECONDS, capturing_stack, encoded, values, without_nulls,
)

# Shape of the examples in the fixtures, by the beginning of their names.
SHAPES = {
    "alb.response": "ALBResponse", "alb.multi-value-response": "ALBResponse", "alb.": "ALBRequest",
    "apigateway.": "APIGatewayV2Request", "function-url.request": "APIGatewayV2Request",
    "function-url.response": "APIGatewayV2Response", "asynchronous.event-bus": "AsynchronousInvocationEvent",
    "asynchronous.": "AsynchronousInvocationRecord", "cloudwatch.": "EventBridgeEvent",
    "eventbridge.": "EventBridgeEvent", "kinesis.tumbling-window-response": "BatchResponse",
    "kinesis.": "KinesisEvent", "s3.": "S3Event", "rekognition.": "S3Event",
    "sns.notification-in-queue": "SNSNotification", "sns.": "SNSEvent", "sqs.": "SQSEvent",
    "stream-failure.": "StreamFailureRecord",
}
# There AWS sends null where it could leave the member out, and our encoder leaves it out.
WITH_NULLS = {"function-url.request", "sns.without-subject"}
MODELS = {
    "alb.request": AlbModel, "alb.health-check": AlbModel, "apigateway.http-api-proxy": APIGatewayProxyEventV2Model,
    "apigateway.lambda-authorizer": APIGatewayProxyEventV2Model,
    "apigateway.iam-authorizer": APIGatewayProxyEventV2Model, "function-url.request": LambdaFunctionUrlModel,
    "asynchronous.event-bus": EventBridgeModel, "eventbridge.scheduled-event": EventBridgeModel,
    "eventbridge.replayed-event": EventBridgeModel, "kinesis.get-records": KinesisDataStreamModel,
    "rekognition.s3-request": S3Model, "s3.put": S3Model, "s3.delete": S3Model, "s3.restore-completed": S3Model,
    "sns.without-subject": SnsModel, "sns.notification-in-queue": SnsNotificationModel,
    "sqs.receive-message": SqsModel,
}
EXAMPLES = {path.name.removesuffix(".json"): path for path in sorted(FIXTURES.glob("*/*.json"))}


def shape_of(name):
    return next(shape for beginning, shape in SHAPES.items() if name.startswith(beginning))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_comes_out_as_it_went_in(name):
    example = EXAMPLES[name].read_bytes()
    expected = json.loads(example)
    expected = without_nulls(expected) if name in WITH_NULLS else expected
    assert values(encoded(shape_of(name), example)) == values(expected)


@pytest.mark.parametrize("name", MODELS)
def test_powertools_accept_what_we_encode(name):
    MODELS[name].model_validate(encoded(shape_of(name), EXAMPLES[name].read_bytes()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_members_that_aws_adds_later_are_passed_over(name):
    example = json.loads(EXAMPLES[name].read_bytes())
    later = {**example, "somethingNew": {"a": [1, None]}}
    if "Records" in later:
        later["Records"] = [{**record, "somethingNew": "x"} for record in later["Records"]]
    assert encoded(shape_of(name), later) == encoded(shape_of(name), example)


# --- The emulator's own events -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with capturing_stack(tmp_path_factory.mktemp("shapes")) as stack:
        yield stack


def assert_kept(shape, events, model=None):
    assert events
    for event in events:
        assert values(encoded(shape, event)) == values(event)
        if model:
            model.model_validate(event)


def test_queue_events(stack):
    url = stack.queue_url("plain")
    attributes = {
        "kind": {"DataType": "String", "StringValue": "refund"},
        "count": {"DataType": "Number.int", "StringValue": "7"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"},
    }
    for body in ["plain", "\u00e9\n\"\\\u2028\U0001f600", "{\"a\":1}"]:
        stack.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
    stack.client("sqs").send_message(QueueUrl=url, MessageBody="without attributes")
    assert_kept("SQSEvent", stack.events("PlainReader", 4), SqsModel)


def test_fifo_queue_events(stack):
    url = stack.queue_url("ordered.fifo")
    for number in range(3):
        stack.client("sqs").send_message(
            QueueUrl=url, MessageBody=str(number), MessageGroupId="g", MessageDeduplicationId=str(number))
    events = stack.events("FifoReader", 3)
    assert_kept("SQSEvent", events, SqsModel)
    assert events[0]["Records"][0]["attributes"]["MessageGroupId"] == "g"


def test_stream_events_and_the_two_kinds_of_failure_records(stack):
    records = [b"", b"\x00\xff", "\u00e9".encode() * 1000]
    stack.client("kinesis").put_records(
        StreamName="stream", Records=[{"Data": data, "PartitionKey": "\u00e9 1"} for data in records])
    assert_kept("KinesisEvent", stack.events("StreamReader", 3), KinesisDataStreamModel)
    for function in ["StreamError", "StreamPartial"]:
        assert_kept("KinesisEvent", stack.events(function), KinesisDataStreamModel)
    failures = stack.messages(
        "failures", lambda seen: sum(one["KinesisBatchInfo"]["batchSize"] for one in seen) >= 2 * len(records))
    assert_kept("StreamFailureRecord", failures)
    assert {failure["responseContext"]["functionError"] for failure in failures} == {"Unhandled", None}


@pytest.mark.parametrize("function,path", [("Single", "/single"), ("Multi", "/multi")])
def test_load_balancer_events(stack, function, path):
    stack.request(f"{path}?a=1&a=%32&b")
    stack.request(path, "{\"\u00e9\":1}".encode(), Content_Type="application/json", X_Two="1")
    stack.request(path, b"\x00\xff", Content_Type="application/octet-stream")
    events = stack.events(function, 3)
    assert_kept("ALBRequest", events, AlbModel if function == "Single" else None)
    assert all(ALBEvent(event).resolved_headers_field["host"] for event in events)
    posted = {event["isBase64Encoded"]: ALBEvent(event) for event in events if event["httpMethod"] == "POST"}
    assert posted[False].json_body == {"\u00e9": 1} and posted[True].body == "AP8="
    query = ALBEvent(next(event for event in events if event["httpMethod"] == "GET"))
    assert query.resolved_query_string_parameters == {
        "Single": {"a": ["%32"], "b": [""]}, "Multi": {"a": ["1", "%32"], "b": [""]}}[function]


def test_a_topic_s_message_in_a_queue(stack):
    sns = stack.client("sns")
    sqs = stack.client("sqs")
    queue = sqs.create_queue(QueueName="subscribed")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
    sns.publish(TopicArn=topic, Message="\u00e9", Subject="s")
    sns.publish(TopicArn=topic, Message="without subject")
    messages = stack.messages("subscribed", lambda seen: len(seen) == 2)
    assert_kept("SNSNotification", messages, SnsNotificationModel)


def test_schedule_events(stack):
    events = stack.events("Daily", seconds=SCHEDULE_SECONDS)
    assert_kept("EventBridgeEvent", events, EventBridgeModel)
    assert events[0]["detail-type"] == "Scheduled Event" and events[0]["time"].endswith("00Z")
