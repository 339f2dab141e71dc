"""Adds up what every kind of test reported and closes with the line "N passed, N failed"."""

import collections
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def junit(path):
    """How many cases of a JUnit file passed, failed and were skipped."""
    counts = collections.Counter()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        elif case.find("skipped") is not None:
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts


def fixtures(path):
    """How many fixtures did what is expected of them, and how many did not."""
    document = json.loads(path.read_text())
    return collections.Counter("failed" if fixture["differences"] else "passed" for fixture in document)


def report(path):
    """The counts of one report; a report that was cut short counts nothing."""
    try:
        return fixtures(path) if path.suffix == ".json" else junit(path)
    except (ElementTree.ParseError, json.JSONDecodeError) as error:
        print(f"{path.name} cannot be read: {error}")
        return collections.Counter()


def main(results):
    reports = {path.name: report(path) for path in sorted(results.iterdir()) if path.suffix in (".xml", ".json")}
    total = sum(reports.values(), collections.Counter())
    failed_steps = results / "steps.failed"
    for line in failed_steps.read_text().splitlines() if failed_steps.exists() else []:
        step, pattern = line.split("\t")
        own = [counts for name, counts in reports.items() if pattern and pathlib.PurePath(name).match(pattern)]
        # A build, a lint, or tests that ended before they could say which of them failed.
        if not sum(counts["failed"] for counts in own):
            print(f"failed as a whole: {step}")
            total["failed"] += 1
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"\n{total['passed']} passed, {total['failed']} failed{skipped}")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
