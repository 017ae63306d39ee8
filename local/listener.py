"""Somebody who subscribes to the responder's events: a queue behind an EventBridge rule."""

import json
from typing import Any

from invitation_responder.events import SOURCE
from local.world import World


class Listener:
    """Hears what the responder tells in one account, from now on."""

    def __init__(self, aws: World, account_id: str) -> None:
        """Make the queue, and the rule that leads the events of the default bus into it."""
        self._sqs = aws.client("sqs", account_id)
        events = aws.client("events", account_id)
        self._queue = self._sqs.create_queue(QueueName="told")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(Name="told", EventPattern=json.dumps({"source": [SOURCE]}))
        events.put_targets(Rule="told", Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])

    def heard(self) -> list[dict[str, Any]]:
        """The events since the last look, in the order of their arrival."""
        events = []
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                events.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return events
