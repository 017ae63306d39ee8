"""The function, its role, its log and its schedule."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from aws_cdk import Acknowledgment, CfnElement, Duration, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.answers import add_answers
from infra.configuration import Configuration
from infra.function import (
    Code,
    allow_events,
    allow_ledger,
    allow_marks,
    in_seconds,
    make_function,
    make_log_group,
    make_role,
)
from infra.schedule import RETRIES, make_schedule

# A sweep declines one handshake a second, 25 unless the policy sets another limit, and stops before the timeout.
TIMEOUT: Final = Duration.minutes(5)
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
        code: Code,
        ledger: dynamodb.TableV2,
        marks: dynamodb.TableV2,
        answers: Sequence[Mapping[str, Any]],
        dead_letters: sqs.IQueue,
        configuration: Configuration,
    ) -> None:
        """`answers` are the IAM policy documents about handshakes."""
        schedule = configuration.schedule
        super().__init__(scope, id)
        self.log_group = make_log_group(self)
        self.function = make_function(
            self,
            "Function",
            description="Answers the account's pending AWS Organizations handshakes by the policy it was deployed with",
            handler="handler.handle",
            code=code,
            role=self._role(ledger, marks, answers),
            log_group=self.log_group,
            timeout=TIMEOUT,
            environment={
                "LEDGER_TABLE": ledger.table_name,
                "MARKS_TABLE": marks.table_name,
                "LEDGER_RETENTION_DAYS": str(configuration.ledger_retention_days),
                "SENDER_TEXT": configuration.sender_text,
            },
            retry_attempts=RETRIES,
            max_event_age=in_seconds(longest_wait(schedule)),
            on_failure=destinations.SqsDestination(dead_letters),
        )
        self.schedule = make_schedule(
            self,
            partial(targets.LambdaInvoke, self.function),
            description="Sweeps the account's handshakes",
            interval=in_seconds(schedule),
            dead_letters=dead_letters,
        )
        function_id = Stack.of(self).get_logical_id(cast("CfnElement", self.function.node.default_child))
        Validations.of(self).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::<{function_id}.Arn>:*]",
                reason="The versions of the one function, which the CDK grants with it.",
            )
        )

    def _role(
        self, ledger: dynamodb.TableV2, marks: dynamodb.TableV2, answers: Sequence[Mapping[str, Any]]
    ) -> iam.Role:
        role = make_role(
            self,
            "Role",
            description="What Invitation Responder may do in this account; derived from its policy",
            log_group=self.log_group,
        )
        allow_ledger(role, ledger)
        allow_marks(role, marks)
        allow_events(role)
        add_answers(self, role, answers)
        return role


def longest_wait(schedule: timedelta) -> timedelta:
    """The age at which an invocation that could not start is dropped: after its retries, when the next one starts."""
    return min(max(schedule, _MIN_AGE), _MAX_AGE)
