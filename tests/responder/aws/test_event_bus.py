"""The publishing of events."""

import json
from typing import Any

import pytest

from invitation_responder.aws.event_bus import (
    DETAIL_TYPES,
    ORGANIZATION_DETAIL_TYPES,
    POLICY_DETAIL_TYPES,
    EventBus,
    detail_type,
)
from invitation_responder.core.event import Event, read_event
from invitation_responder.core.record import Kind
from invitation_responder.core.reminders import Reminder


class Bus:
    """An EventBridge client that accepts every event."""

    def __init__(self) -> None:
        """Begin without calls."""
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - the API's
        """Accept all entries."""
        self.calls.append(Entries)
        return {"Entries": [{"EventId": "e"} for _ in Entries]}


def event(number: int, length: int = 100) -> Event:
    """An event with a detail of that length."""
    return Event(f"h-1/{number}", "left", json.dumps({"event_id": f"h-1/{number}", "kind": "left"}).ljust(length))


@pytest.mark.parametrize(
    ("lengths", "calls"),
    [
        pytest.param([], [], id="nothing to tell is no call"),
        pytest.param([100] * 10, [10], id="ten in one call"),
        pytest.param([100] * 21, [10, 10, 1], id="never more than ten"),
        pytest.param([90_000] * 5, [2, 2, 1], id="never more bytes than a call takes"),
        pytest.param([250_000, 100], [1, 1], id="a large one goes alone"),
    ],
)
def test_events_go_out_in_as_few_calls_as_the_service_allows(lengths: list[int], calls: list[int]) -> None:
    bus = Bus()
    events = [event(number, length) for number, length in enumerate(lengths)]
    taken, errors = EventBus(lambda: bus, "the-bus").publish(events)  # type: ignore[arg-type, return-value] # the only method called
    assert [len(call) for call in bus.calls] == calls
    assert taken == {event.id for event in events}
    assert errors == []
    assert [entry["Detail"] for call in bus.calls for entry in call] == [event.detail for event in events]
    assert {entry["EventBusName"] for call in bus.calls for entry in call} <= {"the-bus"}


def test_an_event_is_read_back_from_its_detail() -> None:
    assert read_event(event(7).detail) == event(7)


def test_every_kind_has_a_detail_type_of_its_own() -> None:
    kinds = {kind for alias in (*Kind.__args__, Reminder) for kind in getattr(alias, "__args__", ())}
    assert set(DETAIL_TYPES) == kinds
    names = [detail_type(kind) for kind in (*DETAIL_TYPES, *ORGANIZATION_DETAIL_TYPES, *POLICY_DETAIL_TYPES, "new")]
    assert len(set(names)) == len(names)
    assert detail_type("new") == "Handshake new"


def test_without_an_event_no_client_is_made() -> None:
    assert EventBus(lambda: pytest.fail("made"), "the-bus").publish([]) == (set(), [])
