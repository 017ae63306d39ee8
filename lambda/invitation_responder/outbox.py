"""The publishing half of a sweep: the events in the ledger's outboxes, of this sweep and of earlier ones.

An event can be published twice: docs/decisions/0003-events-at-least-once.md says when.
"""

from collections.abc import Sequence
from dataclasses import replace

from invitation_responder.aws.event_bus import ENTRIES_PER_CALL, EventBus
from invitation_responder.aws.ledger import Conflict, LedgerError
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.leases import LeasedEntries


def publish_due(entries: LeasedEntries, bus: EventBus) -> list[str]:
    """Publish the events of the entries' outboxes, and mark them as published; returns the errors as sentences."""
    errors: list[str] = []
    due = [claimed for entry in entries if entry.outbox and (claimed := _claim(entries, entry, errors))]
    for start in range(0, len(due), ENTRIES_PER_CALL):
        errors.extend(_publish(entries, bus, due[start : start + ENTRIES_PER_CALL]))
    return errors


def _claim(entries: LeasedEntries, entry: Entry, errors: list[str]) -> Entry | None:
    """The entry if this sweep alone publishes its events, else None. A write claims the entry of an earlier sweep."""
    if entry.sweep == entries.sweep:
        return entry
    if entries.is_leased_by_other(entry):
        return None
    try:
        return entries.save(entry)
    except Conflict:
        return None
    except LedgerError as error:
        errors.append(f"{entry.record.handshake_id}: not published, since {error}")
        return None


def _publish(entries: LeasedEntries, bus: EventBus, due: Sequence[Entry]) -> list[str]:
    published, errors = bus.publish([event for entry in due for event in entry.outbox])
    changed = [
        replace(entry, outbox=tuple(event for event in entry.outbox if event.id not in published))
        for entry in due
        if any(event.id in published for event in entry.outbox)
    ]
    try:
        if changed:
            entries.save_together(changed)
    except LedgerError as error:
        errors.append(f"events were published, but not marked as published, and will be published again: {error}")
    return errors
