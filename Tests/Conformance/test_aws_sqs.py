"""The emulator's SQS as the AWS SDK for Python sees it."""

import hashlib
import json
import struct
import threading
import time

import pytest

from aws_support import code, failure, unique


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
