"""The role in each account of an organization, by which the hub sweeps the account, and what tells the hub to."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aws_cdk import (
    App,
    Aws,
    BootstraplessSynthesizer,
    CfnCondition,
    CfnParameter,
    CfnResource,
    Fn,
    ICfnConditionExpression,
    ICfnRuleConditionExpression,
    Stack,
)
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.answers import add_answers
from infra.trigger import match_others
from invitation_responder.courier.partitions import HOME_REGIONS

STACK_NAME: Final = "InvitationResponderMember"
ROLE_NAME: Final = "InvitationResponder"
# The hub's role that assumes the others. Its name is fixed, since the other roles' trust names its ARN.
HUB_ROLE_NAME: Final = "InvitationResponderBatch"
# No secret: it keeps whoever can be talked into assuming a role from assuming this one without knowing what for.
EXTERNAL_ID: Final = "invitation-responder"
# The hub's bus for the events of other accounts, and the role by which they put them there. The bus lets in that role.
BUS_NAME: Final = "InvitationResponder"
EVENTS_ROLE_NAME: Final = "InvitationResponderEvents"
HUB_ACCOUNT, HUB_REGION, ROLE_REGION = "HubAccount", "HubRegion", "RoleRegion"


class MemberStack(Stack):
    """The role in one account. A StackSet makes it in all accounts but the management account, which needs this stack.

    It has the same permissions on handshakes as the function has in the hub's own account. In the partition's home
    Region there is also a rule that hands events on to the hub, if the hub's Region is known.
    """

    def __init__(self, scope: Construct, *, answers: Sequence[Mapping[str, Any]]) -> None:
        """`answers` are the IAM policy documents about handshakes."""
        super().__init__(
            scope,
            STACK_NAME,
            description="Invitation Responder: the role by which the hub answers this account's handshakes",
            # It is deployed without the CDK's bootstrap stack: by a StackSet, or with your own credentials.
            synthesizer=BootstraplessSynthesizer(),
        )
        hub = CfnParameter(
            self,
            HUB_ACCOUNT,
            description="The number of the account that Invitation Responder is deployed to",
            allowed_pattern="[0-9]{12}",
        ).value_as_string
        region = self._region(HUB_REGION, "The Region of that deployment; without it, events here start no sweep")
        own_region = self._region(ROLE_REGION, "The Region of the stack with the role if the account has two stacks")
        self._add_role(hub, answers)
        _make_only_if(self, "HasRole", Fn.condition_or(_is(own_region, ""), _is(own_region, Aws.REGION)))
        self._add_rule(hub, region)

    def _region(self, name: str, description: str) -> str:
        """The value of an optional parameter."""
        parameter = CfnParameter(self, name, description=description, allowed_pattern="[a-z0-9-]*", default="")
        return parameter.value_as_string

    def _add_role(self, hub: str, answers: Sequence[Mapping[str, Any]]) -> None:
        # A principal that names the hub's role itself would break for good when that role is made anew.
        trusted = iam.AccountPrincipal(hub).with_conditions(
            {"StringEquals": {"aws:PrincipalArn": _role_arn(hub, HUB_ROLE_NAME), "sts:ExternalId": EXTERNAL_ID}}
        )
        role = iam.Role(
            self,
            "Role",
            role_name=ROLE_NAME,
            assumed_by=trusted,
            description="What Invitation Responder's hub may do in this account; derived from its policy",
        )
        add_answers(self, role, answers)

    def _add_rule(self, hub: str, region: str) -> None:
        """Hand events on to the hub's bus. Between two accounts that takes a role (EventBridge user guide)."""
        scope = Construct(self, "Events")
        arn = f"arn:{Aws.PARTITION}:events:{region}:{hub}:event-bus/{BUS_NAME}"
        role = iam.Role(
            scope,
            "Role",
            role_name=EVENTS_ROLE_NAME,
            assumed_by=iam.ServicePrincipal("events.amazonaws.com"),
            description="Hands events about handshakes on to Invitation Responder's hub",
        )
        bus = events.EventBus.from_event_bus_arn(scope, "Bus", arn)
        events.Rule(
            scope,
            "Rule",
            description="Invitation Responder: what people do with handshakes, for the hub",
            # The hub's own account may have this rule, too; there the hub acts by its own role.
            event_pattern=match_others(_role_arn(Aws.ACCOUNT_ID, ROLE_NAME), _role_arn(hub, HUB_ROLE_NAME)),
            targets=[targets.EventBus(bus, role=role)],
        )
        is_home = Fn.condition_or(*(_is(Aws.REGION, home) for home in HOME_REGIONS.values()))
        _make_only_if(scope, "HasRule", Fn.condition_and(Fn.condition_not(_is(region, "")), is_home))


def _make_only_if(scope: Construct, name: str, expression: ICfnConditionExpression) -> None:
    """Make the resources that `scope` has by now only if a condition holds."""
    resources = [child for child in scope.node.find_all() if isinstance(child, CfnResource)]
    condition = CfnCondition(scope, name, expression=expression)
    for resource in resources:
        resource.cfn_options.condition = condition


def _is(value: str, other: str) -> ICfnRuleConditionExpression:
    return Fn.condition_equals(value, other)


def _role_arn(account: str, name: str) -> str:
    return f"arn:{Aws.PARTITION}:iam::{account}:role/{name}"


def member_template(answers: Sequence[Mapping[str, Any]]) -> str:
    """The CloudFormation template of the role and the rule, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, auto_synth=False, analytics_reporting=False)
        MemberStack(app, answers=answers)
        template = Path(app.synth().directory, f"{STACK_NAME}.template.json")
        return json.dumps(json.loads(template.read_text()), indent=1, sort_keys=True)
