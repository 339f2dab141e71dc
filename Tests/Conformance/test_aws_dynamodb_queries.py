"""The emulator's DynamoDB queries, scans and batches as the AWS SDK for Python sees them."""

from aws_support import code
from dynamodb_support import EventsTable


class TestDynamoDB(EventsTable):
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

    def test_batches_write_and_read(self, dynamodb, table):
        puts = [{"PutRequest": {"Item": self.key("b", v)}} for v in range(25)]
        answer = dynamodb.batch_write_item(RequestItems={table: puts})
        assert answer["UnprocessedItems"] == {}
        dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": self.key("b", 0)}}]})
        keys = [self.key("b", v) for v in range(26)]
        found = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
        assert sorted(int(i["version"]["N"]) for i in found) == list(range(1, 25))
        assert code(dynamodb.batch_write_item, RequestItems={table: puts + puts[:1]}) == "ValidationException"
