"""What the ledger holds about one handshake, and what of it is news. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from invitation_responder.core.event import Event, make_event
from invitation_responder.core.plan import Intent
from invitation_responder.core.record import Kind, Record


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger holds about one handshake.

    `intent` is an answer that was about to be sent, and nobody knows whether it was taken; `outbox` are events to be
    sent; `news` counts the events ever due, and `last_kind` is what the newest of them says. `sweep` is who wrote it.
    """

    record: Record
    intent: Intent | None = None
    outbox: tuple[Event, ...] = ()
    news: int = 0
    last_kind: Kind | None = None
    lease_until: datetime | None = None
    first_seen_at: datetime | None = None
    updated_at: datetime | None = None
    sweep: str = ""
    version: int = 0

    def is_held(self, now: datetime, sweep: str) -> bool:
        """Whether another sweep may still be at work on it."""
        return self.sweep != sweep and self.lease_until is not None and now < self.lease_until

    def has_open_work(self) -> bool:
        """Whether something is intended or to be told that nobody has finished."""
        return self.intent is not None or bool(self.outbox)

    def with_record(self, record: Record, *, intent: Intent | None = None) -> "Entry":
        """The entry with a new record, whose outcome is known; if it says something new, an event about it is due.

        `intent` stays where nobody knows whether the answer was taken.
        """
        if record.kind == self.last_kind:
            return replace(self, record=record, intent=intent)
        event = make_event(record, self.news + 1)
        return replace(
            self,
            record=record,
            intent=intent,
            outbox=(*self.outbox, event),
            news=self.news + 1,
            last_kind=record.kind,
        )
