"""`responder scp`: the service control policy that prevents what the responder can only react to."""

import json
import re
import sys
from pathlib import Path
from typing import Final

import click

from authoring.iam import PermissionsError
from authoring.prevention import MOVER, service_control_policy
from authoring.source import PolicyMistakes, load_policy
from invitation_responder.printable import printable

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
def scp(policy: Path, movers: tuple[str, ...]) -> None:
    """Print the service control policy for POLICY's accounts.

    It holds in member accounts; attach it where the responder is deployed, once
    the movers' roles are there: after that, nobody else can make them.
    """
    for mover in movers:
        if not _ROLE.fullmatch(mover):
            message = f"`{printable(mover)}` is not a role's ARN (expected one like {MOVER})"
            raise click.BadParameter(message, param_hint="--mover")
    try:
        document = service_control_policy(load_policy(policy), movers=movers or (MOVER,))
    except (PolicyMistakes, PermissionsError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo(json.dumps(document, indent=2))
