"""A subscriber to the responder's events: a queue behind an EventBridge rule."""

import json
from typing import Any

from invitation_responder.aws.event_bus import SOURCE
from local.embedded.world import EmbeddedAws


class Listener:
    """Collects the events that the responder publishes in one account."""

    def __init__(self, aws: EmbeddedAws, account_id: str) -> None:
        """Create the queue, and a rule that sends the default bus's events from the responder to it."""
        self._sqs = aws.client("sqs", account_id)
        events = aws.client("events", account_id)
        self._queue = self._sqs.create_queue(QueueName="published")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(Name="published", EventPattern=json.dumps({"source": [SOURCE]}))
        events.put_targets(Rule="published", Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])

    def take_events(self) -> list[dict[str, Any]]:
        """Receive and delete the events published since the last call, in the order of their arrival."""
        return [json.loads(message) for message in take_messages(self._sqs, self._queue)]


def take_messages(sqs: Any, queue: str) -> list[str]:
    """Receive and delete all messages in the queue of that URL; returns their bodies."""
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return bodies
