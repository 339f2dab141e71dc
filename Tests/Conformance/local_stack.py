"""The whole system as `./fincore up` runs it, as the world in which functions run elsewhere: servers, data, secrets."""

import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import time

import boto3
from botocore.config import Config

from programs import fincore_binary, running, wait_for_file

REGION = "eu-west-1"
# What belongs to the process that our emulator started, not to the function.
OF_THE_PROCESS = {"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "LD_LIBRARY_PATH", "_HANDLER"}


class LocalStack:
    """A running stack, seen through its AWS endpoint and its databases."""

    def __init__(self, ready):
        self.ready = ready
        session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION)
        self._clients = {}
        self._session = session
        # Read at once: a function that ends later takes them with it.
        self._environments = {
            name: _environment(identifiers[0]) for name, identifiers in ready["process_ids"].items()
        }

    def client(self, service):
        """A boto3 client that does not retry, so that every answer is seen."""
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service, endpoint_url=self.ready["aws"], config=Config(retries={"total_max_attempts": 1}))
        return self._clients[service]

    def variables(self, function):
        """The environment variables that the stack gives a function."""
        return {
            name: value for name, value in self._environments[function].items() if name not in OF_THE_PROCESS
        }

    def secret(self, name):
        return json.loads(self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])

    def invoke(self, function, event):
        """The document our emulator answers with, and whether the function failed."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def prepare(self, fixture):
        """Brings about what a fixture says is given, and signs its event when it is a PSP's."""
        for envelope in fixture.given.get("journal", []):
            self.client("dynamodb").put_item(TableName="EventsTable", Item=journal_item(envelope))
        for name, content in fixture.given.get("settlements", {}).items():
            path = pathlib.Path(self.secret("fincore/settlement-sftp")["directory"], name)
            path.write_text(content)
            # The server that hands the file out runs as another user.
            path.chmod(0o644)
        for step in fixture.given.get("invocations", []):
            document, failed = self.invoke(step["function"], step["event"])
            assert not failed, document
        if fixture.event.get("headers", {}).get("stripe-signature") == "${stripe_signature}":
            secret = self.secret("fincore/stripe")["webhook_secrets"][0]
            fixture.event["headers"]["stripe-signature"] = stripe_signature(fixture.event["body"], secret)

    def journal(self, stream):
        """The events of a stream in the journal, in order."""
        answer = self.client("dynamodb").query(
            TableName="EventsTable", KeyConditionExpression="stream_id = :stream",
            ExpressionAttributeValues={":stream": {"S": stream}}, ConsistentRead=True)
        return [json.loads(item["envelope"]["S"]) for item in answer["Items"]]

    def rows(self, database, sql):
        """What a query finds in a database."""
        secret = self.secret(f"fincore/{database}-db")
        result = subprocess.run(
            ["psql", "-h", secret["host"], "-p", str(secret["port"]), "-U", secret["username"],
             "-d", secret["dbname"], "-qAtX", "-v", "ON_ERROR_STOP=1",
             "-c", f"SELECT coalesce(json_agg(found), '[]') FROM ({sql}) AS found"],
            env={"PATH": os.environ["PATH"], "PGPASSWORD": secret["password"]},
            capture_output=True, text=True, timeout=30, check=False)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def check_effects(self, fixture):
        """The effects in journal and databases are those the fixture expects."""
        for stream, events in fixture.expected.get("journal", {}).items():
            if not stream.startswith("<any"):
                found = [event["type"] for event in self.journal(stream)]
                assert found == [event["type"] for event in events], f"{stream}: {found}"
        for query in fixture.expected.get("databases", []):
            found = self.rows(query["database"], query["sql"])
            assert found == query["rows"], f"{query['sql']}: {found}"

    def has_effects(self, fixture):
        """Whether what the fixture expects in the databases is there by now."""
        queries = fixture.expected["databases"]
        return all(self.rows(query["database"], query["sql"]) == query["rows"] for query in queries)


@contextlib.contextmanager
def local_stack(folder):
    """The stack for the length of a block, on free ports."""
    ready = folder / "ready.json"
    command = [
        fincore_binary(), "up", "--verbose", "--port", "0", "--aws-port", "0", "--sandbox-port", "0",
        "--ready-file", ready]
    with (folder / "up.log").open("w") as log, running(command, stdout=log, stderr=log) as process:
        yield LocalStack(wait_for_file(ready, process))


def journal_item(envelope):
    """An event as it stands in the journal's table."""
    texts = {name: {"S": envelope[name]} for name in ("stream_id", "event_id", "type", "merchant_id")}
    return {**texts, "version": {"N": str(envelope["version"])}, "envelope": {"S": json.dumps(envelope)}}


def stripe_signature(body, secret):
    """The header with which Stripe signs a webhook (docs.stripe.com, "Verify webhook signatures manually")."""
    moment = int(time.time())
    signature = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={moment},v1={signature}"


def _environment(identifier):
    text = pathlib.Path(f"/proc/{identifier}/environ").read_text()
    return dict(line.split("=", 1) for line in text.split("\0") if line)
