"""The stack that hands events of AWS Organizations on, from the partition's home Region to the responder's."""

from typing import Final

import botocore.session
from aws_cdk import Aws, BootstraplessSynthesizer, Environment, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from botocore.exceptions import UnknownRegionError
from constructs import Construct

from infra.trigger import EVENT_NAMES
from invitation_responder.courier.partitions import HOME_REGIONS

STACK_NAME: Final = "InvitationResponderHomeRegion"


class HomeRegionStack(Stack):
    """A rule in the home Region, whose target is the default bus of another Region."""

    def __init__(self, scope: Construct, *, home: str, region: str) -> None:
        """Hand the events on from the Region `home` to `region`."""
        super().__init__(
            scope,
            STACK_NAME,
            description=f"Invitation Responder: hands events of AWS Organizations on to {region}",
            env=Environment(region=home),
            synthesizer=BootstraplessSynthesizer(),  # a Region without the CDK's bootstrap stack is enough
        )
        bus = f"arn:{Aws.PARTITION}:events:{region}:{Aws.ACCOUNT_ID}:event-bus/default"
        events.Rule(
            self,
            "Rule",
            description=f"Invitation Responder: what people do with handshakes, for {region}",
            event_pattern=events.EventPattern(source=["aws.organizations"], detail={"eventName": list(EVENT_NAMES)}),
            targets=[targets.EventBus(events.EventBus.from_event_bus_arn(self, "Bus", bus))],
        )


def other_home_region(region: str | None) -> str | None:
    """The home Region of a Region's partition; None if it is that Region itself, or if it is not known."""
    try:
        partition = botocore.session.get_session().get_partition_for_region(region or "")
    except UnknownRegionError:
        return None
    home = HOME_REGIONS.get(partition)
    return home if home != region else None
