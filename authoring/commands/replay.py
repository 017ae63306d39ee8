"""`responder replay`: a policy's decisions on handshakes that were decided or listed before. Answers nothing."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.text import Text

from invitation_responder.aws.ledger import LedgerError
from invitation_responder.aws.pages import ListingError
from invitation_responder.core.policy import Policy

from ..replay.comparison import Comparison, is_notable, summarize
from ..replay.known_handshake import KnownHandshake, as_listed
from ..replay.ledger import read_ledger
from ..replay.lines import InvalidHistory, read_lines
from ..replay.partial_decision import THE_RECEIVER, PartialDecider, PartialDecision
from ..replay.recording import ListedOrganizations
from ..reports.replay import as_json, make_table
from ..reports.run import try_write
from ..reports.stdout import escape_unprintable
from .aws import AccountError, describe_with_advice, open_account, open_dynamodb
from .errors import FOUND_SOMETHING, RefusalError, warn
from .loading import load_or_exit
from .options import Moment, check_account, policy_argument

_NOTHING_DONE: Final = "nothing was decided"


@click.command(
    epilog="""\b
Examples:
  responder replay policies --ledger TABLE
  responder replay draft --ledger TABLE --against policies
  responder run --policy policies --audit --record listed.jsonl
  responder replay draft --file listed.jsonl --against policies --all
  responder replay policies --pending --format json | jq .now

\b
Exit status:
  0  nothing is decided differently
  1  something is decided differently, or that depends on what is not known
  2  it could not work: a broken policy, a line that can't be read, no
     credentials, a call that AWS refuses, or an stdout that can't be written"""
)
@policy_argument
@click.option("--ledger", "table", metavar="TABLE", help="On the ledger in this DynamoDB table.")
@click.option(
    "--receiver", metavar="ACCOUNT", callback=check_account, help="With --ledger: on this account's part of it."
)
@click.option(
    "--file",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="On JSON lines: what `responder run --record` wrote, or decision records (`run --format json`, log lines, "
    "exports of the ledger). - is stdin.",
)
@click.option("--pending", "is_pending", is_flag=True, help="On what is pending now in the account of the credentials.")
@click.option(
    "--at",
    type=Moment(),
    help="Judge as at this time (UTC): a day, or ISO 8601. Default: when a handshake was listed or the ledger last "
    "written, else now.",
)
@click.option(
    "--against",
    "other",
    metavar="OTHER",
    type=click.Path(path_type=Path),
    help="Compare with what this policy decides, instead of what was decided then.",
)
@click.option("--all", "everything", is_flag=True, help="Show also what is decided alike.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    help="A table for people (on a terminal), or one JSON object a line (everywhere else).",
)
def replay(
    path: Path,
    *,
    table: str | None,
    receiver: str | None,
    file: str | None,
    is_pending: bool,
    at: datetime | None,
    other: Path | None,
    everything: bool,
    form: str | None,
) -> None:
    """Decide again by POLICY, and show what is decided differently.

    On one of --ledger, --file and --pending, which are only read: nothing is
    answered, and nothing written.

    A decision record holds nothing that the sender wrote, unless that was asked
    for. Where the policy asks for it, the answer is every effect that is
    possible, and what it depends on.
    """
    if (table is not None) + (file is not None) + is_pending != 1:
        raise click.UsageError("it takes exactly one of --ledger, --file and --pending")
    if receiver is not None and table is None:
        raise click.UsageError("--receiver goes with --ledger")
    now = datetime.now(UTC)
    policies = [load_or_exit(each) for each in ([path] if other is None else [path, other])]
    try:
        if table is not None:
            known_handshakes = read_ledger(open_dynamodb(), table, receiver)
        else:
            known_handshakes = _pending(policies, now) if file is None else _read_recorded(file)
    except InvalidHistory as diagnostics:
        click.echo(str(diagnostics), err=True)
        raise RefusalError(f"not all of it can be read, so {_NOTHING_DONE}") from diagnostics
    except (AccountError, BotoCoreError, LedgerError, ListingError, OSError) as error:
        raise RefusalError(f"{describe_with_advice(error)}; {_NOTHING_DONE}") from error
    received = [
        known for known in known_handshakes if not known.handshake.is_own_request
    ]  # a sweep leaves these out as well
    comparisons = _compare(received, policies, at, now)
    if file is not None and any(THE_RECEIVER in each.depends_on for each in comparisons):
        warn("a line whose `receiver` is null does not say which account received it: write its number there")
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    is_table = form == "text" or (form is None and on_terminal)
    notable = [each for each in comparisons if everything or each.is_notable]
    lost = try_write(
        lambda: _print_table(notable, summarize(comparisons), policies) if is_table else _print_json(notable, policies)
    )
    if lost:
        raise RefusalError(f"stdout can't be written ({lost}): not all of it was shown")
    sys.exit(FOUND_SOMETHING if is_notable(comparisons) else 0)


def _read_recorded(file: str) -> list[KnownHandshake]:
    with click.open_file(file, "rb") as opened:
        return read_lines(opened.read(), "<stdin>" if file == "-" else file)


def _pending(policies: Sequence[Policy], now: datetime) -> list[KnownHandshake]:
    client, receiver = open_account(policies, warn=warn)
    organizations = ListedOrganizations(client)
    organizations.received(receiver)
    known_handshakes = (as_listed(raw, receiver, now) for raw in organizations.raw_handshakes)
    return list({known.key: known for known in known_handshakes if known.handshake.is_pending(now)}.values())


def _compare(
    known_handshakes: Sequence[KnownHandshake], policies: Sequence[Policy], at: datetime | None, now: datetime
) -> list[Comparison]:
    """The first policy's decisions compared with the second's or, without a second, with the recorded ones."""
    decider, *others = [PartialDecider(policy) for policy in policies]
    comparisons = []
    for known in known_handshakes:
        time = at or known.judged_at or now
        before = PartialDecision((known.was,)) if known.was else None
        if others:
            before = others[0].decide(known, time)
        comparisons.append(Comparison(known, time, before, decider.decide(known, time)))
    return comparisons


def _print_table(comparisons: Sequence[Comparison], summary: str, policies: Sequence[Policy]) -> None:
    escape_unprintable()
    console = Console(highlight=False)
    if comparisons:
        headings = ("Against", "Policy") if len(policies) > 1 else ("Then", "Now")
        console.print(make_table(comparisons, before=headings[0], now=headings[1]))
    console.print(Text(summary))
    names = " against ".join(policy.sha256[:12] for policy in policies)
    console.print(Text(f"policy {names}"))


def _print_json(comparisons: Sequence[Comparison], policies: Sequence[Policy]) -> None:
    for comparison in comparisons:
        click.echo(as_json(comparison, has_other=len(policies) > 1))
