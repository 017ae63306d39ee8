"""A topic of Amazon SNS."""

from typing import TYPE_CHECKING

from invitation_responder.aws.client import CALL_ERRORS, describe_error

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class TopicError(Exception):
    """A topic did not take a message. The cause is the error of the call."""


class Topic:
    """Publishes messages on one topic."""

    def __init__(self, client: "SNSClient", arn: str) -> None:
        """Use the topic of this ARN."""
        self._client = client
        self._arn = arn

    def publish(self, subject: str, body: str) -> None:
        """Publish a message; `body` is JSON with a text for each protocol. Raises `TopicError`."""
        try:
            self._client.publish(TopicArn=self._arn, Subject=subject, Message=body, MessageStructure="json")
        except CALL_ERRORS as error:
            raise TopicError(f"the topic {self._arn} takes no message: {describe_error(error)}") from error
