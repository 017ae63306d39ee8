"""What others may subscribe to: events on an EventBridge bus.

Source `invitation-responder`, a detail-type for each kind of news, and as detail the decision record with two more
members: `kind`, and `event_id`, which is the same if an event has to be sent again (EventBridge itself delivers at
least once, too).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from invitation_responder.organizations import CALL_ERRORS, explain
from invitation_responder.record import Kind, Record

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE: Final = "invitation-responder"
ENTRIES_PER_CALL: Final = 10  # PutEvents takes no more
BYTES_PER_CALL: Final = 200_000  # PutEvents takes 256 KiB, envelope included

DETAIL_TYPES: Final[dict[Kind, str]] = {
    "declined": "Handshake Declined",
    "accepted": "Handshake Accepted",
    "left": "Handshake Left To A Person",
    "would_decline": "Handshake Would Be Declined",
    "would_accept": "Handshake Would Be Accepted",
    "waiting": "Handshake Waiting",
    "deferred": "Handshake Deferred",
    "already_closed": "Handshake Closed By Others",
    "failed": "Handshake Answer Failed",
    "undecided": "Handshake Undecided",
    "breach": "Handshake Breach",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One piece of news about one handshake. `detail` is JSON text, so that the ledger can keep it as it is."""

    id: str
    kind: Kind
    detail: str


def make_event(record: Record, number: int) -> Event:
    """The `number`th event about a record's handshake."""
    event_id = f"{record.handshake_id}/{number}"
    detail: dict[str, Any] = {"event_id": event_id, "kind": record.kind, **record.as_dict()}
    return Event(event_id, record.kind, json.dumps(detail))


def read_event(detail: str) -> Event:
    """An event from its detail, as the ledger kept it."""
    fields = json.loads(detail)
    return Event(fields["event_id"], fields["kind"], detail)


class Events:
    """Tells events on one bus."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        """Send to the bus of that name or ARN."""
        self._client = client
        self._bus = bus

    def tell(self, events: Sequence[Event]) -> tuple[set[str], list[str]]:
        """Send events; return the ids of those that EventBridge took, and what was wrong with the others."""
        taken: set[str] = set()
        errors: list[str] = []
        for batch in _batches(events):
            entries = [
                {
                    "Source": SOURCE,
                    "DetailType": DETAIL_TYPES[event.kind],
                    "Detail": event.detail,
                    "EventBusName": self._bus,
                }
                for event in batch
            ]
            try:
                results = self._client.put_events(Entries=entries)["Entries"]  # type: ignore[arg-type] # built above
            except CALL_ERRORS as error:
                errors.append(f"PutEvents failed: {explain(error)}")
                continue
            for event, result in zip(batch, results, strict=True):
                if result.get("ErrorCode"):
                    errors.append(f"EventBridge refused event {event.id}: {result['ErrorCode']}")
                else:
                    taken.add(event.id)
        return taken, errors


def _batches(events: Sequence[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(event.detail.encode())
        if batch and (len(batch) == ENTRIES_PER_CALL or size + length > BYTES_PER_CALL):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch
