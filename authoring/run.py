"""`responder run`: one sweep now, with the credentials and endpoints of the environment, and no ledger."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import click
from botocore.exceptions import BotoCoreError

from authoring.mistakes import PolicyMistakes
from authoring.source import load_policy
from authoring.table import print_report
from invitation_responder.decision import Decider
from invitation_responder.ledger import NoLedger
from invitation_responder.organizations import CALL_ERRORS, CLIENT_CONFIG, ListingError, Organizations, explain
from invitation_responder.policy import Policy
from invitation_responder.record import Record
from invitation_responder.sweep import Report, Sweep

FOUND_SOMETHING = 1
COULD_NOT_WORK = 2


class RefusalError(click.ClickException):
    """The command could not work. Shown as one line on stderr."""

    exit_code = COULD_NOT_WORK


@click.command(
    epilog="""\b
Examples:
  responder run --policy policies --audit
  AWS_PROFILE=sandbox responder run --policy policies
  responder run --policy policies --format json | jq .reason

\b
Exit status:
  0  all went well
  1  an answer failed, a handshake is undecided, or a breach was found
  2  it could not work: a broken policy, or a listing that AWS refuses"""
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
def run(path: Path, *, audit: bool, form: str | None, sender_text: bool) -> None:
    """Sweep the account of the AWS credentials in use, once.

    Its pending handshakes are judged by the policy and, unless in audit mode,
    answered. Nothing is kept: there is no ledger, and no event goes out.
    """
    policy = _load(path)
    if audit:
        policy = replace(policy, mode="audit")
    as_json = form == "json" or (form is None and not sys.stdout.isatty())
    report = _sweep(policy, sender_text=sender_text, observe=_print_json if as_json else lambda _: None)
    if not as_json:
        print_report(report, policy)
    for error in report.errors:
        click.echo(f"responder: {error}", err=True)
    sys.exit(FOUND_SOMETHING if report.has_failed or report.count("undecided") or report.count("breach") else 0)


def _load(path: Path) -> Policy:
    try:
        return load_policy(path)
    except PolicyMistakes as mistakes:
        click.echo(str(mistakes), err=True)
        raise RefusalError(f"{path}: nothing was answered, since the policy can't be used") from mistakes


def _sweep(policy: Policy, *, sender_text: bool, observe: Callable[[Record], None]) -> Report:
    try:
        session = boto3.Session()
        # Organizations and STS are global; without a configured Region the commercial partition is meant.
        region = session.region_name or "us-east-1"
        client = session.client("organizations", region_name=region, config=CLIENT_CONFIG)
        sweep = Sweep(
            id="run",
            receiver=_receiver(session, region, policy),
            decider=Decider(policy),
            organizations=Organizations(client),
            ledger=NoLedger(),
            events=None,
            deadline=datetime.max.replace(tzinfo=UTC),
            observe=observe,
            sender_text=sender_text,
        )
        return sweep.run()
    except (BotoCoreError, ListingError) as error:
        raise RefusalError(f"{error}; nothing was answered") from error


def _receiver(session: boto3.Session, region: str, policy: Policy) -> str:
    """The account of the credentials in use.

    An endpoint may speak Organizations and nothing else. Then the account stays unknown, unless the credentials come
    with it; a policy that asks for it can't be used.
    """
    try:
        return session.client("sts", region_name=region, config=CLIENT_CONFIG).get_caller_identity()["Account"]
    except CALL_ERRORS as error:
        credentials = session.get_credentials()
        if credentials is None:
            raise
        account: str | None = getattr(credentials, "account_id", None)  # not in the stubs
        if account:
            return account
        problem = f"GetCallerIdentity does not say which account this is: {explain(error)}"
        if any(rule.accounts is not None for rule in policy.rules):
            hint = "set AWS_ACCOUNT_ID, since rules of the policy name `accounts`"
            raise RefusalError(f"{problem}; {hint}; nothing was answered") from error
        click.echo(f"responder: {problem}; going on without", err=True)
        return ""


def _print_json(record: Record) -> None:
    click.echo(json.dumps(record.as_dict()))
