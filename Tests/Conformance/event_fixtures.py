"""The events in events/, under names of their own, so that one stack can take the same event any number of times."""

import base64
import datetime
import hashlib
import itertools
import json
import re

from programs import ROOT

# Ids of charges, refunds, jobs, events and payment intents, and idempotency keys; not the members of a job.
NAMES = re.compile(r"\b(?!job_(?:id|type)\b)(?:(?:ch|re|job|evt|pi|txn)_|fixture-)[A-Za-z0-9_-]+")
# Sequence numbers of Kinesis records; the digits in the middle are a copy's own.
SEQUENCE_NUMBER = re.compile(r"\b(49590338)(\d{8})(\d{40})\b")
# The settlement day of the fixtures, and the morning after it, when it is looked at.
SETTLEMENT_DAYS = (datetime.date(2026, 1, 15), datetime.date(2026, 1, 16))
# Behind the days of all other fixtures, whose books would else be missing in a copy's settlement.
FREE_DAYS = 1_000
# What differs from one invocation to the next.
PASSING = {"X-Request-Id", "id", "request_id", "created_at", "stackTrace"}

_copies = itertools.count(1)


class FixtureCopy:
    """One fixture with names, and a settlement day, that no other copy has."""

    def __init__(self, name):
        number = next(_copies)
        self._suffix = f"_copy{number}"
        self._digits = f"{number:08}"
        self._days = {
            str(day): str(day + datetime.timedelta(days=FREE_DAYS + 2 * number)) for day in SETTLEMENT_DAYS
        }
        path = ROOT / "events" / name
        self.event = self._renamed(json.loads(path.with_suffix(".json").read_text()))
        document = self._renamed(json.loads(path.with_suffix(".expected.json").read_text()))
        self.function = document["function"]
        self.given = document.get("given", {})
        self.expected = document["expect"]

    def comparable(self, document):
        """A document without what is this copy's alone, and without what passes."""
        if isinstance(document, dict):
            return {
                name: "<passing>" if name in PASSING else self._comparable_text(value) if name == "body"
                else self.comparable(value)
                for name, value in document.items()
            }
        if isinstance(document, list):
            return [self.comparable(element) for element in document]
        if isinstance(document, str):
            for day, own in self._days.items():
                document = document.replace(own, day)
            return SEQUENCE_NUMBER.sub(r"\1********\3", document.replace(self._suffix, ""))
        return document

    def meets(self, document):
        """Whether an answer is the one the fixture expects."""
        return _matches(self.expected.get("response", self.expected.get("error")), document)

    def _comparable_text(self, body):
        """An HTTP body is JSON inside a string."""
        return self.comparable(json.loads(body) if isinstance(body, str) and body[:1] == "{" else body)

    def _renamed(self, value):
        if isinstance(value, dict):
            value = {self._renamed(name): self._renamed(element) for name, element in value.items()}
            if "md5OfBody" in value:
                value["md5OfBody"] = hashlib.md5(value["body"].encode()).hexdigest()
            if "kinesisSchemaVersion" in value:
                data = self._renamed(base64.b64decode(value["data"]).decode())
                value["data"] = base64.b64encode(data.encode()).decode()
            return value
        if isinstance(value, list):
            return [self._renamed(element) for element in value]
        if isinstance(value, str):
            value = NAMES.sub(lambda name: name.group() + self._suffix, value)
            value = SEQUENCE_NUMBER.sub(rf"\g<1>{self._digits}\3", value)
            for day, own in reversed(self._days.items()):
                value = value.replace(day, own)
        return value


def _matches(expected, found):
    """Whether a document holds what is expected: "<any…>" is anything, members that nobody names do not matter."""
    # What the replay of the fixtures fills in is left open here, too.
    if isinstance(expected, str) and (expected.startswith("<any") or "${" in expected):
        return found is not None
    if isinstance(expected, dict):
        found = json.loads(found) if isinstance(found, str) else found
        return all(name in found and _matches(value, found[name]) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(_matches, expected, found))
    return expected == found
