#!/usr/bin/env python3
"""Writes sigv4_vectors.json: requests signed by botocore, which SignatureV4DifferentialTests signs again.

Needs botocore (any version of the last years); the output depends on the seed only:

    python3 generate_sigv4_vectors.py > sigv4_vectors.json

Query parameters reach botocore decoded and our signer inside a URL, spelled in one of several valid ways, so the test
covers our reading of the query too. Non-ASCII paths are spelled raw or percent-encoded; S3 paths are always encoded,
because S3 signs the path as sent and an HTTP request line carries no raw UTF-8.
"""

import base64
import datetime
import json
import random
import sys
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SEED = 20261120
CASES_PER_SERVICE = 40
SERVICES = ["dynamodb", "kinesis", "lambda", "s3", "sns", "service"]
UNRESERVED = "-_.~"

WORDS = [
    "a", "B", "charge", "2026-11-20", "ünï", "ሴ", "日本", "🧾", "with space", "two  spaces", "100%", "a+b", "a=b",
    "a&b", "x/y", "tilde~", "star*", "quote'", "(paren)", "semi;colon", "comma,", "at@", "colon:", "dollar$",
    "hash#", "question?", "%41", "back\\slash", "pipe|",
]


def path(rng, raw_allowed):
    segments = rng.choices(WORDS + ["", "", ".", "..", "..."], k=rng.randint(0, 6))
    raw = raw_allowed and rng.random() < 0.4
    if raw:
        segments = [s for s in segments if not set(s) & set("#?\\|")]
        text = "/" + "/".join(segments)
    else:
        text = "/" + "/".join(quote(s, safe=UNRESERVED) for s in segments)
    return text + ("/" if rng.random() < 0.3 else "")


def spell(rng, text):
    """A percent-encoding of the text: strict, with lower-case digits, or with unreserved characters escaped too."""
    style = rng.randint(0, 2)
    if style == 0:
        return quote(text, safe=UNRESERVED)
    if style == 1:
        return "".join(c if c.isalnum() and c.isascii() else quote(c, safe="").lower() for c in text)
    return "".join("%%%02X" % byte for byte in text.encode())


def query(rng):
    pairs = []
    for _ in range(rng.choice([0, 0, 1, 2, 5])):
        key = rng.choice(WORDS + ["key", "key", "Key", "key-", "key1"])
        pairs.append((key, rng.choice(WORDS + ["", ""])))
    spelled = []
    for key, value in pairs:
        text = spell(rng, key)
        # "name" and "name=" are the same parameter.
        spelled.append(text if value == "" and rng.random() < 0.5 else f"{text}={spell(rng, value)}")
    return pairs, "&".join(spelled)


def headers(rng):
    choices = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("X-Amz-Target", "DynamoDB_20120810.PutItem"),
        ("x-custom", "  leading and trailing  "),
        ("X-Custom", "inner   runs \t of  space"),
        ("X-CUSTOM", ""),
        ("Accept", "*/*"),
        ("X-Amz-Invocation-Type", "RequestResponse"),
        ("User-Agent", "changed/by proxy"),
        ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
        ("Expect", "100-continue"),
        ("Authorization", "left over from an earlier attempt"),
        ("X-Amz-Date", "19990101T000000Z"),
    ]
    return rng.sample(choices, k=rng.randint(0, 5))


def case(rng, service, number):
    is_s3 = service == "s3"
    scheme, host = rng.choice([
        ("https", "host.amazonaws.com"), ("https", "Host.Example:443"), ("http", "127.0.0.1:4566"),
        ("http", "localhost:80"), ("https", "[::1]:8443"),
    ])
    target = path(rng, raw_allowed=not is_s3)
    params, query_text = query(rng)
    base = f"{scheme}://{host}{target}"
    method = rng.choice(["GET", "POST", "PUT", "DELETE"])
    body = rng.choice([b"", b"{}", "text ü".encode(), bytes(range(256)), b"Param1=value1&Param2=a+b"])
    fields = headers(rng)
    token = rng.choice([None, None, "AQoDYXdzEPT//////////wEXAMPLE==token/with+signs"])
    time = datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=rng.randint(0, 2_000_000_000))

    request = AWSRequest(method=method, url=base, data=body, params=params)
    for name, value in fields:
        request.headers.add_header(name, value)
    region = rng.choice(["us-east-1", "eu-central-1"])
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    signer_class = botocore.auth.S3SigV4Auth if is_s3 else botocore.auth.SigV4Auth
    signer = signer_class(credentials, service, region)
    botocore.auth.get_current_datetime = lambda *_, **__: time
    signer.add_auth(request)
    authorization = request.headers["Authorization"]
    del request.headers["Authorization"]
    canonical = signer.canonical_request(request)
    return {
        "name": f"{service}-{number}",
        "service": service,
        "region": region,
        "session_token": token,
        "epoch_seconds": int(time.replace(tzinfo=datetime.timezone.utc).timestamp()),
        "method": method,
        "url": base + (f"?{query_text}" if query_text else ""),
        "headers": [list(field) for field in fields],
        "body_base64": base64.b64encode(body).decode(),
        "canonical_request": canonical,
        "authorization": authorization,
    }


def main():
    rng = random.Random(SEED)
    cases = [case(rng, service, number) for service in SERVICES for number in range(CASES_PER_SERVICE)]
    lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases)
    sys.stdout.write(f"[\n{lines}\n]\n")


main()
