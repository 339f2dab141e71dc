"""The emulator's AWS services as the AWS CLI sees them."""

from aws_support import unique


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
