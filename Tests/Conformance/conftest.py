"""What the conformance tests share: the programs under test and clients that reach them."""

import json
import os
import pathlib
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 20


def fincore_binary():
    """The emulator's program; FINCORE_BIN names another build of it."""
    path = pathlib.Path(os.environ.get("FINCORE_BIN", ROOT / ".build" / "debug" / "fincore"))
    if not path.exists():
        pytest.fail(f"{path} does not exist: build it (swift build --product fincore) or set FINCORE_BIN")
    return str(path)


def wait_for_file(path, process):
    """The document in a ready file, once the program has written it whole."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the program ended with status {process.returncode} before it was ready")
        try:
            return json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.01)
    pytest.fail(f"{path} was not written within {START_SECONDS} s")


@pytest.fixture(scope="session")
def aws_endpoint(tmp_path_factory):
    """The URL of the emulator's AWS services, started for this run on a free port."""
    ready = tmp_path_factory.mktemp("services") / "ready.json"
    process = subprocess.Popen([fincore_binary(), "services", "--port", "0", "--ready-file", str(ready)])
    try:
        yield wait_for_file(ready, process)["endpoint"]
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
    boto3 = pytest.importorskip("boto3")
    from botocore.config import Config

    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")

    def make(service, **options):
        return session.client(
            service,
            endpoint_url=aws_endpoint,
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32),
            **options,
        )

    return make
