"""Events on an EventBridge bus, for subscribers.

The source is `invitation-responder`, the detail-type names the kind of event, and the detail is the decision record
with two more members: `kind`, and `event_id`, which stays the same if an event is sent again (EventBridge itself
delivers at least once, too). Reminders have a third one, `days`. Events about an organization and about the policy
have members of their own instead of a record's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from invitation_responder.aws.client import CALL_ERRORS, describe_error
from invitation_responder.core.event import Event

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE: Final = "invitation-responder"
ENTRIES_PER_CALL: Final = 10  # PutEvents takes no more
BYTES_PER_CALL: Final = 200_000  # PutEvents takes 256 KiB, envelope included

DETAIL_TYPES: Final[Mapping[str, str]] = {
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
    "breach_unresolved": "Handshake Breach Unresolved",
    "answer_due": "Handshake Answer Due",
}

# The kinds of events about the policy itself.
POLICY_DETAIL_TYPES: Final[Mapping[str, str]] = {
    "rule_expiring": "Policy Rule Expiring",
}

# The kinds of events about the accounts of an organization.
ORGANIZATION_DETAIL_TYPES: Final[Mapping[str, str]] = {
    "accounts_not_swept": "Accounts Not Swept",
    "schedule_too_tight": "Schedule Too Tight",
    "campaign": "Handshake Campaign",
}


def detail_type(kind: str) -> str:
    """The detail-type of a kind, even of an unknown kind from the outbox of another version."""
    for known in (DETAIL_TYPES, ORGANIZATION_DETAIL_TYPES, POLICY_DETAIL_TYPES):
        if kind in known:
            return known[kind]
    return f"Handshake {kind}"


class EventBus:
    """Publishes events on one bus."""

    def __init__(self, make_client: "Callable[[], EventBridgeClient]", bus: str) -> None:
        """Publish on the bus of this name or ARN. The client is made for the first event: most sweeps have none."""
        self._make_client = make_client
        self._bus = bus

    @cached_property
    def _client(self) -> "EventBridgeClient":
        return self._make_client()

    def publish(self, events: Sequence[Event]) -> tuple[set[str], list[str]]:
        """Publish events; returns the ids of those that EventBridge took, and the errors.

        There is one error for each refused event and for each failed call.
        """
        taken: set[str] = set()
        errors: list[str] = []
        for batch in _batches(events):
            entries = [
                {
                    "Source": SOURCE,
                    "DetailType": detail_type(event.kind),
                    "Detail": event.detail,
                    "EventBusName": self._bus,
                }
                for event in batch
            ]
            try:
                results = self._client.put_events(Entries=entries)["Entries"]  # type: ignore[arg-type] # built above
            except CALL_ERRORS as error:
                errors.append(f"PutEvents failed: {describe_error(error)}")
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
