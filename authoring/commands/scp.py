"""`responder scp`: the service control policy that prevents what the responder can only react to."""

import json
import re
import sys
from pathlib import Path
from typing import Final

import click

from invitation_responder.core.escaping import printable

from ..diagnostics.diagnostic import InvalidPolicy
from ..language.compiler import load_policy
from ..permissions.scp import DEPLOYERS, MOVER, SCP_LIMIT, service_control_policy
from ..permissions.statements import PermissionsError

_ROLE: Final = re.compile(r"arn:[a-z0-9*-]+:iam::[0-9*]+:role/[\w+=,.@/*?-]+")


@click.command(
    epilog="""\b
Examples:
  responder scp policies > scp.json
  responder scp policies --mover 'arn:*:iam::*:role/account-mover'

\b
Exit status:
  0  printed
  2  it could not work: a broken policy, what is no role's ARN"""
)
@click.argument("policy", type=click.Path(path_type=Path))
@click.option(
    "--mover",
    "movers",
    multiple=True,
    help=f"Who may move accounts: a role's ARN, with * for any text. Default: {MOVER}",
)
@click.option(
    "--deployer",
    "deployers",
    multiple=True,
    help=f"Who deploys the responder, where a rule accepts. Default, the CDK's and StackSets': {' '.join(DEPLOYERS)}",
)
def scp(policy: Path, movers: tuple[str, ...], deployers: tuple[str, ...]) -> None:
    """Print the service control policy for POLICY's accounts.

    It holds in member accounts; attach it where the responder is deployed, once
    the movers' roles (and, where a rule accepts, the deployers') are there:
    after that, nobody else can make them.
    """
    _refuse_other_than_roles("--mover", movers, MOVER)
    _refuse_other_than_roles("--deployer", deployers, DEPLOYERS[0])
    try:
        made = service_control_policy(load_policy(policy), movers=movers or (MOVER,), deployers=deployers or DEPLOYERS)
    except (InvalidPolicy, PermissionsError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(json.dumps(made.document, indent=2))
    if made.declined_left_out:
        click.echo(
            f"Note: a service control policy ({SCP_LIMIT:,} characters) has no room for the {made.declined_left_out} "
            "senders that this policy always declines, so that the movers can accept from them, too; the responder "
            "declines them all the same, at its next sweep",
            err=True,
        )


def _refuse_other_than_roles(option: str, patterns: tuple[str, ...], example: str) -> None:
    for pattern in patterns:
        if not _ROLE.fullmatch(pattern):
            message = f"`{printable(pattern)}` is not a role's ARN (expected one like {example})"
            raise click.BadParameter(message, param_hint=option)
