"""A clone in which everything that takes minutes has a stand-in: the command that packages is the real one."""

import os
import shutil
import subprocess

from programs import ROOT, fincore_binary

CERTIFICATES = ROOT / "Tests" / "FincoreToolTests" / "Package" / "TestPrograms.swift"


def certificate():
    """The certificate that the unit tests use."""
    lines = [line.strip() for line in CERTIFICATES.read_text().splitlines()]
    begin, end = lines.index("-----BEGIN CERTIFICATE-----"), lines.index("-----END CERTIFICATE-----")
    return "\n".join(lines[begin:end + 1]) + "\n"


def compile_c(path, source="int main(void) { return 0; }", options=("-static", "-s")):
    """Makes a program of one C file."""
    code = path.with_suffix(".c")
    code.write_text(source)
    subprocess.run(["gcc", *options, "-o", path, code, "-lm"], check=True, capture_output=True, text=True)
    code.unlink()
    return path


class StandInClone:
    """Scripts that build nothing, a template, and programs that a test puts where builds put them."""

    def __init__(self, folder):
        self.folder = folder
        self.built = folder / ".build" / "package" / "release"
        self.package = folder / "package"
        for name in ("infra", "scripts", ".build/package/release", ".build/package/libraries", ".build/native"):
            (folder / name).mkdir(parents=True)
        for name in ("functions.json", "Makefile"):
            shutil.copy(ROOT / "infra" / name, folder / "infra")
        self.script("build-native-libraries", "echo 'looking at the native libraries' >&2")
        self.script("build-bootstraps", 'echo "building $*" >&2')
        (folder / "ca.pem").write_text(certificate())
        self.script("certificate-bundle", f"cat '{folder}/ca.pem'")
        (folder / ".build" / "native" / "versions.tsv").write_text("library\tversion\tlicence\tlinked_by\tstate\n")

    def script(self, name, text):
        path = self.folder / "scripts" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, *words, cwd=None):
        return subprocess.run(
            [fincore_binary(), "package", *map(str, words)], env={**os.environ, "FINCORE_ROOT": str(self.folder)},
            cwd=cwd or self.folder, capture_output=True, text=True, timeout=120, check=False)

    def complaints(self, run):
        """What it says is wrong, among the lines that say how far it came."""
        return [line.removeprefix("fincore: ") for line in run.stderr.splitlines() if line.startswith("fincore: ")]
