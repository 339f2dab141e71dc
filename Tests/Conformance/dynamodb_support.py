"""The journal's table, on which DynamoDB is tried out."""

import pytest

from aws_support import unique


class EventsTable:
    """Keys and index as the journal has them."""

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
