"""The topics on which people hear what became of handshakes."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class Notifications(Construct):
    """An SNS topic that carries messages about every event, and the alarms.

    If somebody wants only what is urgent, `urgent` is a topic for that.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        emails: Sequence[str],
        urgent_emails: Sequence[str],
    ) -> None:
        """Create the topics and subscribe the addresses."""
        super().__init__(scope, id)
        self.topic = self._topic("Topic", "Invitation Responder", emails)
        self.urgent = self._topic("Urgent", "Invitation Responder: urgent", urgent_emails) if urgent_emails else None

    def _topic(self, id: str, display_name: str, emails: Sequence[str]) -> sns.Topic:  # noqa: A002 - the CDK's own name
        topic = sns.Topic(self, id, display_name=display_name, enforce_ssl=True)
        topic.add_to_resource_policy(
            # A policy replaces the topic's default one, which would let alarms publish.
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        for email in emails:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic
