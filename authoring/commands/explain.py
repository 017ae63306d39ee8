"""`responder explain`: the whole reasoning for one handshake."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from invitation_responder.core.policy import ACCOUNT_ID

from ..diagnostics.wording import escape
from ..explain.input import read_input
from ..explain.reasoning import explain_decision
from ..replay.known_handshake import InvalidRecordError
from ..reports.explain import as_json, as_text
from ..reports.terminal import show
from .errors import RefusalError
from .loading import load_or_exit
from .options import Moment, policy_argument


@click.command(
    epilog="""\b
Examples:
  responder explain policies handshake.json --account 222222222222
  aws organizations list-handshakes-for-account |
    responder explain policies - --id h-examplehandshakeid111
  echo '{organization: o-exampleorgid}' | responder explain policies -

\b
Exit status:
  0  explained
  2  it could not work: a broken policy, no such handshake"""
)
@policy_argument
@click.argument("handshake", type=click.File("rb"))
@click.option("--id", "handshake_id", help="The handshake, where the file holds several.")
@click.option("--account", help="The account that received it, where the file does not say.")
@click.option(
    "--at", type=Moment(), help="Judge as at this time: a day, or ISO 8601. Default: when it was recorded, or now."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(
    path: Path, *, handshake: BinaryIO, handshake_id: str | None, account: str | None, at: datetime | None, form: str
) -> None:
    """Show how POLICY decides about HANDSHAKE, rule by rule.

    HANDSHAKE is a file, or - for stdin: what the AWS CLI prints, in JSON or
    YAML, CloudTrail's record of a call that sent or answered it, a line of
    `responder run --record`, a decision record (a line of the log, an item of
    the ledger), or the short form of a policy's tests. With the nearest miss:
    the smallest change, of the handshake or of the policy, with which it would
    be decided differently.
    """
    if account is not None and not ACCOUNT_ID.fullmatch(account):
        raise click.BadParameter("expected an account number, 12 digits", param_hint="--account")
    policy = load_or_exit(path)
    try:
        known = read_input(handshake.read(), handshake_id=handshake_id, account=account)
    except InvalidRecordError as error:
        raise RefusalError(f"{escape(getattr(handshake, 'name', '<stdin>'))}: {error}") from error
    reasoning = explain_decision(policy, known, at or known.judged_at or datetime.now(UTC))
    if form == "json":
        click.echo(json.dumps(as_json(reasoning), indent=2))
    else:
        for line in as_text(reasoning):
            show(*line)
