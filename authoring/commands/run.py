"""`responder run`: one sweep now, with the credentials and endpoints of the environment, and no ledger."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError

from invitation_responder.aws.ledger import NoLedger
from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pages import ListingError
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import ACCOUNT_ID, Policy
from invitation_responder.core.record import Record
from invitation_responder.sweep import Report, Sweep

from ..diagnostics.wording import quote
from ..replay.recording import RecordingError, RecordingOrganizations
from ..reports.run import JsonLines, Output, RecordTable
from .aws import AccountError, describe_with_advice, open_account
from .errors import FOUND_SOMETHING, INTERRUPTED, RefusalError, complain, warn
from .loading import load_or_exit
from .organization import ROLE_NAME, Members, sweep_organization


@click.command(
    epilog="""\b
Examples:
  responder run --policy policies --audit
  AWS_PROFILE=sandbox responder run --policy policies
  responder run --policy policies --format json | jq .reason
  responder run --policy policies --audit --record listed.jsonl
  responder run --policy policies --audit --organization --role-name responder

\b
Exit status:
  0  all went well
  1  an answer failed, a handshake is undecided, a breach was found, or an
     account of the organization was not swept
  2  it could not work: a broken policy, no credentials, a listing that AWS
     refuses, or an stdout or a FILE that can't be written"""
)
@click.option(
    "--policy",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="The policy: a YAML file, or a folder of them.",
)
@click.option("--audit", is_flag=True, help="Decide and show, answer nothing, whatever the policy's mode.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    help="A table for people (on a terminal), or one JSON record a line (everywhere else).",
)
@click.option("--sender-text", is_flag=True, help="Show what senders wrote (e-mail, name, notes), escaped.")
@click.option(
    "--record",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Append every handshake to FILE as AWS lists it, before any is answered, for `responder replay --file`. "
    "What senders wrote (e-mail, name, notes) is in it.",
)
@click.option("--organization", is_flag=True, help="Sweep every active account of the organization, by a role in each.")
@click.option(
    "--role-name", metavar="NAME", help="With --organization: the role to assume in all accounts but your own."
)
@click.option("--external-id", metavar="ID", default="", help="With --organization: what the role's trust asks for.")
@click.option(
    "--accounts",
    metavar="A,B,…",
    default="",
    help="With --organization: these accounts alone, without listing the organization's.",
)
def run(
    path: Path,
    *,
    audit: bool,
    form: str | None,
    sender_text: bool,
    file: Path | None,
    organization: bool,
    role_name: str | None,
    external_id: str,
    accounts: str,
) -> None:
    """Sweep the account of the AWS credentials in use, once.

    Its pending handshakes are judged by the policy and, unless in audit mode,
    answered. Nothing is kept: there is no ledger, and no event goes out.

    With --organization it is every account of the organization, one after the
    other: your own with your credentials, each other one by the role. Ctrl-C
    ends it after the account in hand.
    """
    members = _members(organization=organization, role_name=role_name, external_id=external_id, accounts=accounts)
    policy = load_or_exit(path)
    if audit:
        policy = replace(policy, mode="audit")
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    is_table = form == "table" or (form is None and on_terminal)
    if members:
        sweep_organization(policy, members, file, is_table=is_table, sender_text=sender_text)
    output: Output = RecordTable() if is_table else JsonLines()
    sweep = None
    is_finished = False
    try:
        sweep = _prepare(policy, file, sender_text=sender_text, observe=output.show)
        sweep.run()
        is_finished = True
    except KeyboardInterrupt:
        complain("interrupted: an answer that was under way may have been given, and is not shown")
        sys.exit(INTERRUPTED)
    except (AccountError, BotoCoreError, ListingError, RecordingError) as error:
        raise RefusalError(f"{describe_with_advice(error)}; nothing was answered") from error
    finally:
        has_begun = sweep is not None and (is_finished or sweep.report.records)
        output.finish(_summary(sweep, policy) if sweep and has_begun else "Nothing was done.")
    for problem in sweep.report.errors:
        complain(problem)
    if output.lost:
        raise RefusalError(f"stdout can't be written ({output.lost}): the sweep was finished, but not all of it shown")
    sys.exit(_status(sweep.report))


def _members(*, organization: bool, role_name: str | None, external_id: str, accounts: str) -> Members | None:
    if not organization:
        if role_name or external_id or accounts:
            raise click.UsageError("--role-name, --external-id and --accounts belong to --organization")
        return None
    if not role_name:
        raise click.UsageError("--organization needs --role-name, the role to assume in each account")
    if not ROLE_NAME.fullmatch(role_name):
        raise click.BadParameter(f"{quote(role_name)} is not a role's name", param_hint="--role-name")
    numbers = tuple(dict.fromkeys(number.strip() for number in accounts.split(",") if number.strip()))
    for number in numbers:
        if not ACCOUNT_ID.fullmatch(number):
            raise click.BadParameter(
                f"{quote(number)} is not an account number (expected 12 digits)", param_hint="--accounts"
            )
    return Members(role_name, external_id, numbers)


def _prepare(policy: Policy, file: Path | None, *, sender_text: bool, observe: Callable[[Record], None]) -> Sweep:
    client, receiver = open_account((policy,), warn=warn)
    return Sweep(
        id="run",
        receiver=receiver,
        decider=Decider(policy),
        organizations=Organizations(client) if file is None else RecordingOrganizations(client, file),
        ledger=NoLedger(),
        events=None,
        deadline=datetime.max.replace(tzinfo=UTC),
        observe=observe,
        sender_text=sender_text,
    )


def _summary(sweep: Sweep, policy: Policy) -> str:
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sweep.report.summary().items())
    account = f"account {sweep.receiver or 'unknown'}, policy {policy.sha256[:12]}, mode {policy.mode}"
    return f"{counts or 'Nothing pending, nothing new'}.\n{account}"


def _status(report: Report) -> int:
    found = report.has_failed or report.count("undecided") or report.count("breach")
    return FOUND_SOMETHING if found else 0
