"""The ledger entries of one account, leased to one sweep while its work on them is open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from invitation_responder.aws.ledger import Conflict, Ledger
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.record import Record


@dataclass(slots=True, kw_only=True)
class LeasedEntries:
    """Reads entries once, and writes each over the version that was read.

    An entry with open work carries a lease until `deadline`, the latest time at which the sweep (named `sweep`) can
    still be running. Until then no other sweep touches the entry.
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
        """All entries, each as last read or written."""
        return iter(list(self._entries.values()))

    def get(self, handshake_id: str) -> Entry | None:
        """The entry of a handshake; None if there is none, or if another sweep has written it since the read."""
        return self._entries.get(handshake_id)

    def of(self, record: Record) -> Entry:
        """The entry of a record's handshake; a new one if there is none."""
        return self._entries.get(record.handshake_id) or Entry(record=record, first_seen_at=self.now())

    def is_leased_by_other(self, entry: Entry) -> bool:
        """True if another sweep may still be at work on the entry."""
        return entry.is_leased_by_other(self.now(), self.sweep)

    def save(self, entry: Entry) -> Entry:
        """Write an entry; returns the entry as written.

        Raises `LedgerError`, and `Conflict` if another sweep wrote the entry first; the entry then belongs to that
        sweep.
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
        """Write up to 100 entries in one transaction: all or none. Raises `LedgerError`."""
        for saved in self.ledger.save_together([self._stamp(entry) for entry in entries]):
            self._entries[saved.record.handshake_id] = saved

    def _stamp(self, entry: Entry) -> Entry:
        """The entry as this sweep writes it now, with a lease if its work is still open."""
        lease = self.deadline if entry.has_open_work() else None
        return replace(entry, sweep=self.sweep, updated_at=self.now(), lease_until=lease)
