"""Writes the samples in `sam/` anew: `python generate_sam_samples.py`, with aws-sam-cli installed beside that Python."""

import json
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent / "sam"
# Those of the tool's samples that are events of our shapes.
SAMPLES = [
    ("alb", "request"), ("apigateway", "http-api-proxy"), ("cloudwatch", "scheduled-event"),
    ("kinesis", "get-records"), ("rekognition", "s3-request"), ("s3", "delete"), ("s3", "put"),
    ("sns", "notification"), ("sqs", "receive-message"),
]


def main():
    sam = pathlib.Path(sys.executable).with_name("sam")
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    for service, event in SAMPLES:
        sample = subprocess.run(
            [sam, "local", "generate-event", service, event], env=environment, capture_output=True, check=True).stdout
        json.loads(sample)
        (FOLDER / f"{service}.{event}.json").write_bytes(sample)


if __name__ == "__main__":
    main()
