"""The servers that the conformance tests meet, and clients that reach them."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import boto3
import pytest
from botocore.config import Config

from programs import fincore_binary, running, wait_for_file
from stripe_support import Sandbox, WebhookReceiver


@pytest.fixture
def open_directory():
    """An empty directory that servers under accounts of their own can reach; root's tmp_path is closed to them."""
    with tempfile.TemporaryDirectory(prefix="fincore-test-") as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


# --- AWS -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def aws_endpoint(tmp_path_factory):
    """The URL of the emulator's AWS services, started for this run on a free port."""
    ready = tmp_path_factory.mktemp("services") / "ready.json"
    with running([fincore_binary(), "services", "--port", "0", "--ready-file", ready]) as process:
        yield wait_for_file(ready, process)["endpoint"]


@pytest.fixture(scope="session")
def aws_environment(aws_endpoint):
    """Environment variables by which a standard AWS client finds the emulator."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": aws_endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


@pytest.fixture(scope="session")
def aws_client(aws_endpoint):
    """Makes boto3 clients for the emulator; none retries, so that every answer is seen."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")

    def make(service, **options):
        return session.client(
            service,
            endpoint_url=aws_endpoint,
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
            **options,
        )

    return make


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
    program = pathlib.Path(sys.executable).with_name("aws")
    if not program.exists():
        pytest.fail(f"{program} does not exist: install Tests/requirements.txt")

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


# --- PSP sandbox ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """The PSP sandbox, started for a test file, with a receiver for its webhooks."""
    folder = tmp_path_factory.mktemp("stripe-sandbox")
    ready = folder / "ready.json"
    settlements = folder / "settlements"
    settlements.mkdir()
    receiver = WebhookReceiver()
    command = [
        fincore_binary(), "sandbox", "--port", "0", "--ready-file", ready,
        "--webhook-url", receiver.url, "--settlement-directory", settlements,
    ]
    try:
        with running(command) as process:
            yield Sandbox(wait_for_file(ready, process), process, receiver, settlements)
    finally:
        receiver.server.shutdown()
