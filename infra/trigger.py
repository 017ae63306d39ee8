"""The trigger: what people do in the account with handshakes starts a sweep at once, instead of at the next schedule.

AWS Organizations puts such events on the default bus of the partition's home Region, a minute or so later, and only
where a CloudTrail trail records management events (`HomeRegionStack` hands them on to other Regions). The schedule
stays the guarantee.
"""

from typing import Any, Final, cast

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

# CloudTrail's events of the acting account, and those of AWS itself (AWS Organizations user guide, "Monitoring").
EVENT_NAMES: Final = (
    "AcceptHandshake",
    "DeclineHandshake",
    "LeaveOrganization",
    "ResponsibilityTransferAccepted",
    "ResponsibilityTransferTerminated",
    "AccountJoinedOrganization",
    "AccountDepartedOrganization",
)
# Events that come together start one sweep.
WINDOW: Final = Duration.seconds(5)
# A throttled invocation counts, too, so AWS advises five (Lambda developer guide, "Using Lambda with Amazon SQS").
ATTEMPTS: Final = 5


class Trigger(Construct):
    """A rule, a queue, and the function that sweeps for what is in it."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        function: lambda_.Function,
        timeout: Duration,
        dead_letters: sqs.IQueue,
    ) -> None:
        """`timeout` is the function's; events that fail in all attempts go to `dead_letters`."""
        super().__init__(scope, id)
        queue = sqs.Queue(
            self,
            "Queue",
            enforce_ssl=True,
            # Six times the function's timeout, so that no event is in two invocations (Lambda developer guide, "SQS").
            visibility_timeout=Duration.seconds(6 * int(timeout.to_seconds())),
            retention_period=Duration.hours(6),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=ATTEMPTS),
        )
        function.add_event_source(
            sources.SqsEventSource(queue, batch_size=1000, max_batching_window=WINDOW, max_concurrency=2)
        )
        events.Rule(
            self,
            "Rule",
            description="Invitation Responder: what people do with handshakes starts a sweep",
            event_pattern=events.EventPattern(
                source=["aws.organizations"], detail=_by_others(cast("iam.IRole", function.role).role_arn)
            ),
            targets=[targets.SqsQueue(queue, dead_letter_queue=dead_letters, max_event_age=Duration.hours(1))],
        )


def _by_others(role_arn: str) -> dict[str, Any]:
    """The events of others: the responder's own calls and failed ones start nothing; events of AWS name nobody."""
    issuer = {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [{"anything-but": [role_arn]}]}}}}
    nobody = {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [{"exists": False}]}}}}
    return {"eventName": list(EVENT_NAMES), "errorCode": [{"exists": False}], "$or": [issuer, nobody]}
