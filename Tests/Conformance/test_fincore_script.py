"""./fincore before there is anything to run: what it refuses, installs and builds, seen with stand-ins on the PATH."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from programs import ROOT, fincore_binary

COMMANDS = "demo up invoke replay migrate package bench services sandbox host test help"

STAND_INS = {
    "swift": """
        if [ "$1" = --version ]; then echo "${SWIFT_SAYS-Swift version 6.3.1 (swift-6.3.1-RELEASE)}"; exit; fi
        echo "swift $*" >>"$STATE/calls"
        echo "${BUILD_SAYS-}"
        [ "${BUILD_FAILS-}" ] && exit 1
        mkdir -p "$FINCORE_ROOT/.build/$3"
        printf '#!/bin/sh\\necho ran "$@"\\n[ -z "${SHOWS_DIRECTORY-}" ] || pwd\\n' >"$FINCORE_ROOT/.build/$3/fincore"
        chmod +x "$FINCORE_ROOT/.build/$3/fincore"
    """,
    "dpkg-query": """[ "${INSTALLED-}" ] && echo 'install ok installed'""",
    "id": "echo 1000",
    "sudo": """echo "sudo" >>"$STATE/calls"; exec "$@" """,
    "apt-get": """
        echo "apt-get $*" >>"$STATE/calls"
        [ "$1" = install ] || exit 0
        "$POLICY" ssh start; echo "policy $?" >>"$STATE/calls"
        cat "$SETTINGS" >>"$STATE/calls"
        echo "needrestart $NEEDRESTART_SUSPEND" >>"$STATE/calls"
        echo 'redis-server.service enabled enabled' >>"$STATE/units"
        echo 'redis-sentinel.service disabled enabled' >>"$STATE/units"
        trap 'exit 1' HUP INT TERM
        while [ "${APT_WAITS-}" ]; do : >"$STATE/waiting"; sleep 0.1; done
        if [ "${APT_FAILS-}" ]; then echo 'E: no such package' >&2; exit 100; fi
    """,
    "systemctl": """
        case "$*" in
        *--state=enabled*) grep ' enabled ' "$STATE/units" ;;
        *list-unit-files*) cat "$STATE/units" ;;
        *) echo "systemctl $*" >>"$STATE/calls" ;;
        esac
    """,
}


def heed_signals():
    """Background jobs have SIGINT ignored, those of nohup SIGHUP; a shell cannot undo what it inherits."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Machine:
    """A clone on a machine whose programs are stand-ins and whose system directories are elsewhere."""

    def __init__(self, folder):
        self.processes = []
        self.state = folder / "state"
        self.clone = folder / "clone"
        self.programs = folder / "programs"
        for directory in (self.state, self.clone, self.programs, folder / "sbin"):
            directory.mkdir()
        self.policy = folder / "sbin" / "policy-rc.d"
        self.settings = folder / "etc" / "createcluster.d" / "fincore.conf"
        (self.state / "units").write_text("ssh.service enabled enabled\npostgresql.service disabled enabled\n")
        for name, script in STAND_INS.items():
            (self.programs / name).write_text("#!/bin/sh\n" + script)
            (self.programs / name).chmod(0o755)
        script = (ROOT / "fincore").read_text()
        for path, elsewhere in (
            ("/usr/sbin/policy-rc.d", self.policy),
            ("/etc/postgresql-common/createcluster.d/fincore.conf", self.settings),
        ):
            assert script.count(path) == 1
            script = script.replace(path, str(elsewhere))
        (self.clone / "fincore").write_text(script)
        (self.clone / "fincore").chmod(0o755)

    def start(self, *words, cwd=None, **environment):
        process = subprocess.Popen(
            [self.clone / "fincore", *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, cwd=cwd,
            preexec_fn=heed_signals,
            env={
                "PATH": f"{self.programs}:/usr/sbin:/usr/bin:/sbin:/bin", "STATE": str(self.state),
                "POLICY": str(self.policy), "SETTINGS": str(self.settings), **environment,
            })
        self.processes.append(process)
        return process

    def stop(self):
        """Ends what a failed test left running, with everything it started."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def run(self, *words, cwd=None, **environment):
        process = self.start(*words, cwd=cwd, **environment)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    @property
    def calls(self):
        path = self.state / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def is_as_before(self):
        """Whether nothing of an installation is left: policy and settings are gone, and only the new unit is off."""
        disabled = [call for call in self.calls if call.startswith("systemctl")]
        return (
            disabled == ["systemctl disable redis-server.service"]
            and not self.policy.exists()
            and not self.settings.parent.exists()
        )


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.stop()


@pytest.mark.parametrize("words", [["dmeo"], ["help", "dmeo"], ["dmeo", "--help"]])
def test_a_mistyped_command_is_refused_before_anything_is_done(machine, words):
    run = machine.run(*words)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f'fincore: there is no command "dmeo"; there are: {COMMANDS}\n'
    assert machine.calls == []


def test_options_of_the_test_command_are_refused(machine):
    run = machine.run("test", "--fast")
    assert (run.returncode, run.stdout, machine.calls) == (2, "", [])
    assert "--fast" in run.stderr


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["help", "demo"], ["demo", "--help"], ["up", "-h"]])
def test_help_needs_no_build(machine, words):
    run = machine.run(*words)
    assert (run.returncode, run.stderr, machine.calls) == (0, "", [])
    assert set(re.findall(r"^  \./fincore (\w+)", run.stdout, re.M)) == set(COMMANDS.split()) - {"help"}


@pytest.mark.parametrize("words", [["help", "test"], ["test", "--help"]])
def test_help_about_the_tests_comes_from_the_script(machine, words):
    run = machine.run(*words)
    assert (run.returncode, machine.calls) == (0, [])
    assert run.stdout.startswith("./fincore test: ")


def test_help_about_a_command_comes_from_what_was_built(machine):
    machine.run("demo", INSTALLED="1")
    assert machine.run("demo", "--help").stdout == "ran help demo\n"


def test_the_script_knows_the_commands_of_the_tool():
    shown = subprocess.run([fincore_binary(), "help"], capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"\./fincore (\w+)", shown)) == set(COMMANDS.split())


def test_a_missing_toolchain_is_one_line(machine):
    (machine.programs / "swift").unlink()
    bare = machine.programs / "bare"
    bare.mkdir()
    for name in ("bash", "dirname", "env"):
        (bare / name).symlink_to(shutil.which(name))
    run = machine.run("demo", PATH=str(bare))
    assert run.returncode == 3
    assert re.fullmatch(r"fincore: no Swift toolchain found; install Swift 6.2 or newer from \S+ .*\n", run.stderr)


@pytest.mark.parametrize("says, seen", [
    ("Swift version 5.10.1 (swift-5.10.1-RELEASE)", "this is Swift 5.10"),
    ("python-swiftclient 4.2.0", "does not name its version"),
])
def test_an_old_or_foreign_toolchain_is_one_line(machine, says, seen):
    run = machine.run("demo", SWIFT_SAYS=says)
    assert (run.returncode, run.stderr.count("\n"), machine.calls) == (3, 1, [])
    assert seen in run.stderr and "install Swift 6.2 or newer" in run.stderr


@pytest.mark.parametrize("version", ["6.2", "6.3.1", "7.1-dev"])
def test_newer_toolchains_are_taken(machine, version):
    run = machine.run("demo", "--keep", INSTALLED="1", SWIFT_SAYS=f"Swift version {version}")
    assert (run.returncode, run.stdout) == (0, "ran demo --keep\n")


def test_paths_among_the_arguments_are_the_callers(machine, tmp_path):
    run = machine.run("replay", "events", cwd=tmp_path, INSTALLED="1", SHOWS_DIRECTORY="1")
    assert run.stdout == f"ran replay events\n{tmp_path}\n"


def test_packages_are_announced_and_installed_without_touching_services(machine):
    run = machine.run("demo")
    assert run.returncode == 0, run.stderr
    first, second = run.stderr.splitlines()[:2]
    assert "postgresql" in first and "libpq-dev" in first and "no service is started, stopped or restarted" in second
    assert machine.calls[0] == "sudo"
    assert [call for call in machine.calls if call.startswith("policy")] == ["policy 101"]
    assert "create_main_cluster = false" in machine.calls and "needrestart 1" in machine.calls
    assert machine.is_as_before(), machine.calls


def test_packaging_asks_for_what_builds_the_native_libraries(machine):
    scripts = machine.clone / "scripts"
    scripts.mkdir()
    (scripts / "build-native-libraries").write_text("#!/bin/sh\n[ \"$1\" = --packages ] && echo bison flex\n")
    (scripts / "build-native-libraries").chmod(0o755)
    run = machine.run("package", "Echo")
    assert (run.returncode, run.stdout) == (0, "ran package Echo\n"), run.stderr
    announced = run.stderr.splitlines()[0]
    assert all(name in announced for name in ("libcurl4-openssl-dev", "libdeflate-tools", "bison flex"))


def test_a_mere_check_of_zips_needs_no_build_tools(machine, tmp_path):
    run = machine.run("package", "--check", "a.zip", cwd=tmp_path, SHOWS_DIRECTORY="1")
    assert run.stdout == f"ran package --check a.zip\n{tmp_path}\n", run.stderr
    assert "libcurl4-openssl-dev" in run.stderr and "libdeflate-tools" not in run.stderr


def test_a_failed_installation_leaves_nothing_behind(machine):
    run = machine.run("demo", APT_FAILS="1")
    assert run.returncode == 3
    assert "E: no such package" in run.stderr and "could not be installed: libcurl4-openssl-dev" in run.stderr
    assert machine.is_as_before(), machine.calls
    assert not [call for call in machine.calls if call.startswith("swift")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_installation_leaves_nothing_behind(machine, number):
    process = machine.start("demo", APT_WAITS="1")
    deadline = time.monotonic() + 30
    while not (machine.state / "waiting").exists():
        assert process.poll() is None and time.monotonic() < deadline, machine.calls
        time.sleep(0.01)
    assert machine.policy.exists()
    # As a terminal does it: everything in the foreground gets the signal.
    os.killpg(process.pid, number)
    process.communicate(timeout=30)
    assert process.returncode != 0
    deadline = time.monotonic() + 30
    while not machine.is_as_before():
        assert time.monotonic() < deadline, machine.calls
        time.sleep(0.01)


def test_somebody_elses_policy_stays(machine):
    machine.policy.write_text("#!/bin/sh\nexit 101\n")
    machine.policy.chmod(0o755)
    assert machine.run("demo").returncode == 0
    assert machine.policy.read_text() == "#!/bin/sh\nexit 101\n"


def test_somebody_elses_policy_that_lets_services_start_is_a_reason_to_stop(machine):
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.policy.chmod(0o755)
    run = machine.run("demo")
    assert run.returncode == 3
    assert f"{machine.policy} is not ours and lets services start" in run.stderr
    assert not [call for call in machine.calls if call.startswith("apt-get")]
    assert machine.policy.exists()


def test_the_remains_of_a_killed_installation_are_removed(machine):
    machine.policy.write_text("#!/bin/sh\n# made by ./fincore for the time of one installation\nexit 101\n")
    assert machine.run("demo").returncode == 0
    assert machine.is_as_before(), machine.calls


def test_a_first_build_is_announced_and_its_warnings_are_shown(machine):
    run = machine.run("demo", INSTALLED="1", BUILD_SAYS="[1/2] Compiling A\nA.swift:1:1: warning: never used")
    assert run.returncode == 0
    assert run.stderr == "building; the first time takes about a minute\nA.swift:1:1: warning: never used\n"
    assert machine.run("demo", INSTALLED="1").stderr == ""


def test_a_failed_build_shows_its_errors(machine):
    run = machine.run("bench", INSTALLED="1", BUILD_FAILS="1", BUILD_SAYS="[1/2] Compiling\nA.swift:1:1: error: no")
    assert run.returncode == 3
    assert machine.calls == ["swift build -c release"]
    assert "A.swift:1:1: error: no" in run.stderr and "Compiling" not in run.stderr
    assert "the build failed; the whole log is in .build/build.log" in run.stderr
    assert "error: no" in (machine.clone / ".build" / "build.log").read_text()
