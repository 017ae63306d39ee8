"""The schedule that starts the sweeps, and the role by which it does."""

from collections.abc import Callable
from typing import Any, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

RETRIES: Final = 2


def make_schedule(
    scope: Construct,
    target: Callable[..., scheduler.IScheduleTarget],
    *,
    description: str,
    interval: Duration,
    dead_letters: sqs.IQueue,
    **options: Any,
) -> scheduler.Schedule:
    """Start what `target` makes from the CDK's `options`, at once and then every `interval`."""
    caller = iam.Role(
        scope,
        "Caller",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        ),
        description="Invitation Responder's schedule",
    )
    schedule = scheduler.Schedule(
        scope,
        "Schedule",
        description=description,
        schedule=scheduler.ScheduleExpression.rate(interval),
        target=target(
            role=caller,
            dead_letter_queue=dead_letters,
            retry_attempts=RETRIES,
            max_event_age=interval,
            **options,
        ),
    )
    # The schedule fires as soon as it exists: the role's permissions must exist before.
    schedule.node.add_dependency(caller)
    return schedule
