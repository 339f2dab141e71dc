"""The emulator's Kinesis as the AWS SDK for Python sees it."""

import hashlib

import pytest

from aws_support import code, failure, unique


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
