"""What the tests of the AWS services share: names nobody has used yet, and the errors calls end with."""

import uuid

import pytest
from botocore.exceptions import ClientError


def unique(prefix, suffix=""):
    return f"{prefix}-{uuid.uuid4().hex[:12]}{suffix}"


def failure(call, **arguments):
    """The error a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response


def code(call, **arguments):
    return failure(call, **arguments)["Error"]["Code"]
