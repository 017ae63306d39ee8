"""`responder acknowledge`: a person's word that a breach is known, by which it has no more reminders."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import click
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from invitation_responder.aws.client import error_code
from invitation_responder.aws.ledger import Conflict, DynamoLedger, LedgerError
from invitation_responder.core.escaping import escape
from invitation_responder.core.iso8601 import write_seconds
from invitation_responder.core.ledger_entry import Acknowledgement, Entry
from invitation_responder.core.reminders import is_open_breach

from ..diagnostics.wording import join_words, nearest, quote
from ..reports.terminal import show, wrap
from .aws import AccountError, describe_with_advice, find_ledger, open_caller, open_dynamodb
from .errors import FOUND_SOMETHING, RefusalError
from .options import check_account

MAX_REASON: Final = 1000
MAX_NAMED: Final = 10
# Seconds between two attempts. A sweep holds an entry for a moment, while it publishes.
PAUSES: Final = (1, 2, 4, 8)


def _reason(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    reason = escape(value.strip())
    if not reason:
        raise click.BadParameter("it is empty (say why the breach may stay)")
    if len(reason) > MAX_REASON:
        raise click.BadParameter(f"it has {len(reason):,} characters (expected {MAX_REASON:,} at most)")
    return reason


@click.command(
    epilog="""\b
Examples:
  responder acknowledge h-0a1b2c3d4e5f --reason "a test of ours, CHG-1234"
  responder acknowledge h-0a1b2c3d4e5f --account 222222222222 --reason "..."
  responder acknowledge h-0a1b2c3d4e5f --table TABLE --reason "..."

\b
Exit status:
  0  the breach is acknowledged
  1  there was nothing to do: it is acknowledged already, or undone
  2  it could not work: no such handshake in the ledger, no breach, no reason,
     no credentials, no Region, a sweep at work on it, or AWS refuses a call"""
)
@click.argument("handshake")
@click.option("--reason", required=True, metavar="TEXT", callback=_reason, help="Why the breach may stay as it is.")
@click.option(
    "--account",
    metavar="ACCOUNT",
    callback=check_account,
    help="The account that received it. Default: that of the credentials.",
)
@click.option(
    "--table",
    metavar="TABLE",
    help="The DynamoDB table of the ledger. Default: the output LedgerTable of the stack InvitationResponder.",
)
def acknowledge(handshake: str, *, reason: str, account: str | None, table: str | None) -> None:
    """Acknowledge a breach, which ends its daily reminders.

    A breach has a reminder each day until it is undone or acknowledged. The ledger
    keeps who acknowledged it, when, and why. Use credentials of the account
    with the ledger, in its Region.
    """
    try:
        dynamodb = open_dynamodb()
        caller = open_caller()
        table = table or find_ledger()
        # The retention holds for entries that are written whole. An acknowledgement leaves an entry's end as it is.
        ledger = DynamoLedger(dynamodb, table, retention=timedelta(0))
        find = partial(_find, ledger, table, account or caller.account, handshake)
        entry = _acknowledge(ledger, find, caller.arn, reason)
    except (AccountError, BotoCoreError, LedgerError) as error:
        raise RefusalError(_describe(error)) from error
    receiver = entry.record.receiver
    show(wrap(f"Acknowledged: there are no more reminders of the breach {handshake} in account {receiver}."))
    show(wrap(f"The ledger records that {caller.arn} acknowledged it."))


def _acknowledge(ledger: DynamoLedger, find: Callable[[], Entry], by: str, reason: str) -> Entry:
    """Write the acknowledgement, again if sweeps write the entry meanwhile; returns the entry.

    Raises `LedgerError`, and `RefusalError` if there is no such breach or no end of sweeps.
    """
    for pause in (*PAUSES, 0):
        entry, now = find(), datetime.now(UTC)
        _exit_if_closed(entry)
        if entry.lease_until is not None and now < entry.lease_until:
            # The sweep would take a changed entry for another sweep's, and publish its events twice.
            why = f"a sweep is at work on it, until {write_seconds(entry.lease_until)} at the latest"
        else:
            try:
                return ledger.acknowledge(entry, Acknowledgement(by, now, reason))
            except Conflict:
                why = "sweeps keep writing its entry"
        time.sleep(pause)
    raise RefusalError(f"{quote(entry.record.handshake_id)} is not acknowledged: {why} (try again later)")


def _find(ledger: DynamoLedger, table: str, account: str, handshake: str) -> Entry:
    """The entry of a breach; raises `RefusalError` for anything else, with what there is instead."""
    entries = ledger.entries(account)
    entry = entries.get(handshake)
    if entry is None:
        raise RefusalError(
            f"the ledger {table} has no handshake {quote(handshake)} of account {account} "
            f"({_describe_others(entries, account, handshake)})"
        )
    if not entry.record.is_breach:
        kind, state = entry.last_kind or entry.record.outcome, entry.record.state
        raise RefusalError(f"{quote(handshake)} is not a breach: its kind is {kind}, and its state {state}")
    return entry


def _describe_others(entries: dict[str, Entry], account: str, handshake: str) -> str:
    if not entries:
        return f"it has nothing of account {account}: --account takes the number of the account that received it"
    near = nearest(handshake, entries)
    if near:
        return f"did you mean {quote(near)}?"
    breaches = [name for name, entry in entries.items() if is_open_breach(entry)]
    if not breaches:
        return "no breach of that account is open"
    more = f", and {len(breaches) - MAX_NAMED} more" if len(breaches) > MAX_NAMED else ""
    return f"open breaches of that account: {join_words(map(quote, breaches[:MAX_NAMED]), 'and')}{more}"


def _exit_if_closed(entry: Entry) -> None:
    """Exit with a word if the breach is acknowledged or undone already."""
    handshake = entry.record.handshake_id
    if known := entry.acknowledgement:
        show(wrap(f"{handshake} was acknowledged by {known.by} at {write_seconds(known.at)}: {known.reason}"))
    elif entry.undone_at:
        show(wrap(f"{handshake} was found undone at {write_seconds(entry.undone_at)}: it has no more reminders."))
    else:
        return
    sys.exit(FOUND_SOMETHING)


def _describe(error: Exception) -> str:
    """One line about an error, with advice if there is any."""
    cause = error.__cause__
    if isinstance(cause, ClientError) and error_code(cause) in ("ResourceNotFoundException", "ValidationException"):
        return f"{error} (expected the stack's output LedgerTable, and the Region of the stack)"
    return describe_with_advice(cause if isinstance(cause, NoCredentialsError) else error)
