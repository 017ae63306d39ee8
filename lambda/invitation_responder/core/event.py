"""An event about a handshake, an organization or the policy, as subscribers receive it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from invitation_responder.core.record import Record


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `detail` is JSON text, so that the ledger keeps it unchanged."""

    id: str
    kind: str
    detail: str


def make_event(record: Record, number: int) -> Event:
    """The `number`th event about a record's handshake."""
    event_id = f"{record.handshake_id}/{number}"
    detail: dict[str, Any] = {"event_id": event_id, "kind": record.kind, **record.as_dict()}
    return Event(event_id, record.kind, json.dumps(detail))


def make_reminder(record: Record, number: int, kind: str, days: int) -> Event:
    """The `number`th event about a record's handshake, which says again what stays open.

    `days` is the number of days since the breach, or to the end of the time to answer.
    """
    event_id = f"{record.handshake_id}/{number}"
    detail: dict[str, Any] = {"event_id": event_id, "kind": kind, **record.as_dict(), "days": days}
    return Event(event_id, kind, json.dumps(detail))


def make_event_about(kind: str, event_id: str, about: Mapping[str, Any]) -> Event:
    """An event about something else than one handshake; `about` holds its other members."""
    return Event(event_id, kind, json.dumps({"event_id": event_id, "kind": kind, **about}))


def read_event(detail: str) -> Event:
    """Read an event back from its detail; raises `KeyError`, `TypeError` or `ValueError` for other text."""
    fields = json.loads(detail)
    return Event(fields["event_id"], fields["kind"], detail)
