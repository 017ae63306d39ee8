"""Reminders of breaches of accounts that are not swept any more.

Whoever accepts a stranger's invitation takes the account out of the organization, and whoever has taken it over can
lock the hub out. So an account with an open breach is recorded while it still is swept.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import Ledger, LedgerError
from invitation_responder.aws.organization_table import OrganizationTable, TableError
from invitation_responder.breaches import TIME_TO_ASK, remind_of_breaches
from invitation_responder.core.iso8601 import write_time
from invitation_responder.core.record import Record
from invitation_responder.core.reminders import is_open_breach
from invitation_responder.leases import LeasedEntries
from invitation_responder.outbox import publish_due

_KIND: Final = "breach"


def record_open_breach(table: OrganizationTable, account: str, now: datetime) -> None:
    """Record that an account has an open breach; raises `TableError`."""
    table.update(_KIND, account, values={"noted_at": write_time(now)})


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartedAccounts:
    """Reminds of the breaches of departed accounts. `sweep` and `deadline` are those of the work on their entries."""

    table: OrganizationTable
    ledger: Ledger
    events: EventBus
    sweep: str
    deadline: datetime
    now: Callable[[], datetime]

    def remind(self, swept: Collection[str]) -> list[str]:
        """Publish the reminders that are due for the recorded accounts but for `swept`, whose own sweeps remind.

        The record of an account whose breaches are all acknowledged is deleted. What there is no time for is left to
        the next sweep. Returns the errors as sentences.
        """
        try:
            recorded = [item["id"] for item in self.table.query(_KIND)]
        except TableError as error:
            return [f"there are no reminders of breaches of departed accounts: {error}"]
        errors: list[str] = []
        for account in recorded:
            if self.now() + TIME_TO_ASK > self.deadline:
                break
            if account not in swept:
                errors += self._remind(account)
        return errors

    def _remind(self, account: str) -> list[str]:
        entries = LeasedEntries(ledger=self.ledger, sweep=self.sweep, deadline=self.deadline, now=self.now)
        try:
            entries.read(account)
            errors = [*remind_of_breaches(entries, _ask_nobody), *publish_due(entries, self.events)]
            if not errors and not any(is_open_breach(entry) or entry.has_open_work() for entry in entries):
                self.table.delete(_KIND, account)
        except (LedgerError, TableError) as error:
            return [f"{account}: there are no reminders of its breaches: {error}"]
        return errors


def _ask_nobody(_: Record) -> tuple[bool, str]:
    return False, "it counts as standing, since no sweep can act as the account any more"
