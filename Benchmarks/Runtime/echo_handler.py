"""The echo for AWS's own Python runtime (awslambdaric): what Examples/Echo does, in the form that AWS documents for
partial batch responses. It takes every record, but those whose content begins with "fail"."""

import base64


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            if "kinesis" in record:
                take_stream_record(record)
            else:
                take_message(record)
        except ValueError:
            failures.append({"itemIdentifier": identifier(record)})
    return {"batchItemFailures": failures}


def take_message(record):
    if record["body"].startswith("fail"):
        raise ValueError("asked to fail")


def take_stream_record(record):
    if base64.b64decode(record["kinesis"]["data"]).startswith(b"fail"):
        raise ValueError("asked to fail")


def identifier(record):
    return record["kinesis"]["sequenceNumber"] if "kinesis" in record else record["messageId"]
