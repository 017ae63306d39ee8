"""A Lambda function of the bundle, and what every one of them may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from invitation_responder.aws.event_bus import SOURCE
from invitation_responder.core.index import EXACT_CONDITIONS
from invitation_responder.core.policy import EXCLUDING, Rule
from invitation_responder.organization.batches import MEMORY_MIB

_MAX_MEMORY: Final = 10_240  # MiB, the most that Lambda gives


@dataclass(frozen=True, slots=True)
class Code:
    """The bundle: its folder, the digest of the folder's contents, and the MiB that the index of its policy takes."""

    path: Path
    sha256: str
    index_mib: float = 0


def index_mib(rules: Sequence[Rule]) -> float:
    """The MiB of a policy's index in a function: for each value of a condition, it has a bit for each rule."""
    values = {
        (condition, value)
        for condition in (*EXACT_CONDITIONS, *EXCLUDING)
        for rule in rules
        for value in getattr(rule, condition) or ()
    }
    return len(values) * len(rules) / 8 / 1024 / 1024


def memory_for(index: float, least: int) -> int:
    """The MiB, at least `least`, for a function that decides by an index of so many MiB: it may fill a quarter."""
    return next((each for each in (least, 512, 1024, 2048, 4096) if each >= max(least, 4 * index)), _MAX_MEMORY)


def make_log_group(scope: Construct) -> logs.LogGroup:
    """The log of the functions, kept for a year."""
    return logs.LogGroup(scope, "Log", retention=logs.RetentionDays.ONE_YEAR, removal_policy=RemovalPolicy.DESTROY)


def make_function(
    scope: Construct,
    id: str,  # noqa: A002 - the CDK's own name
    *,
    description: str,
    handler: str,
    code: Code,
    role: iam.IRole,
    log_group: logs.ILogGroup,
    timeout: Duration,
    environment: dict[str, str],
    memory: int = MEMORY_MIB,
    **options: Any,
) -> lambda_.Function:
    """A function that runs `handler`, a dotted name below `invitation_responder`, with `memory` in MiB.

    `options` are the CDK's own.
    """
    function = lambda_.Function(
        scope,
        id,
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_13,
        architecture=lambda_.Architecture.ARM_64,
        handler=f"invitation_responder.{handler}",
        code=lambda_.Code.from_asset(str(code.path), asset_hash=code.sha256),
        memory_size=memory_for(code.index_mib, memory),
        timeout=timeout,
        role=role,
        log_group=log_group,
        environment=environment,
        **options,
    )
    Validations.of(function).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-L1",
            reason="The bundle's bytecode is for 3.13, and its tests run on it; it changes with them.",
        )
    )
    return function


def make_role(
    scope: Construct,
    id: str,  # noqa: A002 - the CDK's own name
    *,
    description: str,
    log_group: logs.ILogGroup,
    name: str | None = None,
) -> iam.Role:
    """The role of a function, which may write to the log. A fixed `name` lets other accounts trust it by its ARN."""
    role = iam.Role(
        scope, id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=description, role_name=name
    )
    log_group.grant_write(role)
    return role


def allow_ledger(role: iam.Role, ledger: dynamodb.ITableV2) -> None:
    """Allow what a sweep does with the ledger. TransactWriteItems needs the permission for what it writes: PutItem."""
    role.add_to_policy(
        iam.PolicyStatement(actions=["dynamodb:Query", "dynamodb:PutItem"], resources=[ledger.table_arn])
    )


def allow_marks(role: iam.Role, marks: dynamodb.ITableV2) -> None:
    """Allow reading and writing the marks."""
    role.add_to_policy(
        iam.PolicyStatement(actions=["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"], resources=[marks.table_arn])
    )


def allow_events(role: iam.Role) -> None:
    """Allow events of the responder on the default bus."""
    bus = Stack.of(role).format_arn(service="events", resource="event-bus", resource_name="default")
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["events:PutEvents"],
            resources=[bus],
            # A call has several events, each with a source: all must be the responder's.
            conditions={
                "ForAllValues:StringEquals": {"events:source": SOURCE},
                "Null": {"events:source": "false"},
            },
        )
    )


def in_seconds(time: timedelta) -> Duration:
    """A time as the CDK takes it."""
    return Duration.seconds(int(time.total_seconds()))
