"""The harness of `fincore bench runtime`: what it measures is complete, and what a bootstrap does wrong is refused.

No figure is judged here, only whether it is there and can be one.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from programs import ROOT, fincore_binary

SOURCE = ROOT / "Benchmarks" / "Runtime"
GOOD = '{"batchItemFailures":[]}'
LIMIT_SECONDS = 60


def compile_harness(directory, *flags):
    program = directory / "harness"
    subprocess.run(
        ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", *flags, "-o", program, SOURCE / "harness.c"], check=True
    )
    return program


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    """The harness with the sanitizers, so that every scenario here is also a search for its own mistakes."""
    return compile_harness(
        tmp_path_factory.mktemp("harness"), "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"
    )


@pytest.fixture
def bootstrap(tmp_path):
    """Makes bootstraps in Python that do one thing each."""

    def make(body):
        path = tmp_path / "bootstrap"
        path.write_text(f"#!{sys.executable}\n" + PROLOGUE + textwrap.dedent(body))
        path.chmod(0o755)
        return path

    return make


PROLOGUE = """
import http.client, json, os, socket, sys, time
address = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = "/2018-06-01/runtime"
connection = http.client.HTTPConnection(address, timeout=20)

def next_event():
    connection.request("GET", base + "/invocation/next")
    answer = connection.getresponse()
    return answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()

def post(path, body, headers={}, **options):
    connection.request("POST", base + path, body, headers, **options)
    answer = connection.getresponse()
    answer.read()
    return answer.status

def serve(respond):
    while True:
        identifier, event = next_event()
        respond("/invocation/" + identifier, event)

"""

ANSWERING = f"""
serve(lambda path, event: post(path + "/response", '{GOOD}'))
"""


def run(harness, bootstrap, *options):
    """The exit code and the result of one run of the harness."""
    done = subprocess.run(
        [harness, "--warmup", "0", "--count", "3", *options, "--", *[str(bootstrap)]],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stderr
    return done.returncode, json.loads(lines[0])


def events_seen(harness, bootstrap, tmp_path, *options):
    """The request ids and events that a bootstrap was given."""
    seen = tmp_path / "seen"
    path = bootstrap(
        f"""
        def respond(path, event):
            with open({str(seen)!r}, "ab") as file:
                file.write(path.encode() + b" " + event + b"\\n")
            post(path + "/response", '{GOOD}')
        serve(respond)
        """
    )
    code, _ = run(harness, path, *options)
    assert code == 0
    return [line.split(b" ", 1) for line in seen.read_bytes().splitlines()]


# --- what a good bootstrap's result holds -----------------------------------------------------------------------------


def test_a_result_is_complete(harness, bootstrap):
    code, result = run(harness, bootstrap(ANSWERING), "--name", 'a "name"', "--starts", "2")
    assert code == 0
    assert result["name"] == 'a "name"'
    assert (result["starts"], result["invocations"], result["wrong_responses"]) == (2, 6, 0)
    assert len(result["first_next_ms"]) == len(result["first_response_ms"]) == len(result["start_cpu_ms"]) == 2
    for first_next, first_response in zip(result["first_next_ms"], result["first_response_ms"]):
        assert 0 < first_next < first_response
    latency = result["latency_us"]
    assert 0 < latency["min"] <= latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"]
    assert result["cpu_per_invocation_us"] > 0
    assert result["invocations_per_second"] > 0
    assert result["peak_rss_kb"] > 0
    assert result["connections"] == 2
    assert "failure" not in result and "wrong_sample" not in result


def test_memory_is_read_at_every_power_of_ten_from_a_thousand_and_at_the_end(harness, bootstrap):
    _, result = run(harness, bootstrap(ANSWERING), "--warmup", "100", "--count", "1000")
    assert [point["after"] for point in result["rss_kb"]] == [1000, 1100]
    assert all(point["kb"] > 0 for point in result["rss_kb"])


def test_every_invocation_has_a_trace_of_its_own(harness, bootstrap, tmp_path):
    """As in Lambda: what a runtime keeps of one would grow with each invocation."""
    path = bootstrap(
        f"""
        while True:
            connection.request("GET", base + "/invocation/next")
            answer = connection.getresponse()
            answer.read()
            with open({str(tmp_path / "traces")!r}, "a") as file:
                file.write(answer.headers["Lambda-Runtime-Trace-Id"] + "\\n")
            post("/invocation/" + answer.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", '{GOOD}')
        """
    )
    code, _ = run(harness, path)
    traces = (tmp_path / "traces").read_text().splitlines()
    assert code == 0 and len(traces) == len(set(traces)) == 3
    assert all(re.fullmatch("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1", trace) for trace in traces)


def test_the_first_two_invocations_of_each_start_are_told_apart_even_when_they_warm_up(harness, bootstrap):
    slow_at_first = bootstrap(
        f"""
        delays = [0.2, 0.1]
        def respond(path, event):
            time.sleep(delays.pop(0) if delays else 0)
            post(path + "/response", '{GOOD}')
        serve(respond)
        """
    )
    _, result = run(harness, slow_at_first, "--starts", "2", "--warmup", "2")
    assert [len(result["first_latency_us"]), len(result["second_latency_us"])] == [2, 2]
    assert all(latency >= 200_000 for latency in result["first_latency_us"])
    assert all(latency >= 100_000 for latency in result["second_latency_us"])
    assert result["latency_us"]["p50"] < min(result["first_latency_us"])


def test_there_is_no_second_invocation_of_one(harness, bootstrap):
    _, result = run(harness, bootstrap(ANSWERING), "--count", "1")
    assert (len(result["first_latency_us"]), result["second_latency_us"]) == (1, [])


def test_a_start_may_end_with_the_first_next(harness, bootstrap):
    code, result = run(harness, bootstrap(ANSWERING), "--stop-at-next", "--starts", "2")
    assert code == 0
    assert (result["starts"], result["invocations"]) == (2, 0)
    assert len(result["first_next_ms"]) == 2 and result["first_response_ms"] == []


def test_files_are_dropped_from_the_page_cache_and_counted(harness, bootstrap, tmp_path):
    directory = tmp_path / "bundle"
    directory.mkdir()
    (directory / "empty").write_bytes(b"")
    (directory / "library").write_bytes(os.urandom(5 * 4096 + 1))
    _, result = run(harness, bootstrap(ANSWERING), "--evict", directory)
    assert result["evicted"]["files"] == 1
    assert result["evicted"]["pages"] == 6
    # Whether they go is the file system's business (tmpfs keeps them).
    assert 0 <= result["evicted"]["remaining_pages"] <= 6


def test_what_is_evicted_may_stand_in_a_file(harness, bootstrap, tmp_path):
    for name in ["one", "two"]:
        (tmp_path / name).write_bytes(bytes(4096))
    listing = tmp_path / "list"
    listing.write_text(f"{tmp_path / 'one'}\n\n{tmp_path / 'two'}")
    _, result = run(harness, bootstrap(ANSWERING), "--evict-list", listing)
    assert (result["evicted"]["files"], result["evicted"]["pages"]) == (2, 2)


@pytest.mark.parametrize("name, records, size", [("sqs", 1, 949), ("kinesis", 100, 59_800), ("large", 6_600, 6_180_000)])
def test_events_have_the_shape_of_aws(harness, bootstrap, tmp_path, name, records, size):
    seen = events_seen(harness, bootstrap, tmp_path, "--event", name)
    assert len({path for path, _ in seen}) == 3
    assert len({event for _, event in seen}) == 1
    event = seen[0][1]
    assert 0.99 * size <= len(event) <= 1.01 * size
    found = json.loads(event)["Records"]
    assert len(found) == records
    if name == "kinesis":
        assert len({record["kinesis"]["sequenceNumber"] for record in found}) == records
        assert {record["eventSource"] for record in found} == {"aws:kinesis"}
    else:
        assert len({record["messageId"] for record in found}) == records
        assert {record["eventSource"] for record in found} == {"aws:sqs"}
        assert {len(json.loads(record["body"])) for record in found} == {4}


def test_the_event_may_come_from_a_file(harness, bootstrap, tmp_path):
    file = tmp_path / "event.json"
    file.write_text('{"Records":[]}')
    seen = events_seen(harness, bootstrap, tmp_path, "-e", file)
    assert {event for _, event in seen} == {b'{"Records":[]}'}


def test_lambdas_variables_are_set_and_can_be_replaced(harness, bootstrap, tmp_path):
    seen = tmp_path / "variables"
    path = bootstrap(f"json.dump(dict(os.environ), open({str(seen)!r}, 'w'))\n" + ANSWERING)
    run(harness, path, "--env", "TABLE=t=1", "--env", "_HANDLER=other", "--name", "worker")
    variables = json.loads(seen.read_text())
    assert variables["TABLE"] == "t=1"
    assert variables["_HANDLER"] == "other"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "worker"
    assert variables["LAMBDA_TASK_ROOT"] == str(path.parent)
    assert "HOME" not in variables


# --- what bootstraps may do -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "respond",
    [
        """post(path + "/response", ' { "batchItemFailures" :\\t[\\n] }\\r\\n')""",
        """post(path + "/response", iter([b'{"batchItem', b'Failures":', b'[]}']), encode_chunked=True)""",
        """post(path + "/response", '{"batchItemFailures":[]}', {"Expect": "100-continue"})""",
        """(connection.close(), post(path + "/response", '{"batchItemFailures":[]}'))""",
    ],
    ids=["white space", "chunks", "100-continue", "new connection"],
)
def test_every_right_form_of_an_answer_is_accepted(harness, bootstrap, respond):
    code, result = run(harness, bootstrap(f"serve(lambda path, event: {respond})"))
    assert (code, result["wrong_responses"], result["invocations"]) == (0, 0, 3)


def test_chunks_with_extensions_and_trailers_are_put_together_however_they_arrive(harness, bootstrap):
    path = bootstrap(
        r"""
        def respond(path, event):
            host, port = address.split(":")
            with socket.create_connection((host, int(port))) as raw:
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = (
                    f"POST {base}{path}/response HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
                    '5;a=b\r\n{"bat\r\nB\r\nchItemFailu\r\n8\r\nres":[]}\r\n0\r\nA: b\r\nC: d\r\n\r\n'
                ).encode()
                for byte in request:
                    raw.sendall(bytes([byte]))
                assert raw.recv(4096).startswith(b"HTTP/1.1 202")
        serve(respond)
        """
    )
    code, result = run(harness, path)
    assert (code, result["wrong_responses"], result["invocations"]) == (0, 0, 3)


def test_next_asked_for_again_gives_the_same_event(harness, bootstrap):
    path = bootstrap(
        f"""
        while True:
            first, second = next_event(), next_event()
            assert first == second
            post("/invocation/" + first[0] + "/response", '{GOOD}')
        """
    )
    code, result = run(harness, path)
    assert (code, result["invocations"]) == (0, 3)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "{}",
        '{"batchItemFailures":null}',
        '{"batchItemFailures":[{"itemIdentifier":"x"}]}',
        '{"batch ItemFailures":[]}',
        '{"batchItemFailures":[]}}',
        '[{"batchItemFailures":[]}]',
        "\x00\x01\"\\\xff",
        "x" * 10_000,
    ],
)
def test_every_other_answer_is_counted_and_shown(harness, bootstrap, body):
    code, result = run(
        harness, bootstrap(f"serve(lambda path, event: post(path + '/response', {body.encode('latin-1')!r}))")
    )
    assert code == 1
    assert result["wrong_responses"] == 3
    # What comes behind a NUL byte is not shown.
    assert result["wrong_sample"] == body[:240].split("\0")[0]


def test_a_reported_error_is_a_wrong_answer(harness, bootstrap):
    code, result = run(
        harness, bootstrap("""serve(lambda path, event: post(path + "/error", '{"errorType":"Function.X"}'))""")
    )
    assert (code, result["wrong_responses"]) == (1, 3)
    assert result["wrong_sample"] == '{"errorType":"Function.X"}'


def test_an_answer_to_another_request_is_refused_with_400(harness, bootstrap):
    path = bootstrap(
        f"""
        def respond(path, event):
            assert post("/invocation/another/response", '{GOOD}') == 400
            post(path + "/response", '{GOOD}')
        serve(respond)
        """
    )
    code, result = run(harness, path)
    assert (code, result["wrong_responses"], result["invocations"]) == (1, 3, 3)
    assert result["wrong_sample"] == "another"


@pytest.mark.parametrize(
    "body, reason",
    [
        ("sys.exit(7)", "exited with status 7 before its first next"),
        ("next_event(); sys.exit(0)", "exited with status 0 during an invocation or between two"),
        ("next_event(); os.kill(os.getpid(), 11)", "ended by signal 11 during an invocation or between two"),
        ("post('/init/error', '{\"errorType\":\"Runtime.X\"}')", 'its start failed: {"errorType":"Runtime.X"}'),
        ("post('/something', '')", "asked for POST runtime/something"),
        ("connection.request('GET', '/other'); time.sleep(30)", "not in the Runtime API: GET /other"),
        ("time.sleep(30)", "has not asked for its first event within 700 ms"),
        ("next_event(); time.sleep(30)", "has not answered within 700 ms"),
    ],
)
def test_a_failing_bootstrap_is_said_to_fail(harness, bootstrap, body, reason):
    code, result = run(harness, bootstrap(body), "--step-limit", "700")
    assert code == 1
    assert reason in result["failure"]


@pytest.mark.parametrize(
    "request_bytes",
    [
        rb"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        rb"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        rb"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        rb"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        rb"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n",
        rb"\r\n\r\n",
    ],
)
def test_broken_http_is_refused(harness, bootstrap, request_bytes):
    path = bootstrap(
        f"""
        host, port = address.split(":")
        raw = socket.create_connection((host, int(port)))
        raw.sendall(b"{request_bytes.decode()}")
        time.sleep(30)
        """
    )
    code, result = run(harness, path, "--step-limit", "5000")
    assert code == 1
    assert "has not asked" not in result["failure"]


@pytest.mark.parametrize(
    "words, code",
    [
        ([], 2),
        (["--"], 2),
        (["--count", "0", "--", "/bin/true"], 2),
        (["--event", "other", "--", "/bin/true"], 2),
        (["--colour", "red", "--", "/bin/true"], 2),
        (["--", "/nonexistent"], 3),
        (["-e", "/nonexistent", "--", "/bin/true"], 3),
        (["--evict-list", "/nonexistent", "--", "/bin/true"], 3),
        (["--help"], 0),
    ],
)
def test_the_exit_code_says_what_was_wrong(harness, words, code):
    done = subprocess.run([harness, *words], capture_output=True, text=True, timeout=LIMIT_SECONDS)
    assert done.returncode == code
    if code:
        assert done.stdout == "" and done.stderr.startswith("harness: ")


def test_an_interrupted_harness_leaves_no_bootstrap_behind(harness, bootstrap, tmp_path):
    started = tmp_path / "started"
    path = bootstrap(f"open({str(started)!r}, 'w').write(str(os.getpid()))\n" + ANSWERING)
    process = subprocess.Popen([harness, "--count", "10000000", "--", path], stdout=subprocess.PIPE)
    deadline = time.monotonic() + LIMIT_SECONDS
    while not (started.exists() and started.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 1
    assert json.loads(output)["failure"] == "interrupted"
    assert not pathlib.Path("/proc", started.read_text()).exists()


# --- the floors, the peer, and the command ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """The C loop over the system's libcurl."""
    program = tmp_path_factory.mktemp("floor") / "floor"
    subprocess.run(
        ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-o", program, SOURCE / "floor.c", "-lcurl"], check=True
    )
    return program


@pytest.mark.parametrize("event", ["sqs", "kinesis", "large"])
def test_the_floor_answers_every_event(harness, floor, event):
    code, result = run(harness, floor, "--event", event)
    assert (code, result["wrong_responses"], result["invocations"]) == (0, 0, 3)


@pytest.fixture(scope="module")
def socket_floor(tmp_path_factory):
    """The C loop over one socket, with the sanitizers."""
    program = tmp_path_factory.mktemp("socket_floor") / "socket_floor"
    flags = "-std=c11 -Wall -Wextra -Werror -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all".split()
    subprocess.run(["cc", *flags, "-o", program, SOURCE / "socket_floor.c"], check=True)
    return program


@pytest.mark.parametrize("event", ["sqs", "kinesis", "large"])
def test_the_socket_floor_answers_every_event_over_one_connection(harness, socket_floor, event):
    code, result = run(harness, socket_floor, "--event", event)
    assert (code, result["wrong_responses"], result["invocations"], result["connections"]) == (0, 0, 3, 1)


def test_the_socket_floor_is_linked_as_the_bootstraps_are(floor):
    """What it was made by is noted beside it."""
    assert bench("--only", "sqs", "--rounds", "1", "--bootstrap", f"floor={floor}").returncode == 0
    note = (ROOT / ".build" / "bench" / "socket_floor.made-of").read_text().splitlines()[0]
    script = (ROOT / "scripts" / "build-bootstraps").read_text()
    linker = re.search(r"\nlinker_flags=\((.*?)\n\)", script, re.S).group(1)
    lines = re.findall(r"^\s+(-[^#\n]+)$", linker, re.M)
    flags = [word.replace('"', "").replace("$root", str(ROOT)) for line in lines for word in line.split()]
    assert {"-s", "--gc-sections", "--no-eh-frame-hdr"} <= set(flags)
    assert re.findall(r"-Xlinker (\S+)", note) == flags
    own_linker = re.search(r"-use-ld=(\w+)", script)
    assert {"-static", f"-fuse-ld={own_linker.group(1) if own_linker else 'gold'}"} <= set(note.split())


def bench(*words):
    environment = dict(os.environ, FINCORE_ROOT=str(ROOT))
    environment.setdefault("FINCORE_VENV", sys.prefix)
    return subprocess.run(
        [fincore_binary(), "bench", "runtime", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
    )


def test_the_command_compares_bootstraps_round_by_round(floor):
    done = bench(
        "--only", "start,evicted,kinesis", "--rounds", "2", "--seed", "5", "--json", "--bootstrap", f"echo={floor}",
        "--bootstrap", f"floor={floor}", "--bootstrap", f"another={floor}",
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["seed"], result["rounds"]) == (5, 2)
    assert set(result["compared"]) == {"start", "evicted", "kinesis"}
    for figures in result["compared"].values():
        assert set(figures) == {"echo", "floor", "socket-floor", "awslambdaric", "another"}
        for one in figures.values():
            assert one["p50_microseconds"] > 0 and one["first_response_milliseconds"] > 0
    python = result["compared"]["evicted"]["awslambdaric"]
    assert python["evicted_pages"] > 1_000
    assert {goal["what"] for goal in result["goals"]} == {
        "exec to first response / floor",
        "exec to first response / awslambdaric",
        "Kinesis p50 / floor",
        "Kinesis p50 / awslambdaric",
        "peak RSS",
    }
    assert result["not_reading_records"] == ["echo", "floor", "socket-floor", "another"]
    assert {version.split()[0] for version in result["machine"]["versions"]} >= {"Swift", "CPython", "awslambdaric"}
    assert "round 2 of 2" in done.stderr


def test_the_command_prints_tables_and_marks_goals(floor):
    done = bench("--only", "sqs", "--rounds", "1", "--bootstrap", f"echo={floor}", "--bootstrap", f"floor={floor}")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    header = lines.index("1 SQS record (ratios: p50)") + 1
    rows = lines[header + 1 : header + 5]
    assert [line.split()[0] for line in rows] == ["echo", "floor", "socket-floor", "awslambdaric"]
    assert all(line.endswith(("pass", "MISS")) for line in lines[-3:])


def test_the_command_makes_the_tables_of_the_documentation(floor):
    """With the command that makes them again first; the page has the same headings."""
    done = bench(
        "--only", "start,sqs", "--rounds", "1", "--seed", "3", "--markdown", "--bootstrap", f"echo={floor}",
        "--bootstrap", f"floor={floor}",
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1] == "./fincore bench runtime --only start,sqs --rounds 1 --seed 3 --markdown"
    headings = [line for line in lines if line.startswith("#")]
    assert len(headings) == 3
    page = (ROOT / "docs" / "benchmarks.md").read_text().splitlines()
    assert [heading for heading in headings if heading not in page] == []


def test_a_missed_goal_is_a_failure_when_that_is_asked_for(floor, bootstrap):
    slow = bootstrap("time.sleep(0.2)\n" + ANSWERING)
    words = ["--only", "start", "--rounds", "1", "--bootstrap", f"echo={slow}", "--bootstrap", f"floor={floor}"]
    for strictness, code in [([], 0), (["--strict"], 1)]:
        done = bench(*words, *strictness)
        assert done.returncode == code, done.stderr
        assert "MISS" in done.stdout


def test_the_command_refuses_a_bootstrap_that_answers_wrongly(floor, bootstrap):
    liar = bootstrap("serve(lambda path, event: post(path + '/response', '{}'))")
    done = bench(
        "--only", "sqs", "--rounds", "1", "--bootstrap", f"echo={liar}", "--bootstrap", f"floor={floor}",
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "echo is refused (sqs): 2700 wrong responses, the first one: {}" in done.stderr


def test_the_command_says_what_is_missing(floor):
    done = bench("--only", "sqs", "--bootstrap", "echo=/nonexistent", "--bootstrap", f"floor={floor}")
    assert done.returncode == 3
    assert "/nonexistent is no executable" in done.stderr
    assert bench("--only", "speed").returncode == 2
