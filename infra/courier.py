"""The courier: what turns events into messages on the topics."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarms import RECOVERING, name_alarm
from infra.event_queue import make_event_queue
from infra.function import Code, make_function, make_role
from infra.notifications import Notifications
from invitation_responder.aws.event_bus import SOURCE, detail_type
from invitation_responder.courier.kinds import URGENT

TIMEOUT: Final = Duration.seconds(30)
MEMORY_MIB: Final = 256
# Events that come within a minute make one message. What is urgent waits for nothing.
WINDOW: Final = Duration.minutes(1)
_BATCH_SIZE: Final = 1000
_MAX_WITHOUT_WINDOW: Final = 10


class Courier(Construct):
    """The function that writes messages, and two routes of events to it: one for what is urgent, one for the rest.

    Each route is a rule, a queue in which events gather for a message, and what Lambda fetches from it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        notifications: Notifications,
        code: Code,
        log_group: logs.ILogGroup,
        marks: dynamodb.TableV2,
        dead_letters: sqs.IQueue,
        accounts: dynamodb.TableV2 | None = None,
    ) -> None:
        """Send messages about all events to the topics; what fails in all attempts goes to `dead_letters`.

        The table `accounts` has the names of an organization's accounts.
        """
        super().__init__(scope, id)
        topics = [topic for topic in (notifications.topic, notifications.urgent) if topic]
        self._dead_letters = dead_letters
        self.function = make_function(
            self,
            "Function",
            description="Tells people what became of handshakes",
            handler="courier.handler.handle",
            code=replace(code, index_mib=0),  # it reads no policy
            role=self._role(log_group, marks, topics, accounts),
            log_group=log_group,
            timeout=TIMEOUT,
            memory=MEMORY_MIB,
            environment={
                "MARKS_TABLE": marks.table_name,
                **({"ORGANIZATION_TABLE": accounts.table_name} if accounts else {}),
                **dict(zip(("TOPIC", "URGENT_TOPIC"), (topic.topic_arn for topic in topics), strict=False)),
            },
        )
        types = sorted(detail_type(kind) for kind in URGENT)
        self._add_route("Urgent", types, None, "what is urgent")
        digest = self._add_route("Digest", events.Match.anything_but(*types), WINDOW, "all that is not urgent")
        # Not by the alarms' own OK actions: a new alarm would run them when it first finds all well.
        events.Rule(
            self,
            "RecoveredRule",
            description="Invitation Responder: hands the end of alarms to the courier",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                detail={
                    "alarmName": [name_alarm(each) for each in RECOVERING],
                    "previousState": {"value": ["ALARM"]},
                    "state": {"value": ["OK"]},
                },
            ),
            targets=[digest],
        )

    def _role(
        self,
        log_group: logs.ILogGroup,
        marks: dynamodb.TableV2,
        topics: Collection[sns.Topic],
        accounts: dynamodb.TableV2 | None,
    ) -> iam.Role:
        role = make_role(
            self, "Role", description="What Invitation Responder's courier may do in this account", log_group=log_group
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"], resources=[marks.table_arn]
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn for topic in topics])
        )
        if accounts:
            role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=[accounts.table_arn]))
        return role

    def _add_route(self, id: str, detail_types: Sequence[str], window: Duration | None, about: str) -> targets.SqsQueue:  # noqa: A002 - the CDK's own name
        queue = make_event_queue(
            self,
            f"{id}Queue",
            function=self.function,
            timeout=TIMEOUT,
            batch_size=_BATCH_SIZE if window else _MAX_WITHOUT_WINDOW,
            window=window,
            retention=Duration.days(4),
            dead_letters=self._dead_letters,
            reports_batch_item_failures=True,
        )
        events.Rule(
            self,
            f"{id}Rule",
            description=f"Invitation Responder: hands {about} to the courier",
            event_pattern=events.EventPattern(source=[SOURCE], detail_type=detail_types),
            targets=[queue],
        )
        return queue
