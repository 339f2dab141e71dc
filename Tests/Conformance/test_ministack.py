"""The stack of infra/functions.json, deployed by `sam deploy` to an AWS written by others, does its work there."""

import base64
import json
import re
import uuid

import pytest

from aws_support import unique
from bootstraps import BUILDS, bootstrap
from event_fixtures import FixtureCopy
from local_stack import local_stack, stripe_signature
from ministack_support import build_application, ministack
from programs import FUNCTIONS
from stripe_support import wait_until

KEY = "Bearer fk_test_demo_merchant"


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """PostgreSQL, Redis, the SFTP server and the PSP, which ministack does not have."""
    with local_stack(tmp_path_factory.mktemp("local")) as stack:
        yield stack


@pytest.fixture(scope="module")
def deployed(local, tmp_path_factory):
    template = build_application(tmp_path_factory.mktemp("application"))
    with ministack(tmp_path_factory.mktemp("ministack")) as stack:
        stack.deploy(
            template, RedisUrl=local.variables("PaymentService")["REDIS_URL"],
            StripeApiBase=local.variables("Worker")["STRIPE_API_BASE"], PspTimeoutMilliseconds=1500,
            JobTimeoutSeconds=5, JobVisibilitySeconds=1)
        stack.take_over(local)
        yield stack


@pytest.fixture(scope="module", params=["provided.al2023", "provided.al2"])
def runtime(request):
    return request.param


@pytest.fixture(scope="module")
def deployment(deployed, runtime):
    """The deployed stack with each runtime in turn; the first is the template's default."""
    if runtime != "provided.al2023":
        deployed.update(Runtime=runtime)
    return deployed


def types(events):
    return [event["type"] for event in events]


def waiting(sqs, url):
    """How many messages a queue holds, delivered or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_deployed_with_the_runtime_asked_for(deployment, runtime, function):
    found = deployment.client("lambda").get_function_configuration(FunctionName=deployment.resource(function))
    assert (found["Runtime"], found["Handler"]) == (runtime, "bootstrap")


# --- Invoking ------------------------------------------------------------------------------------------------------


def test_a_synchronous_invocation_answers_or_fails_as_the_function_does(deployment):
    question, malformed = FixtureCopy("risk-engine/several-rules"), FixtureCopy("risk-engine/malformed")
    name = deployment.resource("RiskEngine")
    answer = deployment.invoke(name, question.event)
    assert answer["StatusCode"] == 200 and "FunctionError" not in answer
    assert question.meets(answer["Payload"]), answer
    failure = deployment.invoke(name, malformed.event)
    assert failure["StatusCode"] == 200 and failure["FunctionError"] == "Unhandled"
    assert set(failure["Payload"]) == {"errorType", "errorMessage", "stackTrace"}
    assert failure["Payload"]["errorType"].startswith("Function.")
    # The same environment goes on.
    assert deployment.invoke(name, question.event)["Payload"] == answer["Payload"]
    assert deployment.invoke(name, question.event, InvocationType="DryRun")["StatusCode"] == 204


def test_an_asynchronous_invocation_is_worked_on_later(deployment, local):
    fixture = FixtureCopy("ledger/first-events")
    answer = deployment.invoke(deployment.resource("Ledger"), fixture.event, InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"]) == (202, None)
    wait_until(lambda: local.has_effects(fixture), "the booking")


def test_the_settlement_file_comes_over_sftp_and_the_report_goes_to_the_bucket(deployment, local):
    fixture = FixtureCopy("reconciliation/all-matched")
    local.prepare(fixture)
    answer = deployment.invoke(deployment.resource("Reconciliation"), fixture.event)
    assert fixture.meets(answer["Payload"]), answer
    report = deployment.client("s3").get_object(
        Bucket=deployment.resource("ReportBucket"), Key=answer["Payload"]["report_key"])
    assert json.loads(report["Body"].read())["summary"]["MATCHED"] == 3
    local.check_effects(fixture)


def test_the_context_is_what_lambda_says(deployment, runtime):
    # ministack makes the trace header itself; neither that of the caller nor its client context does it hand on.
    # The probe is for tests only and never packaged.
    name = deployment.create_function(
        unique("context"), bootstrap("ContractProbe", "built"), runtime, TracingConfig={"Mode": "Active"})
    first, second = (deployment.invoke(name, {"do": "context"})["Payload"] for _ in range(2))
    for seen in (first, second):
        assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1", seen["traceID"]), seen
        assert seen["traceVariable"] == seen["traceID"]
        assert seen["functionARN"].split(":function:")[1] == name
        assert seen["hasDeadline"] and 0 < seen["remainingMilliseconds"] <= 20_000
    # Nothing of an invocation stays for the next one.
    assert first["traceID"] != second["traceID"] and first["requestID"] != second["requestID"]


# --- Event sources -------------------------------------------------------------------------------------------------


def test_a_charge_goes_from_the_load_balancer_to_the_books(deployment, local):
    """HTTP, SQS and Kinesis, five functions and both databases; the trace goes with it all the way."""
    trace = f"1-6967a000-{uuid.uuid4().hex[:24]}"
    status, charge = deployment.request(
        "POST", "/v1/charges", json.dumps({"amount": 1999, "currency": "EUR", "payment_method": "pm_card_visa"}),
        authorization=KEY, content_type="application/json", idempotency_key=unique("key"),
        x_amzn_trace_id=f"Root={trace};Sampled=1")
    assert (status, charge["status"]) == (202, "CREATED"), charge

    def succeeded():
        status, seen = deployment.request("GET", f"/v1/charges/{charge['id']}", authorization=KEY)
        return status == 200 and seen["status"] == "SUCCEEDED" and seen

    assert wait_until(succeeded, "the charge's success")["captured_amount"] == 1999
    events = deployment.journal(charge["id"])
    assert types(events) == ["ChargeInitiated", "RiskAssessed", "ChargeProcessingStarted", "ChargeSucceeded"]
    assert {event["trace_id"] for event in events} == {trace}
    entries = wait_until(
        lambda: local.rows(
            "ledger",
            "SELECT account, amount_minor FROM transactions JOIN entries USING (event_id) "
            f"WHERE stream_id = '{charge['id']}' ORDER BY entry_number"),
        "the booking")
    assert entries == [
        {"account": "psp_receivable:stripe", "amount_minor": 1999},
        {"account": "merchant_payable:mer_demo", "amount_minor": -1999},
    ]


def test_a_signed_webhook_goes_through_the_load_balancer_into_the_journal(deployment, local):
    fixture = FixtureCopy("webhook/payment-intent-succeeded")
    deployment.put_journal(fixture)
    body = fixture.event["body"]
    secret = local.secret("fincore/stripe")["webhook_secrets"][0]
    status, refused = deployment.request(
        "POST", "/v1/webhooks/stripe", body, stripe_signature=stripe_signature(body, "whsec_other"))
    assert (status, refused["error"]["code"]) == (400, "signature_invalid")
    status, answer = deployment.request(
        "POST", "/v1/webhooks/stripe", body, stripe_signature=stripe_signature(body, secret))
    assert (status, answer) == (200, {"received": True, "effect": "recorded"})
    for stream, events in fixture.expected["journal"].items():
        assert types(deployment.journal(stream)) == types(events)


def test_of_a_batch_from_a_queue_only_the_failed_job_comes_again(deployment):
    """The good jobs are done and deleted; the bad one is delivered thrice and then given up."""
    fixture = FixtureCopy("worker/foreign-record")
    deployment.put_journal(fixture)
    sqs = deployment.client("sqs")
    sqs.send_message_batch(QueueUrl=deployment.resource("JobQueue"), Entries=[
        {"Id": str(number), "MessageBody": record["body"], "MessageGroupId": unique("group"),
         "MessageDeduplicationId": unique("job")}
        for number, record in enumerate(fixture.event["Records"])])
    failed = {failure["itemIdentifier"] for failure in fixture.expected["response"]["batchItemFailures"]}
    (given_up,) = [record["body"] for record in fixture.event["Records"] if record["messageId"] in failed]

    def dead():
        answer = sqs.receive_message(
            QueueUrl=deployment.resource("JobDeadLetterQueue"), AttributeNames=["ApproximateReceiveCount"])
        return answer.get("Messages")

    (message,) = wait_until(dead, "the end of the last delivery")
    assert message["Body"] == given_up
    for stream, events in fixture.expected["journal"].items():
        assert types(deployment.journal(stream)) == types(events)
    wait_until(lambda: waiting(sqs, deployment.resource("JobQueue")) == 0, "the deletion of the good jobs")


def test_records_of_a_stream_reach_every_consumer_in_order(deployment, local):
    ledger, projection = FixtureCopy("ledger/refunds"), FixtureCopy("projectionist/refunds")
    for record in [*ledger.event["Records"], *projection.event["Records"]]:
        deployment.client("kinesis").put_record(
            StreamName=deployment.resource("EventStream"), PartitionKey=record["kinesis"]["partitionKey"],
            Data=base64.b64decode(record["kinesis"]["data"]))
    for fixture in (ledger, projection):
        wait_until(lambda: local.has_effects(fixture), f"what {fixture.function} makes of it")


def test_the_echo_function_keeps_only_what_failed_in_the_queue(deployment, runtime):
    sqs, client = deployment.client("sqs"), deployment.client("lambda")
    url = sqs.create_queue(QueueName=unique("echo"), Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bodies = ["taken 1", "fail", "taken 2", "taken é"]
    sqs.send_message_batch(
        QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)])
    mapping = client.create_event_source_mapping(
        FunctionName=deployment.create_function(unique("echo"), bootstrap("Echo", BUILDS[-1]), runtime),
        EventSourceArn=arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"])

    wait_until(lambda: waiting(sqs, url) == 1, "the deletion of what was taken")
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    (message,) = wait_until(
        lambda: sqs.receive_message(
            QueueUrl=url, AttributeNames=["ApproximateReceiveCount"]).get("Messages"), "the next delivery")
    assert message["Body"] == "fail"
    assert int(message["Attributes"]["ApproximateReceiveCount"]) > 1
