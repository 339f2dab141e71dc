"""What the one endpoint of all AWS services answers before a service is reached."""

import json
import urllib.error
import urllib.request

import pytest

from aws_support import failure


class TestEndpoint:
    def request(self, endpoint, headers, body=b"{}"):
        request = urllib.request.Request(endpoint + "/", data=body, headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        return caught.value.code, caught.value.read().decode()

    def test_an_unsigned_json_request_is_refused_in_json(self, aws_endpoint):
        status, body = self.request(aws_endpoint, {"X-Amz-Target": "AmazonSQS.ListQueues"})
        assert status == 403
        assert json.loads(body)["__type"] == "MissingAuthenticationToken"

    def test_an_unsigned_form_request_is_refused_in_xml(self, aws_endpoint):
        status, body = self.request(aws_endpoint, {}, b"Action=ListTopics")
        assert status == 403
        assert "<Code>MissingAuthenticationToken</Code>" in body

    def test_a_deeply_nested_body_is_refused_and_the_endpoint_goes_on(self, aws_endpoint, sqs):
        headers = {
            "X-Amz-Target": "DynamoDB_20120810.PutItem",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261103/us-east-1/dynamodb/aws4_request",
        }
        for depth in (150, 400, 511, 100_000):
            body = ('{"TableName":"x","Item":' + "[" * depth + "]" * depth + "}").encode()
            status, answer = self.request(aws_endpoint, headers, body)
            assert status == 400
            assert "SerializationException" in answer
        sqs.list_queues()

    def test_a_service_that_is_not_offered_is_named(self, aws_client):
        response = failure(aws_client("ssm").get_parameter, Name="x")
        assert "'ssm'" in response["Error"]["Message"]
