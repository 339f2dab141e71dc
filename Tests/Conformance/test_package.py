"""./fincore package: what it makes, and what it refuses."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import stat
import subprocess
import time
import zipfile

import pytest

from package_support import StandInClone, certificate, compile_c
from programs import FUNCTIONS, ROOT, fincore_binary

PACKAGED = [*FUNCTIONS, "Echo"]
EPOCH = (1980, 1, 1, 0, 0, 0)


# --- The packages that are deployed ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def packages():
    """The folder of the finished packages."""
    folder = os.environ.get("FINCORE_PACKAGE_DIR")
    if not folder:
        pytest.fail("FINCORE_PACKAGE_DIR names no packages: run ./fincore package, then set it to package/")
    return pathlib.Path(folder)


@pytest.mark.parametrize("function", PACKAGED)
def test_a_package_holds_a_program_and_certificates_and_nothing_else(packages, function):
    with zipfile.ZipFile(packages / f"{function}.zip") as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        assert [(entry.filename, entry.external_attr >> 16) for entry in entries] == [
            ("bootstrap", stat.S_IFREG | 0o755), ("ca.pem", stat.S_IFREG | 0o644)]
        assert all(entry.date_time == EPOCH and entry.extra == b"" and entry.comment == b"" for entry in entries)
        for entry in entries:
            staged = packages / function / entry.filename
            assert staged.read_bytes() == archive.read(entry)
            assert stat.S_IMODE(staged.stat().st_mode) == (entry.external_attr >> 16) & 0o777


@pytest.mark.parametrize("function", PACKAGED)
def test_a_program_is_static_by_readelf_too(packages, function):
    def readelf(option):
        return subprocess.run(
            ["readelf", option, "--wide", packages / function / "bootstrap"], capture_output=True, text=True,
            check=True).stdout
    assert "INTERP" not in readelf("--program-headers")
    assert "NEEDED" not in readelf("--dynamic")
    assert "RWE" not in readelf("--program-headers")


@pytest.mark.parametrize("function", PACKAGED)
def test_the_constants_of_a_program_are_not_writable(packages, function):
    run = subprocess.run(
        ["readelf", "--program-headers", "--section-headers", "--wide", packages / function / "bootstrap"],
        capture_output=True, text=True, check=True)
    [flags] = re.findall(r"\] \.rodata +PROGBITS +(?:[0-9a-f]+ +){4}([A-Za-z]+) ", run.stdout)
    assert "W" not in flags
    # Those that the compiler marks as writable lose that before the program begins.
    [protected] = re.findall(r"GNU_RELRO.*\n(?:.*\n)*?^ +\d+ +(.*\.data\.rel\.ro.*)$", run.stdout, re.MULTILINE)
    assert ".bss" not in protected.split()


@pytest.mark.parametrize("function", PACKAGED)
def test_a_program_does_not_tell_where_it_was_built(packages, function):
    assert str(ROOT).encode() + b"/" not in (packages / function / "bootstrap").read_bytes()


@pytest.mark.parametrize("function", PACKAGED)
def test_certificates_are_taken_by_openssl(packages, function):
    context = ssl.create_default_context(cafile=packages / function / "ca.pem")
    roots = context.get_ca_certs()
    assert roots
    # All roots of Debian would cost 20 ms at the first request.
    assert len(roots) < 40


@pytest.mark.parametrize("function", PACKAGED)
def test_the_sizes_are_within_the_targets(packages, function):
    limit = 5_500_000 if function == "Echo" else 8_000_000
    assert (packages / f"{function}.zip").stat().st_size <= limit


def test_the_finished_packages_pass_the_check(packages):
    zips = [packages / f"{function}.zip" for function in PACKAGED]
    run = subprocess.run(
        [fincore_binary(), "package", "--check", *zips, "--json"], env={**os.environ, "FINCORE_ROOT": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    reports = json.loads(run.stdout)
    assert [report["function"] for report in reports] == PACKAGED
    assert all(report["findings"] == [] for report in reports)


@pytest.mark.parametrize("function", PACKAGED)
def test_unzip_finds_nothing_to_complain_about(packages, function):
    run = subprocess.run(["unzip", "-t", packages / f"{function}.zip"], capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "No errors detected" in run.stdout


def test_a_program_built_in_another_folder_has_the_same_bytes(packages, tmp_path):
    clone = tmp_path / "another clone"
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".build", ".git", "package", "__pycache__"))
    for part in ("include", "lib", "sftp", "stamp", "versions.tsv"):
        source, copy = ROOT / ".build" / "native" / part, clone / ".build" / "native" / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    run = subprocess.run(
        [clone / "scripts" / "build-bootstraps", "Echo"], capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr
    built = clone / ".build" / "package" / "release" / "Echo"
    assert built.read_bytes() == (packages / "Echo" / "bootstrap").read_bytes()


def test_the_bill_of_materials_of_a_real_package_names_what_is_in_it(packages, tmp_path):
    run = subprocess.run(
        [fincore_binary(), "package", "Reconciliation", "--output", tmp_path, "--sbom", "--json"],
        env={**os.environ, "FINCORE_ROOT": str(ROOT)}, capture_output=True, text=True, timeout=280, check=False)
    assert run.returncode == 0, run.stderr
    program = (tmp_path / "Reconciliation" / "bootstrap").read_bytes()
    assert program == (packages / "Reconciliation" / "bootstrap").read_bytes()
    [application, *libraries] = json.loads(run.stdout)["components"]
    assert application["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(program).hexdigest()}]
    [distribution] = re.findall(r'^ID="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)
    found = {library["name"]: library for library in libraries}
    # Two of them say their versions in the program itself, as upstream writes them.
    for name, project, text in [("libcrypto", "openssl", b"OpenSSL %s"), ("libssh2", "libssh2", b"libssh2_%s")]:
        version = found[name]["version"]
        assert text % re.match(r"[0-9.]+", version).group().encode() in program, name
        assert found[name]["purl"].startswith(f"pkg:deb/{distribution}/{project}@")
    assert {"libcurl", "libpq", "libssl", "libc", "libswiftCore"} <= found.keys()


@pytest.mark.parametrize("function", ["Echo", "Worker"])
def test_packing_the_same_files_again_gives_the_same_bytes(packages, function, clone):
    shutil.copy(packages / function / "bootstrap", clone.built / function)
    (clone.folder / "ca.pem").write_bytes((packages / function / "ca.pem").read_bytes())
    run = clone.run(function)
    assert run.returncode == 0, run.stderr
    assert (clone.package / f"{function}.zip").read_bytes() == (packages / f"{function}.zip").read_bytes()


# --- The command, with programs of the tests' own --------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path):
    return StandInClone(tmp_path / "clone of fincore")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A small static program."""
    return compile_c(tmp_path_factory.mktemp("program") / "program")


def pack(path, files):
    """A zip made by another tool: name, content, mode."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in files:
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def test_every_function_of_the_template_is_packaged_when_none_is_named(clone, program):
    for function in FUNCTIONS:
        shutil.copy(program, clone.built / function)
    run = clone.run()
    assert run.returncode == 0, run.stderr
    assert {path.name for path in clone.package.glob("*.zip")} == {f"{function}.zip" for function in FUNCTIONS}
    assert "building " + " ".join(sorted(FUNCTIONS)) in run.stderr
    lines = run.stdout.splitlines()
    assert lines[0].split() == ["function", "zip", "MB", "bootstrap", "MB", "sha256", "checks"]
    assert [line.split()[0] for line in lines[1:]] == sorted(FUNCTIONS)
    assert all(re.fullmatch(r"\w+ +\d+\.\d\d +\d+\.\d\d  [0-9a-f]{16}  ok", line) for line in lines[1:])
    assert len({len(line) for line in lines[1:]}) == 1


def test_the_output_goes_where_the_caller_says(clone, program, tmp_path):
    shutil.copy(program, clone.built / "Echo")
    first = clone.run("Echo", "--output", "out", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["Echo", "Echo.zip"]
    before = (tmp_path / "out" / "Echo.zip").read_bytes()
    os.utime(clone.built / "Echo", (1, 1))
    clone.run("Echo", "--output", tmp_path / "other")
    clone.run("Echo", "--output", "out", cwd=tmp_path)
    assert (tmp_path / "other" / "Echo.zip").read_bytes() == before
    assert (tmp_path / "out" / "Echo.zip").read_bytes() == before


def test_a_script_that_fails_is_shown_once(clone, program):
    shutil.copy(program, clone.built / "Echo")
    clone.script("build-bootstraps", "echo 'the linker is missing' >&2; exit 1")
    run = clone.run("Echo")
    assert run.returncode == 3
    assert run.stderr.count("the linker is missing") == 1
    assert len(clone.complaints(run)) == 1 and "build-bootstraps failed (exit status 1)" in clone.complaints(run)[0]
    assert not clone.package.exists()


@pytest.mark.parametrize("script", ["build-native-libraries", "build-bootstraps"])
def test_after_a_build_that_fails_no_package_is_left_that_somebody_could_deploy(clone, program, script):
    for function in ("Echo", "Worker"):
        shutil.copy(program, clone.built / function)
    assert clone.run("Echo", "Worker").returncode == 0
    clone.script(script, "exit 1")
    assert clone.run("Echo").returncode == 3
    # What was not asked for stays.
    assert sorted(path.name for path in clone.package.iterdir()) == ["Worker", "Worker.zip"]


def test_an_interrupted_build_ends_with_everything_it_started(clone):
    clone.script("build-bootstraps", f"echo $$ >'{clone.folder}/running'; exec sleep 600")
    process = subprocess.Popen(
        [fincore_binary(), "package", "Echo"], env={**os.environ, "FINCORE_ROOT": str(clone.folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (text := (clone.folder / "running").read_text() if (clone.folder / "running").exists() else ""):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 130
    finally:
        process.kill()
        process.wait()
    with pytest.raises(ProcessLookupError):
        os.kill(int(text), 0)
    assert not list(clone.package.glob("*"))


@pytest.mark.parametrize("words, word", [
    (["Nobody"], "there is no function Nobody; there are Ledger, "), (["--check"], "--check takes the zips"),
    (["--check", "a.zip", "--sbom"], "--check only checks"), (["--colour"], '"--colour" is not understood'),
    (["--output"], "--output takes a value"), (["--project", "."], "no Package.swift in ."),
    (["--project", "/nowhere"], "/nowhere is none"), (["--sftp"], "--sftp goes with --project"),
    (["--check", "a.zip", "--project", "."], "--check only checks"),
])
def test_wrong_calls_say_what_is_wrong_before_anything_is_built(clone, words, word):
    run = clone.run(*words)
    assert (run.returncode, run.stdout) == (2, "")
    assert word in run.stderr and "./fincore help package" in run.stderr
    assert "native libraries" not in run.stderr


def test_a_zip_that_is_not_there_is_one_line(clone):
    run = clone.run("--check", "/nonexistent.zip")
    assert run.returncode == 3
    assert len(clone.complaints(run)) == 1 and "cannot read /nonexistent.zip" in clone.complaints(run)[0]


def test_help_names_every_option():
    text = subprocess.run([fincore_binary(), "help", "package"], capture_output=True, text=True, check=True).stdout
    assert text.startswith("./fincore package: ")
    assert all(word in text for word in (
        "[FUNCTION…]", "--project DIR", "--sftp", "--output DIR", "--sbom", "--check ZIP…", "--json"))


# --- Packages of others -------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path, program):
    """Another SwiftPM package with two executables and a library, and programs where builds would put them."""
    folder = tmp_path / "other project"
    for name in ("orders", "Hello", "Model"):
        (folder / "Sources" / name).mkdir(parents=True)
    (folder / "Package.swift").write_text(
        "// swift-tools-version: 6.0\nimport PackageDescription\n"
        'let package = Package(name: "other", products: [.library(name: "Model", targets: ["Model"])], targets: ['
        '.executableTarget(name: "orders"), .executableTarget(name: "Hello"), .target(name: "Model")])\n')
    for name in ("orders", "Hello"):
        (folder / "Sources" / name / "main.swift").write_text("")
        place = folder / ".build" / "package" / "release"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(program, place / name)
    (folder / "Sources" / "Model" / "Model.swift").write_text("")
    return folder


def test_every_executable_of_another_package_is_packaged_into_its_own_folder(clone, project):
    clone.script("certificate-bundle", f"echo \"bundle $*\" >>'{clone.folder}/calls'; cat '{clone.folder}/ca.pem'")
    run = clone.run("--project", project.name, cwd=project.parent)
    assert run.returncode == 0, run.stderr
    assert f"building --project {project} Hello orders" in run.stderr
    assert [line.split()[0] for line in run.stdout.splitlines()] == ["function", "Hello", "orders"]
    assert {path.name for path in (project / "package").iterdir()} == {"Hello", "Hello.zip", "orders", "orders.zip"}
    assert not clone.package.exists()
    # AWS's roots, unless the package names its own; never those of one of our functions that has the same name.
    (project / "certificate-roots.txt").write_text("* Amazon_Root_CA_1\n")
    assert clone.run("--project", project, "Hello", "--sftp", "--output", project / "out").returncode == 0
    assert (project / "out" / "Hello.zip").exists()
    assert (clone.folder / "calls").read_text().splitlines() == [
        "bundle *", "bundle *", f"bundle --list {project}/certificate-roots.txt Hello"]


def test_options_for_another_package_reach_its_build(clone, project):
    run = clone.run("--project", project, "--sftp", "orders", "orders")
    assert run.returncode == 0, run.stderr
    assert f"building --project {project} --sftp orders\n" in run.stderr


def test_a_product_that_the_other_package_does_not_have_is_a_wrong_call(clone, project):
    for stranger in ("Model", "Echo"):
        run = clone.run("--project", project, "Hello", stranger)
        assert (run.returncode, run.stdout) == (2, "")
        assert f"has no executable product {stranger}; it has Hello, orders" in run.stderr
        assert "building" not in run.stderr


def test_a_package_that_swiftpm_cannot_read_is_shown_as_swiftpm_says_it(clone, project):
    (project / "Package.swift").write_text("// swift-tools-version: 6.0\nlet package = nonsense\n")
    run = clone.run("--project", project, "Hello")
    assert run.returncode == 3
    assert "cannot find 'nonsense' in scope" in run.stderr


@pytest.mark.parametrize("words", [["--project"], ["--project", "{}"], ["--colour"], ["--project", "/nowhere", "X"]])
def test_the_building_script_refuses_what_it_cannot_understand(project, words):
    run = subprocess.run(
        [ROOT / "scripts" / "build-bootstraps", *(word.format(project) for word in words)], capture_output=True,
        text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "usage: " in run.stderr or "/nowhere" in run.stderr


@pytest.mark.parametrize("words, count", [(["*"], 5), (["Worker"], 9), (["--list", "{}", "my-function"], 1)])
def test_the_roots_are_those_of_the_list(tmp_path, words, count):
    roots = tmp_path / "roots.txt"
    roots.write_text("# one\nmy-function Amazon_Root_CA_1\nother Amazon_Root_CA_3\n")
    run = subprocess.run(
        [ROOT / "scripts" / "certificate-bundle", *(word.format(roots) for word in words)], capture_output=True,
        text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("BEGIN CERTIFICATE") == count


BAD_PROGRAMS = {
    "a script": (lambda path: path.write_text("#!/bin/sh\nexec ./app\n"), "bootstrap is a script"),
    "a dynamic program": (lambda path: compile_c(path, options=["-s"]), "bootstrap needs glibc 2."),
    "a shared libcurl": (
        lambda path: compile_c(path, options=["-s", "-Wl,--no-as-needed", "-l:libcurl.so.4"]),
        "bootstrap needs libcurl.so.4 (shared libcurl)"),
    "ICU": (
        lambda path: compile_c(path, '#include <stdio.h>\nint main(void) { return puts("icudt76l"); }'),
        "bootstrap has ICU in it"),
    "an executable stack": (
        lambda path: compile_c(path, options=["-static", "-z", "execstack"]),
        "bootstrap has memory that is writable and executable"),
    "noise": (lambda path: path.write_bytes(os.urandom(100_000)), "bootstrap does not begin as an ELF file does"),
    "too much": (
        lambda path: compile_c(path).open("ab").write(os.urandom(5_600_000)),
        "more than this project's target of 5500000"),
}


@pytest.mark.parametrize("name", BAD_PROGRAMS)
def test_a_bad_program_is_refused_and_leaves_no_package(clone, program, name):
    shutil.copy(program, clone.built / "Echo")
    assert clone.run("Echo").returncode == 0
    (clone.built / "Echo").unlink()
    make, problem = BAD_PROGRAMS[name]
    make(clone.built / "Echo")
    run = clone.run("Echo")
    assert run.returncode == 1
    assert run.stdout.splitlines()[1].endswith("REFUSED")
    lines = clone.complaints(run)
    assert any(problem in line for line in lines), run.stderr
    assert all(line.startswith("package/Echo.refused.zip: ") and "; " in line for line in lines)
    assert [path.name for path in clone.package.iterdir()] == ["Echo.refused.zip"]


def test_certificates_that_are_none_are_refused(clone, program):
    shutil.copy(program, clone.built / "Echo")
    clone.script("certificate-bundle", "echo 'no roots'")
    run = clone.run("Echo")
    assert run.returncode == 1
    assert "Echo.refused.zip: ca.pem is not a list of PEM certificates" in run.stderr


REGULAR = stat.S_IFREG
BAD_ZIPS = {
    "no program": (lambda elf, ca: [("ca.pem", ca, REGULAR | 0o644)], "bootstrap is missing"),
    "no certificates": (lambda elf, ca: [("bootstrap", elf, REGULAR | 0o755)], "ca.pem is missing"),
    "a folder": (
        lambda elf, ca: [("Echo/bootstrap", elf, REGULAR | 0o755), ("ca.pem", ca, REGULAR | 0o644)],
        "bootstrap is not at the top level but in Echo/bootstrap"),
    "a stray file": (
        lambda elf, ca: [("bootstrap", elf, REGULAR | 0o755), ("ca.pem", ca, REGULAR | 0o644),
                         (".env", b"KEY=1", REGULAR | 0o644)],
        ".env does not belong into a package"),
    "not executable": (
        lambda elf, ca: [("bootstrap", elf, REGULAR | 0o644), ("ca.pem", ca, REGULAR | 0o644)],
        "bootstrap has the permissions 0644"),
    "a link": (
        lambda elf, ca: [("bootstrap", b"/bin/ls", stat.S_IFLNK | 0o777), ("ca.pem", ca, REGULAR | 0o644)],
        "bootstrap is not a regular file"),
    "a stray library": (
        lambda elf, ca: [("bootstrap", elf, REGULAR | 0o755), ("ca.pem", ca, REGULAR | 0o644),
                         ("lib/libx.so", elf, REGULAR | 0o644)],
        "lib/libx.so is a library that nothing asks for"),
}


@pytest.mark.parametrize("name", BAD_ZIPS)
def test_a_bad_zip_of_another_tool_is_refused(clone, program, tmp_path, name):
    make, problem = BAD_ZIPS[name]
    path = pack(tmp_path / "Echo.zip", make(program.read_bytes(), certificate()))
    run = clone.run("--check", path, cwd=tmp_path)
    assert run.returncode == 1
    assert any(line.startswith(f"Echo.zip: {problem}") for line in clone.complaints(run)), run.stderr


@pytest.mark.parametrize("cut", [0, 1, 21, 500, -1])
def test_a_zip_that_was_cut_off_is_refused(clone, program, tmp_path, cut):
    path = pack(tmp_path / "Echo.zip", [
        ("bootstrap", program.read_bytes(), REGULAR | 0o755), ("ca.pem", certificate(), REGULAR | 0o644)])
    path.write_bytes(path.read_bytes()[:cut])
    run = clone.run("--check", path)
    assert run.returncode == 1
    assert f"{path}: is not a zip archive" in run.stderr


def test_good_and_bad_zips_are_told_apart_in_one_call(clone, program, tmp_path):
    good = pack(tmp_path / "Echo.zip", [
        ("bootstrap", program.read_bytes(), REGULAR | 0o755), ("ca.pem", certificate(), REGULAR | 0o644)])
    bad = pack(tmp_path / "elsewhere.zip", [("ca.pem", certificate(), REGULAR | 0o644)])
    run = clone.run("--check", good, bad, "--json")
    assert run.returncode == 1
    reports = json.loads(run.stdout)
    assert [report["function"] for report in reports] == ["Echo", "elsewhere"]
    assert reports[0]["findings"] == [] and reports[0]["bootstrapBytes"] == program.stat().st_size
    assert reports[1]["bootstrapBytes"] is None and len(reports[1]["findings"]) == 1


# --- Bills of materials ----------------------------------------------------------------------------------------------


@pytest.fixture
def linked(clone):
    """A program with the libraries that the linker says it has."""
    linker_map = clone.folder / "map"
    compile_c(
        clone.built / "Echo", "#include <math.h>\nint main(int n, char **v) { return (int)sin(n); }",
        ["-static", "-s", "-fuse-ld=lld", f"-Wl,-Map={linker_map}"])
    with (clone.folder / ".build" / "package" / "libraries" / "Echo").open("w") as output:
        subprocess.run([ROOT / "scripts" / "linked-libraries", linker_map], stdout=output, check=True)
    return clone


def test_the_libraries_are_those_the_linker_took_with_the_versions_of_their_packages(linked):
    run = linked.run("Echo", "--sbom")
    assert run.returncode == 0, run.stderr
    rows = {line.split()[1]: line.split() for line in run.stdout.splitlines()[1:]}
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "libc6-dev"], capture_output=True, text=True, check=True).stdout
    assert rows["libc"][2] == version and rows["libc"][4] == "LGPL-2.1-or-later"
    assert "libm" in rows and int(rows["libc"][3]) > 100


def test_the_bill_is_a_cyclonedx_document(linked):
    run = linked.run("Echo", "--sbom", "--json")
    assert run.returncode == 0, run.stderr
    bill = json.loads(run.stdout)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.5", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert bill["metadata"]["component"]["type"] == "application"
    references = [component["bom-ref"] for component in bill["components"]]
    assert len(references) == len(set(references))
    for component in bill["components"]:
        assert component["type"] in ("application", "library") and component["name"]
        if component["type"] == "library":
            assert component["version"] and component["purl"].startswith("pkg:")
            assert component["licenses"] == [{"expression": component["licenses"][0]["expression"]}]
    known = {bill["metadata"]["component"]["bom-ref"], *references}
    for dependency in bill["dependencies"]:
        assert {dependency["ref"], *dependency["dependsOn"]} <= known
    libraries = {component["name"] for component in bill["components"] if component["type"] == "library"}
    assert {"libc", "libm"} <= libraries
    assert linked.run("Echo", "--sbom", "--json").stdout == run.stdout


def test_a_library_of_unknown_origin_is_an_error(linked):
    with (linked.folder / ".build" / "package" / "libraries" / "Echo").open("a") as output:
        output.write("/opt/nowhere/libsecret.a\t12\n")
    run = linked.run("Echo", "--sbom")
    assert run.returncode == 3
    assert "/opt/nowhere/libsecret.a is linked, and belongs to no package" in run.stderr


# --- sam build -------------------------------------------------------------------------------------------------------


def test_the_makefile_gives_sam_the_package_of_the_function(clone, tmp_path):
    (clone.package / "Worker").mkdir(parents=True)
    (clone.package / "Worker" / "bootstrap").write_text("program")
    (clone.package / "Worker" / "bootstrap").chmod(0o755)
    artifacts = tmp_path / "artifacts of sam"
    artifacts.mkdir()

    def make(**environment):
        return subprocess.run(
            ["make", "-f", clone.folder / "infra" / "Makefile", "build-Worker", f"ARTIFACTS_DIR={artifacts}"],
            cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True, check=False)

    run = make(FINCORE_PACKAGE_DIR=str(clone.package))
    assert run.returncode == 0, run.stderr
    assert os.access(artifacts / "bootstrap", os.X_OK)
    (artifacts / "bootstrap").unlink()
    # Without packages made before, they are made now.
    (clone.folder / "fincore").write_text(f"#!/bin/sh\necho \"$*\" >'{clone.folder}/called'\n")
    (clone.folder / "fincore").chmod(0o755)
    run = make(FINCORE_PACKAGE_DIR="")
    assert run.returncode == 0, run.stderr
    assert (clone.folder / "called").read_text() == "package Worker\n"
    assert (artifacts / "bootstrap").read_text() == "program"


def test_every_function_of_the_template_is_built_by_the_makefile():
    template = json.loads((ROOT / "infra" / "functions.json").read_text())
    functions = [r for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
    assert len(functions) == len(FUNCTIONS)
    assert all(function["Metadata"] == {"BuildMethod": "makefile"} for function in functions)
    assert template["Globals"]["Function"]["CodeUri"] == "."
    assert not any("CodeUri" in function["Properties"] for function in functions)
