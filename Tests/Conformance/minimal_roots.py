"""Root file systems with next to nothing in them, in which packaged functions are started.

One holds the unpacked zip and what Lambda always provides: /proc, /tmp, name resolution. The other is a Debian 11
beside it: an older C library than the bootstraps were linked with, and an nsswitch.conf whose modules only that
library can load.

They are entered with unshare: by root, or by a user whom the system lets make user namespaces. Debian does; Ubuntu
since 23.10 only with kernel.apparmor_restrict_unprivileged_userns=0. The Debian 11 is fetched by apt, as any user.
"""

import hashlib
import os
import pathlib
import platform
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
DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Where the machine has no mirror of its own: Debian's, and what it moves old releases to.
DEBIAN_MIRRORS = ["http://deb.debian.org/debian", "http://archive.debian.org/debian"]
# Those of its last point release, 11.11, by the SHA-256 of the .deb files.
DEBIAN_11_PACKAGES = {
    "amd64": {
        "base-files=11.1+deb11u11": "a7cc59f25ad7f3b87c000f33baf12678592be2c62776d03cf8f0f935f846acdc",
        "libc6=2.31-13+deb11u11": "05f7264da867b37f4c5ce49266b558ea1e81e05a9464f623152fca70f3550282",
        "libnss-myhostname=247.3-7+deb11u5": "2ca4d9a721fae9ec3c0c3ee5de871ff3b39a1f8c5f3e5a317eeff9800777f69a",
    },
    "arm64": {
        "base-files=11.1+deb11u11": "439b80966a0de3946c69981723318c5729d34724e9bf64793b8b8f8237b8fca3",
        "libc6=2.31-13+deb11u11": "baaa9aa184e2f21738c5819055e6740cc5b22f198e3f416e33f82b40ff6933d8",
        "libnss-myhostname=247.3-7+deb11u5": "0c029cdf489db987d5923ed79377b1cfac4d9449970be99634b1a674e9dd7905",
    },
}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


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
    packages = DEBIAN_11_PACKAGES[ARCHITECTURES[platform.machine()]]
    identity = hashlib.sha256("".join(packages.values()).encode()).hexdigest()[:16]
    complete = ROOT / ".build" / f"debian-11-{identity}"
    if not complete.exists():
        complete.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="debian-11-", dir=complete.parent) as work:
            work = pathlib.Path(work)
            for archive in download(work, packages):
                subprocess.run(["dpkg-deb", "-x", archive, work / "root"], check=True)
            (work / "root").rename(complete)
    return complete


def download(folder, packages):
    """Fetches packages of Debian 11, each of which has to be the very file that is meant; gives their paths."""
    if not os.path.exists(DEBIAN_KEYS):
        pytest.fail(f"{DEBIAN_KEYS} is not there: run ./fincore test, or install debian-archive-keyring")
    reasons = []
    for mirror in [*machine_mirrors(), *DEBIAN_MIRRORS]:
        reason = download_from(mirror, folder, packages)
        if reason is None:
            return [verified(folder, package, digest) for package, digest in packages.items()]
        reasons.append(f"{mirror}: {reason}")
    pytest.fail("Debian 11 could not be fetched from any mirror:\n" + "\n".join(reasons))


def verified(folder, package, digest):
    """The file of a package, if it is the one that is meant."""
    name, version = package.split("=")
    [path] = folder.glob(f"{name}_{version}_*.deb")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        pytest.fail(f"{path.name} has the SHA-256 {found}, and {digest} is meant (minimal_roots.py)")
    return path


def machine_mirrors():
    """The mirrors of Debian that this machine's own apt uses."""
    run = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(RELEASE) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=False)
    fields = [line.split() for line in run.stdout.splitlines()]
    # Security updates have an archive apart.
    return sorted({
        words[2].rstrip("/") for words in fields
        if len(words) == 3 and words[0] == "Debian" and not words[1].endswith("-security")})


def download_from(mirror, folder, packages):
    """Fetches packages with an apt that shares nothing with the machine's; gives the reason when it cannot."""
    for directory in ("lists/partial", "cache/archives/partial", "none"):
        (folder / directory).mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb [signed-by={DEBIAN_KEYS}] {mirror} bullseye main\n")
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
        if run.returncode != 0:
            return f"apt-get {words[0]} failed:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
    return None
