"""The emulator's AWS services as the AWS SDK for Python and the AWS CLI see them.

boto3 signs every request, speaks each service's own protocol, and reads answers and errors by the service's model.
"""

import concurrent.futures
import decimal
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

import pytest

boto3 = pytest.importorskip("boto3")
from botocore.exceptions import ClientError  # noqa: E402


def unique(prefix, suffix=""):
    return f"{prefix}-{uuid.uuid4().hex[:12]}{suffix}"


def failure(call, **arguments):
    """The error a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response


def code(call, **arguments):
    return failure(call, **arguments)["Error"]["Code"]


@pytest.fixture(scope="session")
def sqs(aws_client):
    return aws_client("sqs")


@pytest.fixture(scope="session")
def kinesis(aws_client):
    return aws_client("kinesis")


@pytest.fixture(scope="session")
def dynamodb(aws_client):
    return aws_client("dynamodb")


@pytest.fixture(scope="session")
def secrets(aws_client):
    return aws_client("secretsmanager")


@pytest.fixture(scope="session")
def s3(aws_client):
    return aws_client("s3")


@pytest.fixture(scope="session")
def sns(aws_client):
    return aws_client("sns")


@pytest.fixture(scope="session")
def aws(aws_endpoint, aws_environment):
    """Runs an AWS CLI command and returns its JSON."""
    beside = pathlib.Path(sys.executable).with_name("aws")
    program = str(beside) if beside.exists() else shutil.which("aws")
    if program is None:
        pytest.skip("the aws CLI is not installed")

    def run(*arguments):
        result = subprocess.run(
            [program, "--endpoint-url", aws_endpoint, "--output", "json", *arguments],
            env={**os.environ, **aws_environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout) if result.stdout.strip() else None

    return run


def attributes_md5(attributes):
    """The digest as the SQS developer guide describes it, worked out independently of the emulator."""
    encoded = b""
    for name in sorted(attributes):
        attribute = attributes[name]
        binary = "BinaryValue" in attribute
        value = attribute["BinaryValue"] if binary else attribute["StringValue"].encode()
        for part in (name.encode(), attribute["DataType"].encode()):
            encoded += struct.pack(">I", len(part)) + part
        encoded += (b"\x02" if binary else b"\x01") + struct.pack(">I", len(value)) + value
    return hashlib.md5(encoded).hexdigest()


class TestSQS:
    @pytest.fixture
    def queue(self, sqs):
        return sqs.create_queue(QueueName=unique("plain"))["QueueUrl"]

    @pytest.fixture
    def fifo(self, sqs):
        return sqs.create_queue(QueueName=unique("jobs", ".fifo"), Attributes={"FifoQueue": "true"})["QueueUrl"]

    def test_a_message_travels_with_its_attributes(self, sqs, queue):
        attributes = {
            "kind": {"DataType": "String", "StringValue": "refünd"},
            "count": {"DataType": "Number.int", "StringValue": "5"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"},
        }
        sent = sqs.send_message(
            QueueUrl=queue,
            MessageBody="héllo ✓ <&>",
            MessageAttributes=attributes,
            MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}},
        )
        received = sqs.receive_message(
            QueueUrl=queue, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
        )["Messages"]
        assert [m["MessageId"] for m in received] == [sent["MessageId"]]
        message = received[0]
        assert message["Body"] == "héllo ✓ <&>"
        assert message["MD5OfBody"] == sent["MD5OfMessageBody"] == hashlib.md5("héllo ✓ <&>".encode()).hexdigest()
        assert message["MessageAttributes"] == attributes
        assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"] == attributes_md5(attributes)
        assert message["Attributes"]["ApproximateReceiveCount"] == "1"
        assert message["Attributes"]["AWSTraceHeader"] == "Root=1-2-3"
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        assert counts["ApproximateNumberOfMessages"] == "0"
        assert counts["ApproximateNumberOfMessagesNotVisible"] == "0"

    def test_a_group_is_locked_while_its_message_is_in_flight(self, sqs, fifo):
        for number in range(3):
            sqs.send_message(
                QueueUrl=fifo, MessageBody=str(number), MessageGroupId="a", MessageDeduplicationId=str(number)
            )
        first = sqs.receive_message(QueueUrl=fifo)["Messages"][0]
        assert "Messages" not in sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)
        sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first["ReceiptHandle"])
        rest = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
        assert [m["Body"] for m in rest] == ["1", "2"]

    def test_a_repeated_deduplication_id_is_accepted_and_not_delivered(self, sqs, fifo):
        arguments = {"QueueUrl": fifo, "MessageGroupId": "a", "MessageDeduplicationId": "same"}
        first = sqs.send_message(MessageBody="one", **arguments)
        second = sqs.send_message(MessageBody="two", **arguments)
        assert (second["MessageId"], second["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
        messages = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
        assert [m["Body"] for m in messages] == ["one"]

    def test_exhausted_messages_move_to_the_dead_letter_queue(self, sqs, queue):
        dead_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
        source = sqs.create_queue(
            QueueName=unique("source"), Attributes={"VisibilityTimeout": "0", "RedrivePolicy": policy}
        )["QueueUrl"]
        sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
        for _ in range(2):
            assert len(sqs.receive_message(QueueUrl=source)["Messages"]) == 1
        assert "Messages" not in sqs.receive_message(QueueUrl=source)
        dead = sqs.receive_message(QueueUrl=queue, MessageSystemAttributeNames=["All"])["Messages"][0]
        assert (dead["MessageId"], dead["Body"]) == (sent["MessageId"], "poison")
        assert dead["Attributes"]["DeadLetterQueueSourceArn"].endswith(source.rsplit("/", 1)[1])
        assert sqs.list_dead_letter_source_queues(QueueUrl=queue)["queueUrls"] == [source]

    def test_a_long_poll_wakes_when_a_message_arrives(self, sqs, queue):
        received = []
        poll = threading.Thread(
            target=lambda: received.extend(
                sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages", [])
            )
        )
        started = time.monotonic()
        poll.start()
        sqs.send_message(QueueUrl=queue, MessageBody="now")
        poll.join(timeout=15)
        assert [m["Body"] for m in received] == ["now"]
        assert time.monotonic() - started < 10

    def test_batches_report_each_entry(self, sqs, fifo):
        entries = [
            {"Id": str(n), "MessageBody": f"m{n}", "MessageGroupId": "g", "MessageDeduplicationId": str(n)}
            for n in range(9)
        ]
        answer = sqs.send_message_batch(QueueUrl=fifo, Entries=entries + [{"Id": "bad", "MessageBody": "m"}])
        assert [e["Id"] for e in answer["Successful"]] == [str(n) for n in range(9)]
        assert [(e["Id"], e["SenderFault"]) for e in answer["Failed"]] == [("bad", True)]
        messages = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
        assert [m["Body"] for m in messages] == [f"m{n}" for n in range(9)]
        handles = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)]
        changed = sqs.change_message_visibility_batch(
            QueueUrl=fifo, Entries=[dict(h, VisibilityTimeout=60) for h in handles]
        )
        assert len(changed["Successful"]) == 9
        deleted = sqs.delete_message_batch(
            QueueUrl=fifo, Entries=handles + [{"Id": "x", "ReceiptHandle": "nonsense"}]
        )
        assert len(deleted["Successful"]) == 9
        assert [e["Code"] for e in deleted["Failed"]] == ["ReceiptHandleIsInvalid"]

    def test_errors_have_the_names_clients_know(self, sqs, queue):
        missing = failure(sqs.send_message, QueueUrl=queue + "x", MessageBody="m")
        assert missing["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
        with pytest.raises(sqs.exceptions.QueueDoesNotExist):
            sqs.get_queue_url(QueueName="no-such-queue")
        assert code(sqs.send_message, QueueUrl=queue, MessageBody="x" * 1_048_577) == "InvalidParameterValue"
        assert code(sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=11) == "InvalidParameterValue"
        assert code(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=21) == "InvalidParameterValue"
        assert code(sqs.send_message_batch, QueueUrl=queue, Entries=[]) == "AWS.SimpleQueueService.EmptyBatchRequest"

    def test_queues_are_managed(self, sqs, queue):
        name = queue.rsplit("/", 1)[1]
        assert sqs.get_queue_url(QueueName=name)["QueueUrl"] == queue
        assert queue in sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "7"})
        assert sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"] == {
            "VisibilityTimeout": "7"
        }
        sqs.tag_queue(QueueUrl=queue, Tags={"team": "payments"})
        assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"team": "payments"}
        sqs.send_message(QueueUrl=queue, MessageBody="m")
        sqs.purge_queue(QueueUrl=queue)
        assert "Messages" not in sqs.receive_message(QueueUrl=queue)
        sqs.delete_queue(QueueUrl=queue)
        assert code(sqs.get_queue_url, QueueName=name) == "AWS.SimpleQueueService.NonExistentQueue"


class TestKinesis:
    @pytest.fixture
    def stream(self, kinesis):
        name = unique("events")
        kinesis.create_stream(StreamName=name, ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName=name)
        return name

    def read(self, kinesis, stream, shard, **start):
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **start)["ShardIterator"]
        records = []
        while True:
            page = kinesis.get_records(ShardIterator=iterator)
            records += page["Records"]
            if page["MillisBehindLatest"] == 0:
                return records
            iterator = page["NextShardIterator"]

    def test_records_keep_their_order_per_key_and_their_shard(self, kinesis, stream):
        records = [{"Data": f"{n}".encode(), "PartitionKey": f"key{n % 7}"} for n in range(100)]
        answer = kinesis.put_records(StreamName=stream, Records=records)
        assert answer["FailedRecordCount"] == 0
        shards = kinesis.list_shards(StreamName=stream)["Shards"]
        for record, result in zip(records, answer["Records"]):
            shard = next(s for s in shards if s["ShardId"] == result["ShardId"])
            value = int(hashlib.md5(record["PartitionKey"].encode()).hexdigest(), 16)
            assert int(shard["HashKeyRange"]["StartingHashKey"]) <= value <= int(shard["HashKeyRange"]["EndingHashKey"])
        read = [r for s in shards for r in self.read(kinesis, stream, s["ShardId"], ShardIteratorType="TRIM_HORIZON")]
        assert len(read) == 100
        for key in {r["PartitionKey"] for r in records}:
            expected = [r["Data"] for r in records if r["PartitionKey"] == key]
            assert [r["Data"] for r in read if r["PartitionKey"] == key] == expected
        assert all(len(r["SequenceNumber"]) == 56 for r in read)

    def test_iterators_start_where_they_say(self, kinesis, stream):
        first = kinesis.put_record(StreamName=stream, Data=b"1", PartitionKey="k")
        shard = first["ShardId"]
        latest = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="LATEST")
        kinesis.put_record(StreamName=stream, Data=b"2", PartitionKey="k")
        assert [r["Data"] for r in kinesis.get_records(ShardIterator=latest["ShardIterator"])["Records"]] == [b"2"]
        number = first["SequenceNumber"]
        at = self.read(
            kinesis, stream, shard, ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=number
        )
        after = self.read(
            kinesis, stream, shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number
        )
        assert [r["Data"] for r in at] == [b"1", b"2"]
        assert [r["Data"] for r in after] == [b"2"]
        old = self.read(
            kinesis, stream, shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=at[0]["ApproximateArrivalTimestamp"]
        )
        assert [r["Data"] for r in old] == [b"1", b"2"]

    def test_errors_have_the_names_clients_know(self, kinesis, stream):
        assert code(kinesis.describe_stream, StreamName="none") == "ResourceNotFoundException"
        assert code(kinesis.create_stream, StreamName=stream, ShardCount=1) == "ResourceInUseException"
        assert code(kinesis.get_records, ShardIterator="nonsense") == "InvalidArgumentException"
        too_large = failure(kinesis.put_record, StreamName=stream, Data=b"x" * 1_048_577, PartitionKey="k")
        assert too_large["Error"]["Code"] == "ValidationException"
        records = [{"Data": b"x", "PartitionKey": "k"}] * 501
        assert code(kinesis.put_records, StreamName=stream, Records=records) == "ValidationException"
        assert code(kinesis.enable_enhanced_monitoring, StreamName=stream, ShardLevelMetrics=["ALL"]) == (
            "UnknownOperationException"
        )

    def test_streams_are_described(self, kinesis, stream):
        description = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
        assert description["StreamStatus"] == "ACTIVE"
        assert len(description["Shards"]) == 2
        summary = kinesis.describe_stream_summary(StreamARN=description["StreamARN"])["StreamDescriptionSummary"]
        assert summary["OpenShardCount"] == 2
        assert stream in kinesis.list_streams()["StreamNames"]
        kinesis.delete_stream(StreamName=stream)
        kinesis.get_waiter("stream_not_exists").wait(StreamName=stream)


class TestDynamoDB:
    @pytest.fixture
    def table(self, dynamodb):
        name = unique("events")
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[
                {"AttributeName": "stream_id", "AttributeType": "S"},
                {"AttributeName": "version", "AttributeType": "N"},
                {"AttributeName": "unpublished", "AttributeType": "S"},
                {"AttributeName": "event_id", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "stream_id", "KeyType": "HASH"},
                {"AttributeName": "version", "KeyType": "RANGE"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "unpublished-index",
                    "KeySchema": [
                        {"AttributeName": "unpublished", "KeyType": "HASH"},
                        {"AttributeName": "event_id", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name)
        return name

    def put(self, dynamodb, table, stream, version, **attributes):
        item = {"stream_id": {"S": stream}, "version": {"N": str(version)}, **attributes}
        return dynamodb.put_item(TableName=table, Item=item)

    def key(self, stream, version):
        return {"stream_id": {"S": stream}, "version": {"N": str(version)}}

    def test_every_type_survives_a_round_trip(self, dynamodb, table):
        attributes = {
            "text": {"S": "héllo ✓"},
            "empty": {"S": ""},
            "number": {"N": "-12345678901234567890.123456789"},
            "bytes": {"B": b"\x00\xff"},
            "yes": {"BOOL": True},
            "nothing": {"NULL": True},
            "list": {"L": [{"N": "1"}, {"S": "two"}, {"L": []}]},
            "map": {"M": {"inner": {"M": {"deep": {"S": "x"}}}}},
            "texts": {"SS": ["a", "b"]},
            "numbers": {"NS": ["1", "2.5"]},
            "blobs": {"BS": [b"a", b"b"]},
        }
        self.put(dynamodb, table, "s", 1, **attributes)
        item = dynamodb.get_item(TableName=table, Key=self.key("s", 1), ConsistentRead=True)["Item"]
        for name in ("texts", "numbers", "blobs"):
            kind = next(iter(attributes[name]))
            assert sorted(item.pop(name)[kind]) == sorted(attributes[name][kind])
            attributes.pop(name)
        assert item == {**self.key("s", 1), **attributes}

    def test_numbers_are_exact_to_38_digits(self, aws_endpoint, table):
        resource = boto3.resource(
            "dynamodb",
            endpoint_url=aws_endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        ).Table(table)
        big = decimal.Decimal("99999999999999999999999999999999999998")
        resource.put_item(Item={"stream_id": "n", "version": 1, "total": big})
        answer = resource.update_item(
            Key={"stream_id": "n", "version": 1},
            UpdateExpression="SET #t = #t + :one",
            ExpressionAttributeNames={"#t": "total"},
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        assert answer["Attributes"] == {"total": decimal.Decimal("9" * 38)}
        answer = resource.update_item(
            Key={"stream_id": "n", "version": 1},
            UpdateExpression="SET a = :a - :b",
            ExpressionAttributeValues={":a": decimal.Decimal("0.3"), ":b": decimal.Decimal("0.1")},
            ReturnValues="UPDATED_NEW",
        )
        assert answer["Attributes"] == {"a": decimal.Decimal("0.2")}

    def test_a_conditional_put_admits_exactly_one_of_many_writers(self, dynamodb, table):
        def append(writer):
            try:
                dynamodb.put_item(
                    TableName=table,
                    Item={**self.key("race", 1), "writer": {"N": str(writer)}},
                    ConditionExpression="attribute_not_exists(stream_id)",
                )
                return writer
            except dynamodb.exceptions.ConditionalCheckFailedException:
                return None

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            winners = [w for w in pool.map(append, range(64)) if w is not None]
        assert len(winners) == 1
        item = dynamodb.get_item(TableName=table, Key=self.key("race", 1))["Item"]
        assert item["writer"] == {"N": str(winners[0])}

    def test_counters_lose_no_update(self, dynamodb, table):
        def add(_):
            dynamodb.update_item(
                TableName=table,
                Key=self.key("count", 1),
                UpdateExpression="ADD hits :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(add, range(200)))
        assert dynamodb.get_item(TableName=table, Key=self.key("count", 1))["Item"]["hits"] == {"N": "200"}

    def test_a_failed_condition_shows_the_item_on_request(self, dynamodb, table):
        self.put(dynamodb, table, "s", 1, owner={"S": "first"})
        response = failure(
            dynamodb.put_item,
            TableName=table,
            Item=self.key("s", 1),
            ConditionExpression="attribute_not_exists(stream_id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        assert response["Error"]["Code"] == "ConditionalCheckFailedException"
        assert response["Item"]["owner"] == {"S": "first"}

    def test_a_transaction_does_all_or_nothing_and_says_why(self, dynamodb, table):
        self.put(dynamodb, table, "t", 2)
        items = [
            {
                "Put": {
                    "TableName": table,
                    "Item": self.key("t", version),
                    "ConditionExpression": "attribute_not_exists(stream_id)",
                }
            }
            for version in (1, 2, 3)
        ]
        response = failure(dynamodb.transact_write_items, TransactItems=items)
        assert response["Error"]["Code"] == "TransactionCanceledException"
        assert [r["Code"] for r in response["CancellationReasons"]] == ["None", "ConditionalCheckFailed", "None"]
        assert "[None, ConditionalCheckFailed, None]" in response["Error"]["Message"]
        assert "Item" not in dynamodb.get_item(TableName=table, Key=self.key("t", 1))
        dynamodb.transact_write_items(TransactItems=[items[0], items[2]])
        got = dynamodb.transact_get_items(
            TransactItems=[{"Get": {"TableName": table, "Key": self.key("t", v)}} for v in (1, 3, 9)]
        )["Responses"]
        assert ["Item" in g for g in got] == [True, True, False]

    def test_a_transaction_with_a_token_happens_once(self, dynamodb, table):
        add = {
            "Update": {
                "TableName": table,
                "Key": self.key("once", 1),
                "UpdateExpression": "ADD hits :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        }
        for _ in range(3):
            dynamodb.transact_write_items(TransactItems=[add], ClientRequestToken="token-1-" + table)
        assert dynamodb.get_item(TableName=table, Key=self.key("once", 1))["Item"]["hits"] == {"N": "1"}
        other = {"Delete": {"TableName": table, "Key": self.key("once", 1)}}
        assert code(dynamodb.transact_write_items, TransactItems=[other], ClientRequestToken="token-1-" + table) == (
            "IdempotentParameterMismatchException"
        )

    def test_transactions_are_limited(self, dynamodb, table):
        def puts(count):
            return [{"Put": {"TableName": table, "Item": self.key("limit", v)}} for v in range(count)]

        dynamodb.transact_write_items(TransactItems=puts(100))
        assert code(dynamodb.transact_write_items, TransactItems=puts(101)) == "ValidationException"
        twice = puts(1) * 2
        assert "multiple operations on one item" in (
            failure(dynamodb.transact_write_items, TransactItems=twice)["Error"]["Message"]
        )

    def test_queries_page_in_order_both_ways(self, dynamodb, table):
        for version in (10, 9, 2, 1, 11, 3):
            self.put(dynamodb, table, "q", version)
        self.put(dynamodb, table, "other", 5)

        def versions(**arguments):
            pages = dynamodb.get_paginator("query").paginate(
                TableName=table,
                PaginationConfig={"PageSize": 2},
                **{
                    "KeyConditionExpression": "stream_id = :s",
                    "ExpressionAttributeValues": {":s": {"S": "q"}},
                    **arguments,
                },
            )
            return [int(i["version"]["N"]) for page in pages for i in page["Items"]]

        assert versions() == [1, 2, 3, 9, 10, 11]
        assert versions(ScanIndexForward=False) == [11, 10, 9, 3, 2, 1]
        assert versions(
            KeyConditionExpression="stream_id = :s AND version BETWEEN :a AND :b",
            ExpressionAttributeValues={":s": {"S": "q"}, ":a": {"N": "2"}, ":b": {"N": "10"}},
        ) == [2, 3, 9, 10]
        assert versions(
            KeyConditionExpression="stream_id = :s AND version > :a",
            ExpressionAttributeValues={":s": {"S": "q"}, ":a": {"N": "9"}},
        ) == [10, 11]

    def test_a_sparse_index_follows_its_items(self, dynamodb, table):
        for version in range(5):
            self.put(
                dynamodb, table, "i", version, unpublished={"S": "1"}, event_id={"S": f"evt_{9 - version}"}
            )
        self.put(dynamodb, table, "i", 9, event_id={"S": "evt_x"})

        def unpublished():
            pages = dynamodb.get_paginator("query").paginate(
                TableName=table,
                IndexName="unpublished-index",
                KeyConditionExpression="unpublished = :one",
                ExpressionAttributeValues={":one": {"S": "1"}},
                PaginationConfig={"PageSize": 2},
            )
            return [i["event_id"]["S"] for page in pages for i in page["Items"]]

        assert unpublished() == [f"evt_{n}" for n in (5, 6, 7, 8, 9)]
        dynamodb.update_item(TableName=table, Key=self.key("i", 2), UpdateExpression="REMOVE unpublished")
        dynamodb.delete_item(TableName=table, Key=self.key("i", 0))
        assert unpublished() == ["evt_5", "evt_6", "evt_8"]

    def test_scans_see_everything_once(self, dynamodb, table):
        expected = set()
        for stream in range(10):
            for version in range(5):
                self.put(dynamodb, table, f"s{stream}", version)
                expected.add((f"s{stream}", version))
        pages = dynamodb.get_paginator("scan").paginate(TableName=table, PaginationConfig={"PageSize": 7})
        seen = [(i["stream_id"]["S"], int(i["version"]["N"])) for page in pages for i in page["Items"]]
        assert len(seen) == 50
        assert set(seen) == expected
        filtered = dynamodb.scan(
            TableName=table,
            FilterExpression="version IN (:a, :b) AND NOT begins_with(stream_id, :p)",
            ExpressionAttributeValues={":a": {"N": "1"}, ":b": {"N": "4"}, ":p": {"S": "s9"}},
            Select="COUNT",
        )
        assert (filtered["Count"], filtered["ScannedCount"]) == (18, 50)

    def test_updates_change_documents(self, dynamodb, table):
        self.put(
            dynamodb,
            table,
            "u",
            1,
            tags={"SS": ["a", "b"]},
            list={"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]},
            map={"M": {"keep": {"S": "k"}, "drop": {"S": "d"}}},
        )
        answer = dynamodb.update_item(
            TableName=table,
            Key=self.key("u", 1),
            UpdateExpression=(
                "SET #m.added = :x, #l = list_append(#l, :tail), fresh = if_not_exists(fresh, :x) "
                "REMOVE #m.#d DELETE tags :b ADD hits :two"
            ),
            ExpressionAttributeNames={"#m": "map", "#l": "list", "#d": "drop"},
            ExpressionAttributeValues={
                ":x": {"S": "x"},
                ":tail": {"L": [{"N": "3"}]},
                ":b": {"SS": ["b"]},
                ":two": {"N": "2"},
            },
            ReturnValues="ALL_NEW",
        )["Attributes"]
        assert answer["map"] == {"M": {"keep": {"S": "k"}, "added": {"S": "x"}}}
        assert answer["list"] == {"L": [{"N": str(n)} for n in range(4)]}
        assert answer["tags"] == {"SS": ["a"]}
        assert answer["hits"] == {"N": "2"}
        assert answer["fresh"] == {"S": "x"}
        old = dynamodb.update_item(
            TableName=table,
            Key=self.key("u", 1),
            UpdateExpression="REMOVE #l[0], #l[2] SET hits = hits + :one",
            ExpressionAttributeNames={"#l": "list"},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_OLD",
        )["Attributes"]
        assert old == {"hits": {"N": "2"}, "list": {"L": [{"N": "0"}, {"N": "2"}]}}
        item = dynamodb.get_item(TableName=table, Key=self.key("u", 1), ProjectionExpression="hits, tags")["Item"]
        assert item == {"hits": {"N": "3"}, "tags": {"SS": ["a"]}}

    @pytest.mark.parametrize(
        "arguments, message",
        [
            ({"ConditionExpression": "status = :x"}, "reserved keyword"),
            ({"ConditionExpression": "a = :missing"}, "not defined; attribute value: :missing"),
            ({"ConditionExpression": "#missing = :x"}, "not defined; attribute name: #missing"),
            ({"ConditionExpression": "a = :x AND"}, "Syntax error"),
            ({"ConditionExpression": "nonsense(a)"}, "Invalid function name"),
            ({"ConditionExpression": "attribute_exists(a)"}, "unused in expressions: keys: {:x}"),
            ({}, "can only be specified when using expressions"),
        ],
    )
    def test_a_bad_expression_is_explained(self, dynamodb, table, arguments, message):
        response = failure(
            dynamodb.put_item,
            TableName=table,
            Item=self.key("e", 1),
            ExpressionAttributeValues={":x": {"S": "x"}},
            **arguments,
        )
        assert response["Error"]["Code"] == "ValidationException"
        assert message in response["Error"]["Message"]

    def test_keys_and_sizes_are_checked(self, dynamodb, table):
        def message(item):
            return failure(dynamodb.put_item, TableName=table, Item=item)["Error"]["Message"]

        assert "Missing the key version" in message({"stream_id": {"S": "x"}})
        assert "expected: N actual: S" in message({"stream_id": {"S": "x"}, "version": {"S": "1"}})
        assert "empty string value" in message({"stream_id": {"S": ""}, "version": {"N": "1"}})
        assert "maximum allowed size" in message({**self.key("x", 1), "big": {"S": "x" * 409_600}})
        assert "38 significant digits" in message({**self.key("x", 1), "n": {"N": "1" * 39}})
        assert "Type mismatch for Index Key" in message({**self.key("x", 1), "unpublished": {"N": "1"}})
        assert code(dynamodb.get_item, TableName="no-such-table", Key=self.key("x", 1)) == "ResourceNotFoundException"

    def test_batches_write_and_read(self, dynamodb, table):
        puts = [{"PutRequest": {"Item": self.key("b", v)}} for v in range(25)]
        answer = dynamodb.batch_write_item(RequestItems={table: puts})
        assert answer["UnprocessedItems"] == {}
        dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": self.key("b", 0)}}]})
        keys = [self.key("b", v) for v in range(26)]
        found = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
        assert sorted(int(i["version"]["N"]) for i in found) == list(range(1, 25))
        assert code(dynamodb.batch_write_item, RequestItems={table: puts + puts[:1]}) == "ValidationException"

    def test_an_item_whose_time_to_live_is_over_is_gone(self, dynamodb, table):
        dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}
        )
        described = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        now = int(time.time())
        self.put(dynamodb, table, "ttl", 1, expires_at={"N": str(now - 60)})
        self.put(dynamodb, table, "ttl", 2, expires_at={"N": str(now + 600)})
        assert "Item" not in dynamodb.get_item(TableName=table, Key=self.key("ttl", 1))
        assert dynamodb.scan(TableName=table)["Count"] == 1
        dynamodb.put_item(
            TableName=table, Item=self.key("ttl", 1), ConditionExpression="attribute_not_exists(stream_id)"
        )

    def test_tables_are_managed(self, dynamodb, table):
        description = dynamodb.describe_table(TableName=table)["Table"]
        assert description["TableStatus"] == "ACTIVE"
        assert description["GlobalSecondaryIndexes"][0]["IndexName"] == "unpublished-index"
        assert table in [n for page in dynamodb.get_paginator("list_tables").paginate() for n in page["TableNames"]]
        dynamodb.delete_table(TableName=table)
        dynamodb.get_waiter("table_not_exists").wait(TableName=table)
        assert code(dynamodb.describe_table, TableName=table) == "ResourceNotFoundException"


class TestSecretsManager:
    def test_a_new_value_makes_the_old_one_previous(self, secrets):
        name = unique("stripe")
        created = secrets.create_secret(Name=name, SecretString="one")
        secrets.put_secret_value(SecretId=created["ARN"], SecretString="two")
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"
        previous = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
        assert (previous["SecretString"], previous["VersionId"]) == ("one", created["VersionId"])
        by_id = secrets.get_secret_value(SecretId=name, VersionId=created["VersionId"])
        assert by_id["SecretString"] == "one"
        stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
        assert sorted(stages.values()) == [["AWSCURRENT"], ["AWSPREVIOUS"]]
        versions = secrets.list_secret_version_ids(SecretId=name)["Versions"]
        assert len(versions) == 2
        assert name in [s["Name"] for s in secrets.list_secrets()["SecretList"]]

    def test_errors_have_the_names_clients_know(self, secrets):
        name = unique("twice")
        secrets.create_secret(Name=name, SecretBinary=b"\x00\xff")
        assert secrets.get_secret_value(SecretId=name)["SecretBinary"] == b"\x00\xff"
        assert code(secrets.create_secret, Name=name, SecretString="x") == "ResourceExistsException"
        assert code(secrets.get_secret_value, SecretId="none") == "ResourceNotFoundException"
        missing = failure(secrets.get_secret_value, SecretId=name, VersionStage="AWSPREVIOUS")
        assert missing["Error"]["Code"] == "ResourceNotFoundException"
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        assert code(secrets.describe_secret, SecretId=name) == "ResourceNotFoundException"


class TestS3:
    @pytest.fixture
    def bucket(self, s3):
        name = unique("reports")
        s3.create_bucket(Bucket=name)
        return name

    @pytest.mark.parametrize("key", ["a.csv", "a b/ü+=&%.csv", "a//b", "x" * 1024])
    def test_an_object_comes_back_as_it_went(self, s3, bucket, key):
        data = bytes(range(256)) * 300
        put = s3.put_object(
            Bucket=bucket, Key=key, Body=data, ContentType="text/csv", Metadata={"run": "1"}, ChecksumAlgorithm="SHA256"
        )
        assert put["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == data
        assert (got["ContentType"], got["Metadata"]) == ("text/csv", {"run": "1"})
        head = s3.head_object(Bucket=bucket, Key=key)
        assert (head["ContentLength"], head["ETag"]) == (len(data), put["ETag"])
        assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=1-3")["Body"].read() == data[1:4]
        assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=-2")["Body"].read() == data[-2:]
        s3.delete_object(Bucket=bucket, Key=key)
        assert code(s3.get_object, Bucket=bucket, Key=key) == "NoSuchKey"

    def test_a_streamed_upload_is_decoded(self, s3, bucket, tmp_path):
        path = tmp_path / "data.bin"
        data = os.urandom(3_000_000)
        path.write_bytes(data)
        with path.open("rb") as stream:
            s3.put_object(Bucket=bucket, Key="streamed", Body=stream)
        assert s3.get_object(Bucket=bucket, Key="streamed")["Body"].read() == data

    def test_conditions_guard_writes_and_reads(self, s3, bucket):
        tag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
        assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=tag)
        assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"4", IfMatch=tag) == "PreconditionFailed"
        new = s3.head_object(Bucket=bucket, Key="k")["ETag"]
        assert failure(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=new)["ResponseMetadata"]["HTTPStatusCode"] == 304

    def test_listings_page_and_group(self, s3, bucket):
        keys = sorted([f"logs/2026/{n:02}.txt" for n in range(5)] + ["logs/a b&<>.txt", "top.txt", "zz/1", "zz/2"])
        for key in keys:
            s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
        assert [o["Key"] for page in pages for o in page["Contents"]] == keys
        grouped = list(
            s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}
            )
        )
        assert [p["Prefix"] for page in grouped for p in page.get("CommonPrefixes", [])] == ["logs/", "zz/"]
        assert [o["Key"] for page in grouped for o in page.get("Contents", [])] == ["top.txt"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="logs/2026/", StartAfter="logs/2026/02.txt")
        assert [o["Key"] for o in listed["Contents"]] == ["logs/2026/03.txt", "logs/2026/04.txt"]
        deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in keys]})
        assert sorted(d["Key"] for d in deleted["Deleted"]) == keys
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0

    def test_buckets_are_managed(self, s3, bucket):
        assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
        s3.head_bucket(Bucket=bucket)
        assert code(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"") == "NoSuchBucket"
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
        assert code(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
        s3.delete_object(Bucket=bucket, Key="k")
        s3.delete_bucket(Bucket=bucket)
        assert code(s3.list_objects_v2, Bucket=bucket) == "NoSuchBucket"

    def test_what_is_not_offered_is_refused_by_name(self, s3, bucket):
        refused = failure(s3.create_multipart_upload, Bucket=bucket, Key="k")["Error"]
        assert refused["Code"] == "NotImplemented"
        assert "uploads" in refused["Message"]


class TestSNS:
    def test_a_published_message_reaches_the_subscribed_queue(self, sns, aws_client):
        sqs = aws_client("sqs")
        queue = sqs.create_queue(QueueName=unique("alerts"))["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = sns.create_topic(Name=unique("alerts"))["TopicArn"]
        subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        published = sns.publish(
            TopicArn=topic,
            Subject="Discrepancy",
            Message="ch_1: ü <&> +",
            MessageAttributes={"severity": {"DataType": "String", "StringValue": "high"}},
        )
        body = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]["Body"]
        envelope = json.loads(body)
        assert envelope["MessageId"] == published["MessageId"]
        assert (envelope["Subject"], envelope["Message"]) == ("Discrepancy", "ch_1: ü <&> +")
        assert envelope["MessageAttributes"] == {"severity": {"Type": "String", "Value": "high"}}
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert [s["SubscriptionArn"] for s in listed] == [subscription]
        sns.unsubscribe(SubscriptionArn=subscription)
        sns.publish(TopicArn=topic, Message="again")
        assert sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessages"
        ] == "0"

    def test_topics_are_managed(self, sns):
        name = unique("topic")
        topic = sns.create_topic(Name=name)["TopicArn"]
        assert sns.create_topic(Name=name)["TopicArn"] == topic
        assert topic in [t["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for t in page["Topics"]]
        assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
        assert code(sns.publish, TopicArn=topic + "x", Message="m") == "NotFound"
        assert code(sns.publish, TopicArn=topic, Message="") == "InvalidParameter"
        assert code(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@b.c") == "InvalidParameter"
        assert code(sns.set_topic_attributes, TopicArn=topic, AttributeName="x") == "InvalidAction"


class TestEndpoint:
    def request(self, endpoint, headers, body=b"{}"):
        request = urllib.request.Request(endpoint + "/", data=body, headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        return caught.value.code, caught.value.read().decode()

    def test_an_unsigned_json_request_is_refused_in_json(self, aws_endpoint):
        status, body = self.request(aws_endpoint, {"X-Amz-Target": "AmazonSQS.ListQueues"})
        assert status == 403
        assert json.loads(body)["__type"] == "MissingAuthenticationToken"

    def test_an_unsigned_form_request_is_refused_in_xml(self, aws_endpoint):
        status, body = self.request(aws_endpoint, {}, b"Action=ListTopics")
        assert status == 403
        assert "<Code>MissingAuthenticationToken</Code>" in body

    def test_a_deeply_nested_body_is_refused_and_the_endpoint_goes_on(self, aws_endpoint, sqs):
        headers = {
            "X-Amz-Target": "DynamoDB_20120810.PutItem",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261103/us-east-1/dynamodb/aws4_request",
        }
        for depth in (150, 400, 511, 100_000):
            body = ('{"TableName":"x","Item":' + "[" * depth + "]" * depth + "}").encode()
            status, answer = self.request(aws_endpoint, headers, body)
            assert status == 400
            assert "SerializationException" in answer
        sqs.list_queues()

    def test_a_service_that_is_not_offered_is_named(self, aws_client):
        response = failure(aws_client("ssm").get_parameter, Name="x")
        assert "'ssm'" in response["Error"]["Message"]


class TestCommandLine:
    """The AWS CLI is another client stack: its own parsing, its own endpoint rules (measured: v1 wants the option)."""

    def test_a_queue(self, aws):
        url = aws("sqs", "create-queue", "--queue-name", unique("cli"))["QueueUrl"]
        aws("sqs", "send-message", "--queue-url", url, "--message-body", "hello")
        assert aws("sqs", "receive-message", "--queue-url", url)["Messages"][0]["Body"] == "hello"

    def test_a_table(self, aws):
        name = unique("cli")
        aws(
            "dynamodb", "create-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST",
            "--attribute-definitions", "AttributeName=id,AttributeType=S",
            "--key-schema", "AttributeName=id,KeyType=HASH",
        )  # fmt: skip
        aws("dynamodb", "put-item", "--table-name", name, "--item", '{"id":{"S":"x"},"n":{"N":"1"}}')
        assert aws("dynamodb", "scan", "--table-name", name)["Items"] == [{"id": {"S": "x"}, "n": {"N": "1"}}]

    def test_a_bucket(self, aws, tmp_path):
        bucket = unique("cli")
        source = tmp_path / "report.csv"
        source.write_text("a,b\n1,2\n")
        aws("s3api", "create-bucket", "--bucket", bucket)
        aws("s3api", "put-object", "--bucket", bucket, "--key", "r.csv", "--body", str(source))
        copy = tmp_path / "copy.csv"
        aws("s3api", "get-object", "--bucket", bucket, "--key", "r.csv", str(copy))
        assert copy.read_text() == source.read_text()
