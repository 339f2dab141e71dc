"""Adds up what every kind of test reported and closes with the line "N passed, N failed"."""

import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def junit(path):
    """Passed and failed test cases of one JUnit file."""
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return len(cases) - failed - skipped, failed


def main(results):
    passed = failed = 0
    for path in sorted(results.glob("*.xml")):
        good, bad = junit(path)
        passed, failed = passed + good, failed + bad
    replay = results / "replay.json"
    if replay.exists():
        fixtures = json.loads(replay.read_text())
        bad = sum(1 for fixture in fixtures if fixture["differences"])
        passed, failed = passed + len(fixtures) - bad, failed + bad
    # A step that fails without a failed case of its own (a build, a lint) counts as one.
    steps = results / "steps.failed"
    broken = len(steps.read_text().splitlines()) if steps.exists() else 0
    if broken and not failed:
        failed = broken
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
