"""Root file systems with next to nothing in them, in which packaged functions are started.

One holds the unpacked zip and what Lambda always provides: /proc, /tmp, name resolution. The other is a Debian 11
beside it: an older C library than the bootstraps were linked with, and an nsswitch.conf whose modules only that
library can load. Neither needs root's rights.
"""

import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import zipfile

import pytest

from bootstraps import PACKAGES
from programs import ROOT

TASK_ROOT = "/var/task"
PROGRAM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
TEST_BOOTSTRAPS = ["NetworkProbe"]
# Like Amazon Linux 2's: a module after the two that are built in, asked for every name that these do not know.
DEBIAN_11_NAME_SERVICES = "passwd: files systemd\ngroup: files systemd\nhosts: files myhostname dns\n"
DEBIAN_11 = ROOT / ".build" / "debian-11"
DEBIAN_11_PACKAGES = ["base-files", "libc6", "libnss-myhostname"]
DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEBIAN_MIRROR = "http://deb.debian.org/debian"


class MinimalRoot:
    """A function's package, unpacked in a root of its own."""

    def __init__(self, path, function):
        self.path = path
        task = path / TASK_ROOT[1:]
        for directory in (task, path / "proc", path / "tmp", path / "etc"):
            directory.mkdir(parents=True, exist_ok=True)
        if function in TEST_BOOTSTRAPS:
            install(function, task)
        else:
            unpack(package(function), task)
        # "localhost" is a name that every system resolves.
        self.write("etc/hosts", "127.0.0.1 localhost\n")
        self.write("etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")

    def write(self, name, text, mode=0o644):
        """Puts a file below the root; gives its path as seen from inside."""
        path = self.path / name
        path.write_text(text)
        path.chmod(mode)
        return f"/{name}"

    def bootstrap(self):
        """The path of a program that runs the packaged bootstrap with this root for its own.

        It becomes the bootstrap by nothing but exec, so that whoever started it sees the bootstrap's signals and end.
        """
        # An emulator sets the PATH of Lambda, which is not one for administrators.
        unshare, mount, chroot = (shutil.which(name, path=PROGRAM_PATH) for name in ("unshare", "mount", "chroot"))
        enter = f'{mount} --rbind /proc "$0/proc" && exec {chroot} "$0" "$@"'
        options = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        command = [unshare, *options, "--mount", "/bin/sh", "-c", enter, str(self.path), f"{TASK_ROOT}/bootstrap"]
        path = self.path.with_name(f"{self.path.name}-bootstrap")
        # A path that our emulator or AWS's give is one outside.
        path.write_text(f"#!/bin/sh\nexport LAMBDA_TASK_ROOT={TASK_ROOT}\nexec {shlex.join(command)}\n")
        path.chmod(0o755)
        return path


def package(function):
    """The zip of a function; packages are made by ./fincore package, never skipped over."""
    if not PACKAGES:
        pytest.fail("FINCORE_PACKAGE_DIR is not set: run ./fincore test, or ./fincore package and set it")
    path = pathlib.Path(PACKAGES, f"{function}.zip")
    if not path.exists():
        pytest.fail(f"{path} is not there: run ./fincore package {function} --output {PACKAGES}")
    return path


def unpack(path, directory):
    """Unpacks a zip with its file modes, as Lambda does."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            archive.extract(entry, directory)
            (directory / entry.filename).chmod(entry.external_attr >> 16 & 0o777)


def install(name, directory):
    """Puts a bootstrap that only tests run where a package would put it; it is never packaged itself."""
    built = ROOT / ".build" / "package" / "release" / name
    if not built.exists():
        pytest.fail(f"{built} is not there: run ./fincore test, or scripts/build-bootstraps {name}")
    shutil.copy2(built, directory / "bootstrap")
    roots = subprocess.run([ROOT / "scripts" / "certificate-bundle", name], check=True, capture_output=True).stdout
    (directory / "ca.pem").write_bytes(roots)


def bare_root(folder, function):
    """Nothing but the package and what Lambda always provides."""
    return MinimalRoot(folder / "bare", function)


def debian_11_root(folder, function):
    """The package in a Debian 11."""
    path = folder / "debian-11"
    shutil.copytree(debian_11(), path, symlinks=True)
    root = MinimalRoot(path, function)
    root.write("etc/nsswitch.conf", DEBIAN_11_NAME_SERVICES)
    return root


def debian_11():
    """The C library of Debian 11 and one module of its name services; kept inside the clone."""
    if DEBIAN_11.exists():
        return DEBIAN_11
    DEBIAN_11.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="debian-11-", dir=DEBIAN_11.parent) as work:
        work = pathlib.Path(work)
        download(work, DEBIAN_11_PACKAGES)
        root = work / "root"
        for archive in work.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        root.rename(DEBIAN_11)
    return DEBIAN_11


def download(folder, packages):
    """Fetches packages of Debian 11 with an apt that shares nothing with the machine's; it checks the signatures."""
    for directory in ("lists/partial", "cache/archives/partial", "none"):
        (folder / directory).mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb [signed-by={DEBIAN_KEYS}] {DEBIAN_MIRROR} bullseye main\n")
    (folder / "status").touch()
    (folder / "apt.conf").write_text(f"""
        Dir::Etc::sourcelist "{folder}/sources.list";
        Dir::Etc::sourceparts "{folder}/none";
        Dir::Etc::preferencesparts "{folder}/none";
        Dir::State::lists "{folder}/lists";
        Dir::State::status "{folder}/status";
        Dir::Cache "{folder}/cache";
        APT::Sandbox::User "root";
        APT::Get::AllowUnauthenticated "false";
        Acquire::Languages "none";
        #clear APT::Update::Post-Invoke;
        #clear APT::Update::Post-Invoke-Success;
    """)
    for words in (["update"], ["download", *packages]):
        run = subprocess.run(
            ["apt-get", "-q", "-c", folder / "apt.conf", *words], cwd=folder, capture_output=True, text=True,
            timeout=300, check=False)
        assert run.returncode == 0, f"apt-get {words[0]} failed:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
