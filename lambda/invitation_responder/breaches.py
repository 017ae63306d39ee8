"""The reminding part of a sweep: a reminder of each open breach a day, unless AWS says that it is undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Final

from invitation_responder.aws.ledger import Conflict, LedgerError
from invitation_responder.aws.organizations import Organizations, StandingError
from invitation_responder.core.record import Record
from invitation_responder.core.reminders import days_of_breach, remind_of_breach
from invitation_responder.core.standing import Transfer, has_ended, has_left_sender
from invitation_responder.leases import LeasedEntries

# The least time that must be left to ask AWS about a breach: a call that hangs at every attempt, and then to publish.
TIME_TO_ASK: Final = timedelta(seconds=90)


def remind_of_breaches(entries: LeasedEntries, ask: Callable[[Record], tuple[bool, str]]) -> list[str]:
    """Make an event due for each breach that a day has passed over, or record it as undone.

    `ask` says whether a breach is undone and, if not, why it counts as standing.

    The ledger's entries are asked and not AWS's list, which forgets closed handshakes after 30 days. Returns the errors
    as sentences. What there is no time for is left to the next sweep.
    """
    errors: list[str] = []
    for entry in entries:
        days = days_of_breach(entry, entries.now())
        if not days or entries.is_leased_by_other(entry):
            continue
        if entries.now() + TIME_TO_ASK > entries.deadline:
            break
        is_undone, detail = ask(entry.record)
        now = entries.now()
        changed = replace(entry, undone_at=now) if is_undone else remind_of_breach(entry, days, now, detail)
        try:
            entries.save(changed)
        except Conflict:
            pass  # another sweep has said it, or a person has acknowledged it
        except LedgerError as error:
            errors.append(f"{entry.record.handshake_id}: {error}")
    return errors


class StandingCheck:
    """Asks AWS whether breaches of one account still stand, each question once."""

    def __init__(self, organizations: Organizations) -> None:
        """Ask as the account that `organizations` acts as."""
        self._organizations = organizations

    def ask(self, record: Record) -> tuple[bool, str]:
        """True if a breach is undone; if not, the reason why it counts as standing."""
        match record.action:
            case "INVITE":
                organization = self._organization
                if isinstance(organization, StandingError):
                    return False, _unknown(organization)
                return has_left_sender(record, organization), f"the account is still in {record.organization}"
            case "TRANSFER_RESPONSIBILITY":
                transfers = self._transfers
                if isinstance(transfers, StandingError):
                    return False, _unknown(transfers)
                return has_ended(record, transfers), "the transfer of the bill has not ended"
            case _:
                return False, "it can't be undone, only acknowledged"

    @cached_property
    def _organization(self) -> str | StandingError | None:
        try:
            return self._organizations.organization()
        except StandingError as error:
            return error

    @cached_property
    def _transfers(self) -> list[Transfer] | StandingError:
        try:
            return self._organizations.transfers()
        except StandingError as error:
            return error


def _unknown(error: StandingError) -> str:
    return f"it counts as standing, since {error}"
