"""Somebody who subscribes to the responder's events: a queue behind an EventBridge rule."""

import json
from typing import Any

from invitation_responder.aws.event_bus import SOURCE
from local.embedded.world import EmbeddedAws


class Listener:
    """Hears what the responder tells in one account, from now on."""

    def __init__(self, aws: EmbeddedAws, account_id: str) -> None:
        """Make the queue, and the rule that leads the events of the default bus into it."""
        self._sqs = aws.client("sqs", account_id)
        events = aws.client("events", account_id)
        self._queue = self._sqs.create_queue(QueueName="published")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(Name="published", EventPattern=json.dumps({"source": [SOURCE]}))
        events.put_targets(Rule="published", Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])

    def take_events(self) -> list[dict[str, Any]]:
        """The events since the last look, in the order of their arrival."""
        return [json.loads(message) for message in take_messages(self._sqs, self._queue)]


def take_messages(sqs: Any, queue: str) -> list[str]:
    """Take everything that has come to the queue of that URL."""
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return bodies
