"""A foreign AWS on loopback, with the stack of infra/functions.json deployed to it by AWS's own SAM CLI.

ministack runs `provided.*` functions as processes under a Runtime API of its own, and has its own load balancer,
queues, streams, tables and CloudFormation. It is a second opinion written by others, not a reference for AWS: it says
nothing about bisecting a batch, retry limits and failure destinations of streams, which it ignores.
"""

import contextlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config

import process_table
from bootstraps import PACKAGES, bootstrap
from deployment_tools import tool
from local_stack import REGION, journal_item
from loopback import free_ports, wait_until_listening
from programs import FUNCTIONS, ROOT, STOP_SECONDS

ACCOUNT = "123456789012"
STACK_NAME = "fincore"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
SAM_SECONDS = 120
# What whoever deploys has before; nothing looks at it here.
NETWORK = {
    "VpcId": "vpc-0123456789abcdef0",
    "PublicSubnetIds": "subnet-0123456789abcdef0,subnet-0fedcba9876543210",
    "CertificateArn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000",
}


class MiniStack:
    """A running ministack and the stack deployed to it."""

    def __init__(self, endpoint, folder):
        self.endpoint = endpoint
        self._folder = folder
        self._session = boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        self._clients = {}
        self._resources = {}

    def client(self, service):
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service, endpoint_url=self.endpoint, config=Config(retries={"total_max_attempts": 1}))
        return self._clients[service]

    def log(self):
        return (self._folder / "ministack.log").read_text(errors="replace")

    def resource(self, name):
        """The physical name of one of the template's resources."""
        return self._resources[name]

    # --- Deploying ---------------------------------------------------------------------------------------------------

    def deploy(self, template, **parameters):
        """`sam deploy` of what `sam build` has built."""
        overrides = [f"{name}={value}" for name, value in {**NETWORK, **parameters}.items()]
        sam(
            self._folder, "deploy", "--template-file", template, "--stack-name", STACK_NAME, "--resolve-s3",
            "--capabilities", *CAPABILITIES, "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides",
            *overrides, AWS_ENDPOINT_URL=self.endpoint)
        answer = self.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)
        self._resources = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in answer["StackResources"]
        }

    def update(self, **parameters):
        """Deploys what is deployed again, with other values for some of its parameters."""
        client = self.client("cloudformation")
        known = client.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["Parameters"]
        client.update_stack(
            StackName=STACK_NAME, UsePreviousTemplate=True, Capabilities=CAPABILITIES, Parameters=[
                {"ParameterKey": name, "ParameterValue": parameters[name]} if name in parameters
                else {"ParameterKey": name, "UsePreviousValue": True}
                for name in (parameter["ParameterKey"] for parameter in known)
            ])
        client.get_waiter("stack_update_complete").wait(StackName=STACK_NAME, WaiterConfig={"Delay": 0.2})

    def take_over(self, stack):
        """What a deployment is given besides its template: secrets, API keys and rules; here those of a local stack."""
        for resource, name in self._resources.items():
            if resource.endswith("Secret"):
                self.client("secretsmanager").put_secret_value(
                    SecretId=name, SecretString=json.dumps(stack.secret(name)))
        for table in ("ApiKeysTable", "RiskRulesTable"):
            for item in stack.client("dynamodb").scan(TableName=table)["Items"]:
                self.client("dynamodb").put_item(TableName=self.resource(table), Item=item)
        # CloudFormation registers a target group's functions; ministack's does not.
        for function in ("PaymentService", "Webhook"):
            arn = self.client("lambda").get_function_configuration(FunctionName=self.resource(function))["FunctionArn"]
            self.client("elbv2").register_targets(
                TargetGroupArn=self.resource(f"{function}Targets"), Targets=[{"Id": arn}])

    def create_function(self, name, program, runtime, **options):
        """Deploys a bootstrap that is not in the template."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            package.write(program, "bootstrap")
        self.client("lambda").create_function(
            FunctionName=name, Runtime=runtime, Handler="bootstrap",
            Role=f"arn:aws:iam::{ACCOUNT}:role/{name}", Code={"ZipFile": archive.getvalue()}, Timeout=20, **options)
        return name

    # --- Using -------------------------------------------------------------------------------------------------------

    def invoke(self, name, event, **options):
        """The whole answer of a synchronous invocation, with its payload as a document."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
        payload = answer["Payload"].read()
        return {**answer, "Payload": json.loads(payload) if payload else None}

    def request(self, method, path, body=None, **headers):
        """One request through the load balancer: status and document."""
        balancer = self.resource("LoadBalancer").split("/")[2]
        request = urllib.request.Request(
            f"{self.endpoint}/_alb/{balancer}{path}", method=method, data=body.encode() if body else None,
            headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as answer:
            return answer.code, json.loads(answer.read())

    def put_journal(self, fixture):
        """Writes the events that a fixture says are given."""
        for envelope in fixture.given.get("journal", []):
            self.client("dynamodb").put_item(TableName=self.resource("EventsTable"), Item=journal_item(envelope))

    def journal(self, stream):
        """The events of a stream in the journal, in order."""
        answer = self.client("dynamodb").query(
            TableName=self.resource("EventsTable"), KeyConditionExpression="stream_id = :stream",
            ExpressionAttributeValues={":stream": {"S": stream}})
        return [json.loads(item["envelope"]["S"]) for item in answer["Items"]]


def build_application(folder):
    """`sam build` of the project's template as it is: nothing in it is changed for ministack. Gives the result."""
    packages = pathlib.Path(PACKAGES).resolve() if PACKAGES else folder / "package"
    if not PACKAGES:
        for function in FUNCTIONS:
            (packages / function).mkdir(parents=True)
            shutil.copy(bootstrap(function, "built"), packages / function / "bootstrap")
    sam(
        folder, "build", "--template-file", ROOT / "infra" / "functions.json", "--build-dir", folder / "build",
        FINCORE_PACKAGE_DIR=str(packages))
    return folder / "build" / "template.yaml"


def sam(folder, *words, **environment):
    """Runs AWS's SAM CLI; what it writes stays in a folder."""
    # What it would otherwise ask the Internet: whether there is a newer version of it.
    state = folder / ".aws-sam" / "metadata.json"
    state.parent.mkdir(exist_ok=True)
    state.write_text(json.dumps({"lastVersionCheck": time.time(), "telemetryEnabled": False}))
    run = subprocess.run(
        [tool("bin/sam"), *words],
        env={
            "PATH": os.environ["PATH"], "HOME": str(folder), "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION, **environment,
        },
        cwd=folder, capture_output=True, text=True, timeout=SAM_SECONDS, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]


@contextlib.contextmanager
def ministack(folder):
    """An empty ministack for the length of a block; afterwards no process of it or of a function is left."""
    (port,) = free_ports(1)
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        # Loopback only: by default it listens everywhere, on several ports.
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        # The host in the URLs of queues.
        "MINISTACK_HOST": "127.0.0.1",
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        # Handed on to the functions only when it stands here.
        "AWS_ENDPOINT_URL": endpoint,
    }
    with (folder / "ministack.log").open("w") as log:
        process = subprocess.Popen(
            [tool("bin/ministack")], env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True)
    running = MiniStack(endpoint, folder)
    try:
        wait_until_listening(port, process, running.log)
        yield running
    finally:
        functions = process_table.descendants(process.pid)
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        deadline = time.monotonic() + STOP_SECONDS
        while left := [function for function in functions if process_table.is_running(function)]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        for function in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(function.identifier, 9)
    assert not left, f"functions outlived their Runtime API: {left}"
