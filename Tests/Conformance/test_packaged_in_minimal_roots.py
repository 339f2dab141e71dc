"""The zips as they are deployed, in roots that hold next to nothing, under AWS's emulator and under ours.

What a static program could still miss on another machine: its C library, certificates, the way names are resolved,
and an SSH library. NetworkProbe makes one connection per event with the same client and libraries as the functions.
"""

import contextlib
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

from event_fixtures import FixtureCopy
from local_stack import local_stack
from minimal_roots import DEBIAN_11_NAME_SERVICES, TASK_ROOT, bare_root, debian_11, debian_11_root
from network_peers import BODY, FILE_BYTES, Authority, https_server, name_server, sftp_server
from programs import FUNCTIONS, ROOT, fincore_binary, running, wait_for_file
from rie_support import emulator

ROOTS = {"bare": bare_root, "debian-11": debian_11_root}
EMULATORS = ["aws", "ours"]
ISOLATED = "FINCORE_TEST_ISOLATED"
NAME = "peer.example.internal"


@contextlib.contextmanager
def under_aws(root, folder, variables):
    # The function sees these two as they are inside, whatever the emulator says.
    with emulator(root.bootstrap(), folder, {"LAMBDA_TASK_ROOT": TASK_ROOT, **variables}) as rie:
        yield lambda event: rie.invoke(event).document


@contextlib.contextmanager
def under_ours(root, folder, variables):
    ready = folder / "ready.json"
    words = [word for name, value in variables.items() for word in ("--variable", f"{name}={value}")]
    command = [fincore_binary(), "host", root.bootstrap(), "--port", "0", "--ready-file", ready, *words]
    with (folder / "host.log").open("w") as log, running(command, stdout=log, stderr=log) as process:
        client = boto3.client(
            "lambda", endpoint_url=wait_for_file(ready, process)["endpoint"], region_name="eu-west-1",
            aws_access_key_id="test", aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))
        yield lambda event: json.loads(
            client.invoke(FunctionName="function", Payload=json.dumps(event))["Payload"].read())


@pytest.fixture(params=ROOTS)
def make_root(request, tmp_path):
    return lambda function: ROOTS[request.param](tmp_path, function)


@pytest.fixture(params=EMULATORS)
def start(request, make_root, tmp_path):
    """Starts a function's package in a root under an emulator: gives what invokes it, and the root before it starts."""
    host = {"aws": under_aws, "ours": under_ours}[request.param]
    with contextlib.ExitStack() as stack:

        def begin(function, prepare=lambda root: {}):
            root = make_root(function)
            return stack.enter_context(host(root, tmp_path, prepare(root)))

        yield begin


def test_the_debian_11_root_has_an_older_c_library():
    # Otherwise the tests beside this one would show nothing.
    library = next(debian_11().glob("lib/*/libc.so.6"))
    assert b"GNU C Library (Debian GLIBC 2.31-" in library.read_bytes()
    assert list(debian_11().glob("usr/lib/*/libnss_myhostname.so.2")) and "myhostname" in DEBIAN_11_NAME_SERVICES


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_and_says_what_its_configuration_lacks(start, function):
    aws = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    invoke = start(function, lambda root: {**aws, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    answer = invoke({})
    assert answer["errorType"] == "Function.ConfigurationInvalid", answer
    assert answer["errorMessage"].startswith("the environment variable "), answer


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with local_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


# PostgreSQL, and SFTP with PostgreSQL: what libpq and libssh2 want of a system is asked for only by real work.
@pytest.mark.parametrize("name", ["ledger/refunds", "reconciliation/all-matched"])
def test_a_function_does_its_work_to_the_end(start, stack, name):
    fixture = FixtureCopy(name)
    stack.prepare(fixture)
    # The network is this machine's, so that the stack's servers are where its variables say.
    answer = start(fixture.function, lambda root: stack.variables(fixture.function))(fixture.event)
    assert fixture.meets(answer), answer
    stack.check_effects(fixture)


def test_echo_answers(start):
    event = json.loads((ROOT / "events" / "worker" / "charge.json").read_text())
    assert start("Echo")(event) == {"batchItemFailures": []}


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def https_port(authority, tmp_path):
    with https_server(*authority.certificate(tmp_path, "localhost", NAME)) as port:
        yield port


def test_https_with_a_name_out_of_the_hosts_file(start, authority, https_port):
    invoke = start("NetworkProbe", lambda root: {"CA_FILE": root.write("tmp/ca.pem", authority.pem)})
    answer = invoke({"https": f"https://localhost:{https_port}/"})
    assert (answer.get("status"), answer.get("bytes")) == (200, len(BODY)), answer
    # The certificate is for the name, not for the address.
    assert "subject name" in invoke({"https": f"https://127.0.0.1:{https_port}/"})["error"]


def test_https_trusts_nobody_but_the_packaged_roots(start, https_port):
    error = start("NetworkProbe")({"https": f"https://localhost:{https_port}/"})["error"]
    assert "SSL certificate problem" in error and "unable to get local issuer certificate" in error


@pytest.fixture(scope="module")
def files():
    with sftp_server() as server:
        yield server


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_sftp(start, files, kind):
    key = "tmp/key"
    invoke = start("NetworkProbe", lambda root: {"KEY": root.write(key, files.private_key(kind), 0o600)})
    location = {
        "host": "localhost", "port": files.port, "username": files.username, "private_key_file": f"/{key}",
        "host_key_sha256": files.host_key_sha256, "path": files.path}
    # First the refusal: a connection that is open is not verified again.
    foreign = "A" * len(files.host_key_sha256)
    assert "hostKeyMismatch" in invoke({"sftp": {**location, "host_key_sha256": foreign}})["error"]
    answer = invoke({"sftp": location})
    assert answer.get("bytes") == FILE_BYTES, answer


@pytest.fixture
def isolated_network(request):
    """Runs the test in a network of its own, where port 53 is free for a name server whoever runs the tests."""
    if os.environ.get(ISOLATED):
        bring_loopback_up()
        return
    options = ["--net"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--net"]
    test = f"{request.path}::{request.node.name}"
    run = subprocess.run(
        ["unshare", *options, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        env={**os.environ, ISOLATED: "1"}, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    request.node.ran_isolated = True


def bring_loopback_up():
    """A new network has a loopback interface that is down: SIOCSIFFLAGS with IFF_UP."""
    with socket.socket() as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 1))


def test_https_with_a_name_out_of_the_dns(request, isolated_network, start, authority, https_port):
    if hasattr(request.node, "ran_isolated"):
        return
    with name_server("127.0.0.1", {NAME: "127.0.0.1"}):
        invoke = start("NetworkProbe", lambda root: {"CA_FILE": root.write("tmp/ca.pem", authority.pem)})
        answer = invoke({"https": f"https://{NAME}:{https_port}/"})
        assert (answer.get("status"), answer.get("bytes")) == (200, len(BODY)), answer
        # Asked for a name that nobody knows, the C library turns to every module there is.
        assert "Could not resolve host" in invoke({"https": "https://nobody.example.internal/"})["error"]
