"""The ledger's entry about one handshake, and the events that are due. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from invitation_responder.core.event import Event, make_event
from invitation_responder.core.plan import Intent
from invitation_responder.core.record import Kind, Record


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person's word that a breach is known: who said it (an ARN), when (timezone-aware), and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The ledger's entry about one handshake. Times are timezone-aware.

    `intent` is an answer that was about to be sent; it is unknown whether AWS took it. `outbox` holds events to
    publish, and `event_count` counts the events ever due. `last_kind` is the kind of the newest event that is no
    reminder, and `last_kind_at` the time when it became due; `last_event_at` is that of the newest event, reminder or
    not. Ledgers of earlier versions lack both times. A breach was found undone at `undone_at`. `sweep` wrote the entry.
    """

    record: Record
    intent: Intent | None = None
    outbox: tuple[Event, ...] = ()
    event_count: int = 0
    last_kind: Kind | None = None
    last_kind_at: datetime | None = None
    last_event_at: datetime | None = None
    undone_at: datetime | None = None
    acknowledgement: Acknowledgement | None = None
    lease_until: datetime | None = None
    first_seen_at: datetime | None = None
    updated_at: datetime | None = None
    sweep: str = ""
    version: int = 0

    def is_leased_by_other(self, now: datetime, sweep: str) -> bool:
        """True if a sweep other than `sweep` may still be at work on the entry."""
        return self.sweep != sweep and self.lease_until is not None and now < self.lease_until

    def has_open_work(self) -> bool:
        """True if an intent has no outcome yet, or an event is not published."""
        return self.intent is not None or bool(self.outbox)

    def with_record(self, record: Record, now: datetime, *, intent: Intent | None = None) -> "Entry":
        """The entry with a new record, whose outcome is known. A record of another kind makes an event due.

        Give `intent` if it is unknown whether AWS took the answer.
        """
        if record.kind == self.last_kind:
            return replace(self, record=record, intent=intent)
        event = make_event(record, self.event_count + 1)
        return replace(
            self,
            record=record,
            intent=intent,
            outbox=(*self.outbox, event),
            event_count=self.event_count + 1,
            last_kind=record.kind,
            last_kind_at=now,
            last_event_at=now,
        )
