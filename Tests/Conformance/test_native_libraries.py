"""scripts/build-native-libraries takes source packages from the distribution's own archives and from nobody else's."""

import os
import pathlib
import re
import subprocess

import pytest

from programs import ROOT

RELEASE = dict(re.findall(r'^(\w+)="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE))
CODENAME, DISTRIBUTION = RELEASE["VERSION_CODENAME"], RELEASE["ID"]
KEYRING = f"/usr/share/keyrings/{DISTRIBUTION}-archive-keyring.gpg"
OWN = "http://archive.example/distribution"


@pytest.fixture
def archives(tmp_path):
    """What the script takes of a machine whose apt has these files."""

    def run(**files):
        (tmp_path / "parts").mkdir()
        for name, text in files.items():
            name, _, suffix = name.partition("_")
            folder = tmp_path if name == "sources" else tmp_path / "parts"
            (folder / f"{name}.{suffix}").write_text(text)
        configuration = tmp_path / "apt.conf"
        configuration.write_text(
            f'Dir::Etc::sourcelist "{tmp_path}/sources.list";\nDir::Etc::sourceparts "{tmp_path}/parts";\n')
        return subprocess.run(
            [ROOT / "scripts" / "build-native-libraries", "--archives"],
            env={**os.environ, "APT_CONFIG": str(configuration)}, capture_output=True, text=True, timeout=30,
            check=True).stdout.splitlines()

    return run


def line(suite, components="main", address=OWN):
    return f"deb-src [signed-by={KEYRING}] {address} {suite} {components}"


def test_the_release_its_updates_and_its_security_updates_are_taken(archives):
    found = archives(sources_list=f"""
        deb {OWN} {CODENAME} main universe # a comment
        deb [arch=amd64 signed-by={KEYRING}] {OWN} {CODENAME}-updates main
        deb-src {OWN} {CODENAME} main
        # deb {OWN} {CODENAME}-security main
        """, security_list=f"deb [ signed-by={KEYRING} ] {OWN} {CODENAME}-security main\n")
    assert found == [line(CODENAME, "main universe"), line(f"{CODENAME}-updates"), line(f"{CODENAME}-security")]


def test_both_kinds_of_files_are_read(archives):
    found = archives(own_sources=f"""# of the installer
Types: deb deb-src
URIs: {OWN} http://mirror.example/
# URIs: http://other.example
Suites: {CODENAME}
 {CODENAME}-updates {CODENAME}-backports
Components: main universe
Signed-By: {KEYRING}

types: deb
uris: {OWN}
suites: {CODENAME}-security
components: main
""")
    assert found == [
        line(CODENAME, "main universe"), line(f"{CODENAME}-updates", "main universe"),
        line(CODENAME, "main universe", "http://mirror.example/"),
        line(f"{CODENAME}-updates", "main universe", "http://mirror.example/"), line(f"{CODENAME}-security")]


@pytest.mark.parametrize("words", [
    f"deb https://apt.postgresql.example/pub {CODENAME}-pgdg main",
    f"deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.example/linux {CODENAME} stable",
    f"deb [arch=amd64 signed-by=/usr/share/keyrings/docker.gpg] https://download.docker.example {CODENAME} stable",
    f"deb {OWN} {CODENAME}-backports main", f"deb {OWN} {CODENAME}-proposed-updates main", f"deb {OWN} sid main",
    f"deb [trusted=yes] {OWN} {CODENAME} main",
])
def test_other_archives_and_suites_stay_out(archives, words):
    assert archives(sources_list=words + "\n") == []


@pytest.mark.parametrize("lines", [
    "Signed-By: /etc/apt/keyrings/docker.asc", "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY8...",
    "Enabled: no", "Trusted: yes",
])
def test_foreign_keys_disabled_and_unsigned_archives_stay_out(archives, lines):
    assert archives(a_sources=f"Types: deb\nURIs: {OWN}\nSuites: {CODENAME}\nComponents: main\n{lines}\n") == []
