"""The ledger's entries of one account, as one sweep holds them: leased to it while work on them is open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from invitation_responder.aws.ledger import Conflict, Ledger
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.record import Record


@dataclass(slots=True, kw_only=True)
class LeasedEntries:
    """Reads entries once, and writes each over the version that was read.

    An entry with open work carries a lease until `deadline`, when the sweep (named `sweep`) is dead at the latest;
    until then no other sweep touches it.
    """

    ledger: Ledger
    sweep: str
    deadline: datetime
    now: Callable[[], datetime]
    _entries: dict[str, Entry] = field(init=False, default_factory=dict)

    def read(self, receiver: str) -> None:
        """Read all entries of an account; raises `LedgerError`."""
        self._entries = self.ledger.entries(receiver)

    def __iter__(self) -> Iterator[Entry]:
        """All entries as they are now."""
        return iter(list(self._entries.values()))

    def get(self, handshake_id: str) -> Entry | None:
        """The entry of a handshake; None if there is none, or another sweep wrote it since."""
        return self._entries.get(handshake_id)

    def of(self, record: Record) -> Entry:
        """The entry of a record's handshake; a new one if there is none."""
        return self._entries.get(record.handshake_id) or Entry(record=record, first_seen_at=self.now())

    def is_leased_by_other(self, entry: Entry) -> bool:
        """True if another sweep may still be at work on the entry."""
        return entry.is_leased_by_other(self.now(), self.sweep)

    def save(self, entry: Entry) -> Entry:
        """Write an entry; returns it as written.

        Raises `LedgerError`, and `Conflict` if another sweep wrote it first: from now on it is that sweep's.
        """
        handshake_id = entry.record.handshake_id
        try:
            saved = self.ledger.save(self._stamp(entry))
        except Conflict:
            self._entries.pop(handshake_id, None)
            raise
        self._entries[handshake_id] = saved
        return saved

    def save_together(self, entries: Sequence[Entry]) -> None:
        """Write all of up to 100 entries, or none: then raises `LedgerError`."""
        for saved in self.ledger.save_together([self._stamp(entry) for entry in entries]):
            self._entries[saved.record.handshake_id] = saved

    def _stamp(self, entry: Entry) -> Entry:
        """The entry as written by this sweep now, with a lease if work is still open."""
        lease = self.deadline if entry.has_open_work() else None
        return replace(entry, sweep=self.sweep, updated_at=self.now(), lease_until=lease)
