"""The role in each account of an organization, by which the hub sweeps the account."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, Aws, BootstraplessSynthesizer, CfnParameter, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.answers import add_answers

STACK_NAME: Final = "InvitationResponderMember"
ROLE_NAME: Final = "InvitationResponder"
# The hub's role that assumes the others. Its name is fixed, since the other roles' trust names its ARN.
HUB_ROLE_NAME: Final = "InvitationResponderBatch"
# No secret: it keeps whoever can be talked into assuming a role from assuming this one without knowing what for.
EXTERNAL_ID: Final = "invitation-responder"


class MemberStack(Stack):
    """The role in one account. A StackSet makes it in all accounts but the management account, which needs this stack.

    It has the same permissions on handshakes as the function has in the hub's own account.
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
            "HubAccount",
            description="The number of the account that Invitation Responder is deployed to",
            allowed_pattern="[0-9]{12}",
        ).value_as_string
        # A principal that names the hub's role itself would break for good when that role is made anew.
        trusted = iam.AccountPrincipal(hub).with_conditions(
            {
                "StringEquals": {
                    "aws:PrincipalArn": f"arn:{Aws.PARTITION}:iam::{hub}:role/{HUB_ROLE_NAME}",
                    "sts:ExternalId": EXTERNAL_ID,
                }
            }
        )
        role = iam.Role(
            self,
            "Role",
            role_name=ROLE_NAME,
            assumed_by=trusted,
            description="What Invitation Responder's hub may do in this account; derived from its policy",
        )
        add_answers(self, role, answers)


def member_template(answers: Sequence[Mapping[str, Any]]) -> str:
    """The CloudFormation template of the role, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, auto_synth=False, analytics_reporting=False)
        MemberStack(app, answers=answers)
        template = Path(app.synth().directory, f"{STACK_NAME}.template.json")
        return json.dumps(json.loads(template.read_text()), indent=1, sort_keys=True)
