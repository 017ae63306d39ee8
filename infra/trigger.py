"""The trigger: what people do with handshakes starts a sweep at once, instead of at the next schedule.

AWS Organizations puts such events on the default bus of the partition's home Region, a minute or so later, and only
where a CloudTrail trail records management events (`HomeRegionStack` hands them on to other Regions). The schedule
stays the guarantee.
"""

from typing import Any, Final, cast

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.event_queue import make_event_queue

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
_MAX_EVENTS: Final = 1000
# The accounts of an organization that one invocation has the time for, by the pace of such sweeps.
_MAX_ACCOUNTS: Final = 300


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
        members: events.IEventBus | None = None,
    ) -> None:
        """`timeout` is the function's; events that fail in all attempts go to `dead_letters`.

        Other accounts hand their events on to the bus `members`. The function then says which messages have failed.
        """
        super().__init__(scope, id)
        target = make_event_queue(
            self,
            "Queue",
            function=function,
            timeout=timeout,
            batch_size=_MAX_EVENTS if members is None else _MAX_ACCOUNTS,
            window=WINDOW,
            retention=Duration.hours(6),  # by then the schedule has swept
            dead_letters=dead_letters,
            reports_batch_item_failures=members is not None,
        )
        events.Rule(
            self,
            "Rule",
            description="Invitation Responder: what people do with handshakes starts a sweep",
            event_pattern=match_others(cast("iam.IRole", function.role).role_arn),
            targets=[target],
        )
        if members is not None:
            events.Rule(
                self,
                "Members",
                description="Invitation Responder: what people do with handshakes in other accounts starts a sweep",
                event_bus=members,
                # Each account leaves out what the responder has done there.
                event_pattern=events.EventPattern(source=[_SOURCE], detail=_DONE),
                targets=[target],
            )


_SOURCE: Final = "aws.organizations"
_DONE: Final = {"eventName": list(EVENT_NAMES), "errorCode": [{"exists": False}]}


def match_others(*own_roles: str) -> events.EventPattern:
    """The events of others: what these roles did and failed calls start nothing; events of AWS name no role."""

    def issuer(condition: dict[str, Any]) -> dict[str, Any]:
        return {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [condition]}}}}

    others = [issuer({"anything-but": list(own_roles)}), issuer({"exists": False})]
    return events.EventPattern(source=[_SOURCE], detail=_DONE | {"$or": others})
