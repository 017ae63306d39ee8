"""The stack that hands events of AWS Organizations on, from the partition's home Region to the responder's."""

from typing import Final

from aws_cdk import Aws, BootstraplessSynthesizer, Environment, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.trigger import EVENT_NAMES

STACK_NAME: Final = "InvitationResponderHomeRegion"
# The beginning of a Region's name → the home Region of its partition, the only one with these events (AWS Organizations
# user guide, "Monitoring").
_HOME_REGIONS: Final = {"cn-": "cn-northwest-1", "us-gov-": "us-gov-west-1"}
_HOME_REGION: Final = "us-east-1"


class HomeRegionStack(Stack):
    """A rule in the home Region, whose target is the default bus of another Region."""

    def __init__(self, scope: Construct, *, region: str) -> None:
        """Hand the events on to `region`."""
        super().__init__(
            scope,
            STACK_NAME,
            description=f"Invitation Responder: hands events of AWS Organizations on to {region}",
            env=Environment(region=home_region_of(region)),
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


def home_region_of(region: str) -> str:
    """The home Region of a Region's partition."""
    return next((home for prefix, home in _HOME_REGIONS.items() if region.startswith(prefix)), _HOME_REGION)
