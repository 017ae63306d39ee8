"""The function, its role, its log and its schedule."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from aws_cdk import Acknowledgment, Aws, CfnElement, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.configuration import Configuration
from invitation_responder.aws.event_bus import SOURCE

# A sweep declines one handshake a second, 25 unless the policy sets another limit, and stops before the timeout.
TIMEOUT: Final = Duration.minutes(5)
RETRIES: Final = 2
# The limits of an invocation's age. Lambda waits one minute before the first retry and two before the second, each
# after a timeout at most, and keeps an invocation for six hours (Lambda developer guide, asynchronous invocation).
_MIN_AGE, _MAX_AGE = timedelta(minutes=20), timedelta(hours=6)


class Responder(Construct):
    """The function with its role, its log group, and the schedule that invokes it."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        code: Path,
        code_sha256: str,
        ledger: dynamodb.TableV2,
        answers: Sequence[Mapping[str, Any]],
        dead_letters: sqs.IQueue,
        configuration: Configuration,
    ) -> None:
        """`answers` are the IAM policy documents about handshakes; `code_sha256` is the digest of the folder `code`."""
        schedule = configuration.schedule
        super().__init__(scope, id)
        self.log_group = logs.LogGroup(
            self, "Log", retention=logs.RetentionDays.ONE_YEAR, removal_policy=RemovalPolicy.DESTROY
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description="Answers the account's pending AWS Organizations handshakes by the policy it was deployed with",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler="invitation_responder.handler.handle",
            code=lambda_.Code.from_asset(str(code), asset_hash=code_sha256),
            memory_size=512,
            timeout=TIMEOUT,
            role=self._role(ledger, answers),
            log_group=self.log_group,
            environment={
                "LEDGER_TABLE": ledger.table_name,
                "LEDGER_RETENTION_DAYS": str(configuration.ledger_retention_days),
                "SENDER_TEXT": configuration.sender_text,
            },
            retry_attempts=RETRIES,
            max_event_age=_seconds(longest_wait(schedule)),
            on_failure=destinations.SqsDestination(dead_letters),
        )
        Validations.of(self.function).acknowledge(
            Acknowledgment(
                id="AwsSolutions::AwsSolutions-L1",
                reason="The bundle's bytecode is for 3.13, and its tests run on it; it changes with them.",
            )
        )
        self.schedule = self._schedule(_seconds(schedule), dead_letters)

    def _schedule(self, interval: Duration, dead_letters: sqs.IQueue) -> scheduler.Schedule:
        caller = self._caller()
        schedule = scheduler.Schedule(
            self,
            "Schedule",
            description="Sweeps the account's handshakes",
            schedule=scheduler.ScheduleExpression.rate(interval),
            target=targets.LambdaInvoke(
                self.function,
                role=caller,
                dead_letter_queue=dead_letters,
                retry_attempts=RETRIES,
                max_event_age=interval,
            ),
        )
        # The schedule fires as soon as it exists: the role's permissions must exist before.
        schedule.node.add_dependency(caller)
        function_id = Stack.of(self).get_logical_id(cast("CfnElement", self.function.node.default_child))
        Validations.of(caller).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::<{function_id}.Arn>:*]",
                reason="The versions of the one function, which the CDK grants with it.",
            )
        )
        return schedule

    def _role(self, ledger: dynamodb.TableV2, answers: Sequence[Mapping[str, Any]]) -> iam.Role:
        stack = Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="What Invitation Responder may do in this account; derived from its policy",
        )
        self.log_group.grant_write(role)
        role.add_to_policy(
            # TransactWriteItems needs the permission for what it writes: PutItem.
            iam.PolicyStatement(actions=["dynamodb:Query", "dynamodb:PutItem"], resources=[ledger.table_arn])
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[stack.format_arn(service="events", resource="event-bus", resource_name="default")],
                # A call has several events, each with a source: all must be the responder's.
                conditions={
                    "ForAllValues:StringEquals": {"events:source": SOURCE},
                    "Null": {"events:source": "false"},
                },
            )
        )
        # The CDK asks before it widens an inline policy, but does not compare managed policies' documents.
        first, *others = [iam.PolicyDocument.from_json(document) for document in answers]
        # The role is the scope, so that the function is created after the policy.
        _acknowledge_senders(iam.Policy(role, "Answers", document=first, roles=[role]), answers[0])
        for number, document in enumerate(others, start=1):
            policy = iam.ManagedPolicy(
                self,
                f"Answers{number + 1}",
                description="Answering handshakes as the policy allows: what finds no room in the role itself",
                document=document,
            )
            role.add_managed_policy(policy)
            _acknowledge_senders(policy, answers[number])
        return role

    def _caller(self) -> iam.Role:
        """The schedule's role, which only this account's schedules can assume; it may invoke the function."""
        return iam.Role(
            self,
            "Caller",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
            description="Invitation Responder's schedule",
        )


def longest_wait(schedule: timedelta) -> timedelta:
    """The age at which an invocation that could not start is dropped: after its retries, when the next one starts."""
    return min(max(schedule, _MIN_AGE), _MAX_AGE)


def _seconds(time: timedelta) -> Duration:
    return Duration.seconds(int(time.total_seconds()))


def _acknowledge_senders(policy: iam.Policy | iam.ManagedPolicy, document: Mapping[str, Any]) -> None:
    """Acknowledge cdk-nag's finding about each resource with a wildcard."""
    resources = {resource for statement in document["Statement"] for resource in statement["Resource"]}
    for resource in sorted(resource for resource in resources if "*" in resource):
        Validations.of(policy).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource.replace(Aws.PARTITION, '<AWS::Partition>')}]",
                reason="Listing takes no resource, and a handshake's ARN names its sender, who can be anyone.",
            )
        )
