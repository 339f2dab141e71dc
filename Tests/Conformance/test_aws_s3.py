"""The emulator's S3 as the AWS SDK for Python sees it."""

import hashlib
import os

import pytest

from aws_support import code, failure, unique


class TestS3:
    @pytest.fixture
    def bucket(self, s3):
        name = unique("reports")
        s3.create_bucket(Bucket=name)
        return name

    @pytest.mark.parametrize("key", ["a.csv", "a b/ü+=&%.csv", "a//b", "x" * 1024])
    def test_an_object_comes_back_as_it_went(self, s3, bucket, key):
        data = bytes(range(256)) * 300
        put = s3.put_object(
            Bucket=bucket, Key=key, Body=data, ContentType="text/csv", Metadata={"run": "1"}, ChecksumAlgorithm="SHA256"
        )
        assert put["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
        got = s3.get_object(Bucket=bucket, Key=key)
        assert got["Body"].read() == data
        assert (got["ContentType"], got["Metadata"]) == ("text/csv", {"run": "1"})
        head = s3.head_object(Bucket=bucket, Key=key)
        assert (head["ContentLength"], head["ETag"]) == (len(data), put["ETag"])
        assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=1-3")["Body"].read() == data[1:4]
        assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=-2")["Body"].read() == data[-2:]
        s3.delete_object(Bucket=bucket, Key=key)
        assert code(s3.get_object, Bucket=bucket, Key=key) == "NoSuchKey"

    def test_a_streamed_upload_is_decoded(self, s3, bucket, tmp_path):
        path = tmp_path / "data.bin"
        data = os.urandom(3_000_000)
        path.write_bytes(data)
        with path.open("rb") as stream:
            s3.put_object(Bucket=bucket, Key="streamed", Body=stream)
        assert s3.get_object(Bucket=bucket, Key="streamed")["Body"].read() == data

    def test_conditions_guard_writes_and_reads(self, s3, bucket):
        tag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
        assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=tag)
        assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"4", IfMatch=tag) == "PreconditionFailed"
        new = s3.head_object(Bucket=bucket, Key="k")["ETag"]
        unchanged = failure(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=new)
        assert unchanged["ResponseMetadata"]["HTTPStatusCode"] == 304

    def test_listings_page_and_group(self, s3, bucket):
        keys = sorted([f"logs/2026/{n:02}.txt" for n in range(5)] + ["logs/a b&<>.txt", "top.txt", "zz/1", "zz/2"])
        for key in keys:
            s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
        assert [o["Key"] for page in pages for o in page["Contents"]] == keys
        grouped = list(
            s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 1}
            )
        )
        assert [p["Prefix"] for page in grouped for p in page.get("CommonPrefixes", [])] == ["logs/", "zz/"]
        assert [o["Key"] for page in grouped for o in page.get("Contents", [])] == ["top.txt"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="logs/2026/", StartAfter="logs/2026/02.txt")
        assert [o["Key"] for o in listed["Contents"]] == ["logs/2026/03.txt", "logs/2026/04.txt"]
        deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": k} for k in keys]})
        assert sorted(d["Key"] for d in deleted["Deleted"]) == keys
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0

    def test_buckets_are_managed(self, s3, bucket):
        assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
        s3.head_bucket(Bucket=bucket)
        assert code(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"") == "NoSuchBucket"
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
        assert code(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
        s3.delete_object(Bucket=bucket, Key="k")
        s3.delete_bucket(Bucket=bucket)
        assert code(s3.list_objects_v2, Bucket=bucket) == "NoSuchBucket"

    def test_what_is_not_offered_is_refused_by_name(self, s3, bucket):
        refused = failure(s3.create_multipart_upload, Bucket=bucket, Key="k")["Error"]
        assert refused["Code"] == "NotImplemented"
        assert "uploads" in refused["Message"]
