"""The page that teaches how to write a function (docs/runtime.md), followed to the letter in an empty folder."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
from typing import NamedTuple

import pytest

from deployment_tools import tool
from ministack_support import ministack, sam
from programs import ROOT, fincore_binary, running, wait_for_file
from rie_support import emulator

PAGE = ROOT / "docs" / "runtime.md"
# A build of the whole runtime from nothing, on a machine that does something else as well.
BUILD_SECONDS = 600
CLONE = "../fincore-payments"
ADDRESS = "http://127.0.0.1:9000"


class Page(NamedTuple):
    """What the page says: files by path, commands with what they print, and Swift that stands for itself."""

    files: dict
    commands: dict
    snippets: list

    @classmethod
    def read(cls, text):
        page = cls({}, {}, [])
        # A path in backquotes at the beginning of a paragraph names the block that follows.
        block = re.compile(r"(?:^`([\w./-]+\.(?:swift|json))`[^\n]*\n(?:[^\n]+\n)*\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
        for path, language, body in block.findall(text):
            if path:
                page.files[path] = body
            elif language == "swift":
                page.snippets.append(body)
            elif language == "console":
                for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
                    assert command not in page.commands, f"twice: {command}"
                    page.commands[command] = output.rstrip("\n")
        return page

    def command(self, beginning):
        """The one command that begins so."""
        found = [command for command in self.commands if command.startswith(beginning)]
        assert len(found) == 1, f"{PAGE.name} has {len(found)} commands that begin with: {beginning}"
        return found[0]


PAGE_TEXT = Page.read(PAGE.read_text())


def run(command, folder, **environment):
    """Runs a command of the page as its reader would."""
    result = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=BUILD_SECONDS, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The reader's folder with all files of the page, built and tested."""
    beginning = tmp_path_factory.mktemp("empty folder")
    run(PAGE_TEXT.command("mkdir "), beginning)
    folder = beginning / "hello"
    for path, text in PAGE_TEXT.files.items():
        (folder / path).write_text(text.replace(CLONE, str(ROOT)))
    # What the rest of the page shows compiles beside it.
    snippets = folder / "Sources" / "Snippets"
    snippets.mkdir()
    for number, text in enumerate(PAGE_TEXT.snippets):
        (snippets / f"Snippet{number}.swift").write_text(text)
    with (folder / "Package.swift").open("a") as manifest:
        manifest.write(
            'package.targets.append(.target(name: "Snippets", dependencies: '
            '[runtime, .product(name: "HTTPClient", package: "fincore-payments")]))\n')
    run(PAGE_TEXT.command("swift build"), folder)
    return folder


@pytest.fixture(scope="module")
def packages(folder):
    """The packages of both functions."""
    if not (ROOT / ".build" / "native" / "stamp").exists():
        pytest.fail("the libraries for packages are not built: run ./fincore package first")
    command = PAGE_TEXT.command(f"{CLONE}/fincore package")
    table = run(
        command.replace(f"{CLONE}/fincore", shlex.quote(fincore_binary())), folder, FINCORE_ROOT=str(ROOT))
    return folder / "package", table


def hosted(folder, function, port=0):
    """The program of `fincore host`, as the page calls it, but on a free port."""
    command = shlex.split(PAGE_TEXT.command(f"{CLONE}/fincore host .build/debug/{function} "))
    ready = folder / f"{function}-ready.json"
    return running([fincore_binary(), *command[1:], "--port", str(port), "--ready-file", ready], cwd=folder), ready


def test_nothing_of_the_page_is_left_out():
    assert set(PAGE_TEXT.files) == {
        "Package.swift", "Sources/Hello/main.swift", "Sources/Orders/main.swift",
        "Tests/HelloTests/GreeterTests.swift", "orders.json", "template.json"}
    assert len(PAGE_TEXT.snippets) == 3
    main = PAGE_TEXT.files["Sources/Hello/main.swift"].splitlines()
    assert len(main) <= 20


def test_the_unit_test_passes(folder):
    output = run(PAGE_TEXT.command("swift test"), folder)
    said = PAGE_TEXT.commands["swift test"]
    for line in said.splitlines()[1:]:
        assert re.search(re.sub(r"[0-9]+\\\.[0-9]+", "[0-9.]+", re.escape(line)), output), output[-2000:]


@pytest.mark.parametrize("function, count", [("Hello", 2), ("Orders", 1)])
def test_the_emulator_answers_as_shown(folder, function, count):
    program, ready = hosted(folder, function)
    commands = [command for command in PAGE_TEXT.commands if command.startswith("curl ") and f"/{function}/" in command]
    assert len(commands) == count
    with program as process:
        endpoint = wait_for_file(ready, process)["endpoint"]
        for command in commands:
            assert run(command.replace(ADDRESS, endpoint), folder) == PAGE_TEXT.commands[command]
        if function == "Hello":
            command = PAGE_TEXT.command("aws lambda invoke ")
            answer = run(
                command.replace(ADDRESS, endpoint).replace("aws", str(pathlib.Path(sys.executable).with_name("aws")), 1),
                folder, AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any", AWS_DEFAULT_REGION="eu-west-1")
            assert json.loads(answer) == json.loads(PAGE_TEXT.commands[command])
            assert json.loads((folder / "answer.json").read_text()) == {"text": "Hello, Ada!"}
    host = PAGE_TEXT.command(f"{CLONE}/fincore host .build/debug/{function} ")
    path = f"/2015-03-31/functions/{function}/invocations"
    assert PAGE_TEXT.commands[host] == f"Invoke API  {ADDRESS}{path}"


def test_the_emulator_of_aws_answers_alike(folder, tmp_path):
    program = folder / shlex.split(PAGE_TEXT.command("aws-lambda-rie "))[-1]
    command = PAGE_TEXT.command(f"curl -s {ADDRESS}/2015-03-31/functions/function/")
    event = json.loads(shlex.split(command)[-1])
    with emulator(program, tmp_path) as rie:
        assert rie.invoke(event).body.decode() == PAGE_TEXT.commands[command]


def test_the_packages_pass_the_check(packages):
    folder, table = packages
    command = PAGE_TEXT.command(f"{CLONE}/fincore package")
    shown = [line for line in PAGE_TEXT.commands[command].splitlines() if not re.match(r" *[0-9.]+ s  ", line)]
    columns = [[line.split()[0], line.split()[-1]] for line in table.splitlines()]
    assert columns == [[line.split()[0], line.split()[-1]] for line in shown]
    for line, other in zip(table.splitlines()[1:], shown[1:]):
        assert float(line.split()[1]) == pytest.approx(float(other.split()[1]), rel=0.1)
    for function in ("Hello", "Orders"):
        program = (folder / function / "bootstrap").read_bytes()
        assert str(ROOT).encode() + b"/" not in program and str(folder.parent).encode() not in program


def test_the_template_is_deployed_with_either_runtime(folder, packages, tmp_path):
    lint = pathlib.Path(sys.executable).with_name("cfn-lint")
    run(f"{shlex.quote(str(lint))} -t template.json", folder)
    command = shlex.split(PAGE_TEXT.command("sam deploy "))
    command[command.index("template.json")] = folder / "template.json"
    with ministack(tmp_path) as stack:
        for runtime, options in (
            ("provided.al2023", []), ("provided.al2", ["--parameter-overrides", "Runtime=provided.al2"]),
        ):
            sam(tmp_path, *command[1:], "--no-confirm-changeset", *options, AWS_ENDPOINT_URL=stack.endpoint)
            resources = stack.client("cloudformation").describe_stack_resources(StackName="hello")["StackResources"]
            names = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
            client = stack.client("lambda")
            assert client.get_function_configuration(FunctionName=names["Hello"])["Runtime"] == runtime
            assert stack.invoke(names["Hello"], {"name": "Ada"})["Payload"] == {"text": "Hello, Ada!"}
            orders = json.loads((folder / "orders.json").read_text())
            answer = stack.invoke(names["Orders"], orders)["Payload"]
            assert answer == {"batchItemFailures": [{"itemIdentifier": orders["Records"][1]["messageId"]}]}
        for beginning in ("aws lambda create-function ", "aws lambda update-function-code "):
            run(
                PAGE_TEXT.command(beginning).replace("aws", str(pathlib.Path(sys.executable).with_name("aws")), 1),
                folder, AWS_ENDPOINT_URL=stack.endpoint, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
                AWS_DEFAULT_REGION="eu-west-1")
        assert stack.invoke("Hello", {"name": "Ada"})["Payload"] == {"text": "Hello, Ada!"}
