"""Reminders of what stays open: of a breach each day, of what waits for a person before its time is up. Pure.

A reminder is due once a moment lies between the last event and now, so that none is repeated.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from invitation_responder.core.event import make_reminder
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.record import Record

Reminder = Literal["breach_unresolved", "answer_due"]

# The days before `answer_by` on which people hear of a handshake again.
STAGES: Final = (1, 3, 7)
DAY: Final = timedelta(days=1)
# A sweep that starts a moment earlier than the day before must not put a reminder off to the next day.
EARLY: Final = timedelta(minutes=5)
# After sweeps that failed for days, a reminder may come late; the next one then keeps its distance.
MIN_BETWEEN_REMINDERS: Final = timedelta(hours=12)


def is_open_breach(entry: Entry) -> bool:
    """True if the entry is about a breach that is neither undone nor acknowledged."""
    return entry.record.is_breach and entry.undone_at is None and entry.acknowledgement is None


def days_of_breach(entry: Entry, now: datetime) -> int:
    """The whole days since an open breach was first published, if a reminder of it is due; else 0.

    Days are counted from the breach and not from the last event, so that reminders do not wander through the day.
    """
    first = _first_published(entry)
    if first is None or not is_open_breach(entry) or entry.has_open_work():
        return 0
    last = entry.last_event_at or first
    days = (now - first + EARLY) // DAY
    return days if days > (last - first + EARLY) // DAY and now - last >= MIN_BETWEEN_REMINDERS else 0


def days_to_answer(entry: Entry, now: datetime) -> int:
    """7, 3 or 1 if a reminder that the handshake waits for a person is due, else 0; of several stages the nearest.

    The handshake must be pending: its record is one of this sweep.
    """
    last, end = entry.last_event_at or _first_published(entry), entry.record.answer_by
    if entry.record.outcome != "left" or last is None or end is None or now >= end or entry.has_open_work():
        return 0
    # Differences alone: a sender can write an end near the beginning of time, from which nothing can be subtracted.
    return next((days for days in STAGES if end - now <= days * DAY + EARLY < end - last), 0)


def remind_of_breach(entry: Entry, days: int, now: datetime, detail: str) -> Entry:
    """The entry with a reminder of its breach due; `detail` is appended to the reason in the event alone."""
    about = replace(entry.record, reason=f"{entry.record.reason}; {detail}")
    return _remind(replace(entry, last_kind_at=_first_published(entry)), about, "breach_unresolved", days, now)


def remind_to_answer(entry: Entry, now: datetime) -> Entry:
    """The entry with a reminder due if there is one, else as it is."""
    days = days_to_answer(entry, now)
    return _remind(entry, entry.record, "answer_due", days, now) if days else entry


def _remind(entry: Entry, about: Record, kind: Reminder, days: int, now: datetime) -> Entry:
    event = make_reminder(about, entry.event_count + 1, kind, days)
    return replace(
        entry,
        outbox=(*entry.outbox, event),
        event_count=entry.event_count + 1,
        last_event_at=now,
    )


def _first_published(entry: Entry) -> datetime | None:
    """The time of the newest event that is no reminder; in a ledger of an earlier version, that of the last write."""
    return entry.last_kind_at or entry.updated_at or entry.first_seen_at
