"""The emulator's DynamoDB transactions as the AWS SDK for Python sees them."""

from aws_support import code, failure
from dynamodb_support import EventsTable


class TestDynamoDB(EventsTable):
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
