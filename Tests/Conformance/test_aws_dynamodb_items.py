"""The emulator's DynamoDB items, expressions and tables as the AWS SDK for Python sees them."""

import concurrent.futures
import decimal
import time

import boto3
import pytest

from aws_support import code, failure
from dynamodb_support import EventsTable


class TestDynamoDB(EventsTable):
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
