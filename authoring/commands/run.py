"""`responder run`: one sweep now, with the credentials and endpoints of the environment, and no ledger."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import click
from botocore.exceptions import BotoCoreError, NoCredentialsError

from authoring.commands.exits import FOUND_SOMETHING, RefusalError, load_or_refuse
from authoring.records import JsonLines, Output, RecordTable
from invitation_responder.aws import CALL_ERRORS, CLIENT_CONFIG, create_session, explain
from invitation_responder.decision import Decider
from invitation_responder.ledger import NoLedger
from invitation_responder.organizations import ListingError, Organizations
from invitation_responder.policy import Policy
from invitation_responder.record import Record
from invitation_responder.sweep import Report, Sweep

INTERRUPTED = 130  # what shells give for SIGINT


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
  2  it could not work: a broken policy, no credentials, a listing that AWS
     refuses, or an stdout that can't be written"""
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
    policy = load_or_refuse(path)
    if audit:
        policy = replace(policy, mode="audit")
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    output: Output = RecordTable() if form == "table" or (form is None and on_terminal) else JsonLines()
    sweep = None
    is_finished = False
    try:
        sweep = _prepare(policy, sender_text=sender_text, observe=output.show)
        sweep.run()
        is_finished = True
    except KeyboardInterrupt:
        _complain("interrupted: an answer that was under way may have been given, and is not shown")
        sys.exit(INTERRUPTED)
    except (BotoCoreError, ListingError) as error:
        raise RefusalError(f"{_what_to_do(error)}; nothing was answered") from error
    finally:
        has_begun = sweep is not None and (is_finished or sweep.report.records)
        output.finish(_summary(sweep, policy) if sweep and has_begun else "Nothing was done.")
    for problem in sweep.report.errors:
        _complain(problem)
    if output.lost:
        raise RefusalError(f"stdout can't be written ({output.lost}): the sweep was finished, but not all of it shown")
    sys.exit(_status(sweep.report))


def _prepare(policy: Policy, *, sender_text: bool, observe: Callable[[Record], None]) -> Sweep:
    session = create_session()
    # Organizations and STS are global; without a configured Region the commercial partition is meant.
    region = session.region_name or "us-east-1"
    try:
        client = session.client("organizations", region_name=region, config=CLIENT_CONFIG)
    except ValueError as error:  # what botocore makes of an endpoint that is no URL
        raise RefusalError(f"{error}; nothing was answered") from error
    return Sweep(
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
        _complain(f"{problem}; going on without knowing the account", kind="Warning")
        return ""


def _what_to_do(error: Exception) -> str:
    if isinstance(error, NoCredentialsError):
        return "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return str(error)


def _summary(sweep: Sweep, policy: Policy) -> str:
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sweep.report.summary().items())
    account = f"account {sweep.receiver or 'unknown'}, policy {policy.sha256[:12]}, mode {policy.mode}"
    return f"{counts or 'Nothing pending, nothing new'}.\n{account}"


def _status(report: Report) -> int:
    found = report.has_failed or report.count("undecided") or report.count("breach")
    return FOUND_SOMETHING if found else 0


def _complain(message: str, kind: str = "Error") -> None:
    click.echo(f"{kind}: {message}", err=True)
