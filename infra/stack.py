"""The stack for one account: ledger, function, schedule, notifications, alarms."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aws_cdk import Acknowledgment, CfnOutput, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarms import Alarms
from infra.configuration import Configuration
from infra.dashboard import make_dashboard
from infra.notifications import Notifications
from infra.queries import save_queries
from infra.responder import Responder

STACK_NAME: Final = "InvitationResponder"


class AccountStack(Stack):
    """All resources for one account. The ledger's table is kept when the stack is deleted."""

    def __init__(
        self,
        scope: Construct,
        *,
        configuration: Configuration,
        code: Path,
        code_sha256: str,
        answers: Sequence[Mapping[str, Any]],
    ) -> None:
        """`code` is the function's folder, `code_sha256` its digest, `answers` the IAM policies about handshakes."""
        super().__init__(
            scope,
            STACK_NAME,
            description="Invitation Responder: answers this account's AWS Organizations handshakes by a policy",
        )
        ledger = self._ledger()
        dead_letters = self._dead_letters()
        responder = Responder(
            self,
            "Responder",
            code=code,
            code_sha256=code_sha256,
            ledger=ledger,
            answers=answers,
            dead_letters=dead_letters,
            configuration=configuration,
        )
        # The id is "News" for ever: another one would replace the topic of a deployed stack, with its subscriptions.
        notifications = Notifications(self, "News", email=configuration.alarm_email, dead_letters=dead_letters)
        # The schedule starts the first sweep as soon as it exists: its notifications need a topic by then.
        responder.schedule.node.add_dependency(notifications)
        alarms = Alarms(
            self,
            "Alarms",
            topic=notifications.topic,
            function=responder.function,
            dead_letters=dead_letters,
            schedule=configuration.schedule,
        )
        save_queries(self, responder.log_group)
        make_dashboard(
            self,
            alarms=alarms.all,
            function=responder.function,
            log_group=responder.log_group,
            schedule=configuration.schedule,
        )
        CfnOutput(self, "LedgerTable", value=ledger.table_name)
        CfnOutput(self, "TopicArn", value=notifications.topic.topic_arn)
        CfnOutput(self, "FunctionName", value=responder.function.function_name)
        CfnOutput(self, "LogGroupName", value=responder.log_group.log_group_name)
        CfnOutput(self, "DeadLetterQueueUrl", value=dead_letters.queue_url)

    def _ledger(self) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            "Ledger",
            partition_key=dynamodb.Attribute(name="receiver", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="handshake_id", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # The records must outlive the responder.
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _dead_letters(self) -> sqs.Queue:
        queue = sqs.Queue(self, "DeadLetters", enforce_ssl=True, retention_period=Duration.days(14))
        Validations.of(queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="It is the dead-letter queue: of the schedule, the function and the rules.",
            )
        )
        return queue
