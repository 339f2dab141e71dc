"""The emulator's SNS as the AWS SDK for Python sees it."""

import json

from aws_support import code, unique


class TestSNS:
    def test_a_published_message_reaches_the_subscribed_queue(self, sns, aws_client):
        sqs = aws_client("sqs")
        queue = sqs.create_queue(QueueName=unique("alerts"))["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = sns.create_topic(Name=unique("alerts"))["TopicArn"]
        subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
        published = sns.publish(
            TopicArn=topic,
            Subject="Discrepancy",
            Message="ch_1: ü <&> +",
            MessageAttributes={"severity": {"DataType": "String", "StringValue": "high"}},
        )
        body = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"][0]["Body"]
        envelope = json.loads(body)
        assert envelope["MessageId"] == published["MessageId"]
        assert (envelope["Subject"], envelope["Message"]) == ("Discrepancy", "ch_1: ü <&> +")
        assert envelope["MessageAttributes"] == {"severity": {"Type": "String", "Value": "high"}}
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert [s["SubscriptionArn"] for s in listed] == [subscription]
        sns.unsubscribe(SubscriptionArn=subscription)
        sns.publish(TopicArn=topic, Message="again")
        assert sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessages"
        ] == "0"

    def test_topics_are_managed(self, sns):
        name = unique("topic")
        topic = sns.create_topic(Name=name)["TopicArn"]
        assert sns.create_topic(Name=name)["TopicArn"] == topic
        assert topic in [t["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for t in page["Topics"]]
        assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
        assert code(sns.publish, TopicArn=topic + "x", Message="m") == "NotFound"
        assert code(sns.publish, TopicArn=topic, Message="") == "InvalidParameter"
        assert code(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@b.c") == "InvalidParameter"
        assert code(sns.set_topic_attributes, TopicArn=topic, AttributeName="x") == "InvalidAction"
