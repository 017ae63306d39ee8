"""The state machine alone: a handshake is closed, expires, and vanishes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.control.clock import Clock
from local.organizations.models import (
    AlreadyInStateError,
    ClosedState,
    Handshake,
    Handshakes,
    InvalidTransitionError,
    UnknownHandshakeError,
)
from support.strategies import examples

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.set(NOON)
    return clock


@pytest.fixture
def handshakes(clock: Clock) -> Handshakes:
    return Handshakes(clock)


def pending(**members: object) -> Handshake:
    api = {"Id": "h-12345678", "State": "OPEN", "ExpirationTimestamp": NOON + 15 * DAY, **members}
    return Handshake(api, receivers=frozenset({"222222222222"}), sender_organization="o-sender0000")


@pytest.mark.parametrize(
    ("start", "answer", "error"),
    [
        pytest.param("OPEN", "ACCEPTED", None, id="an open handshake can be accepted"),
        pytest.param("REQUESTED", "DECLINED", None, id="a requested handshake can be declined"),
        pytest.param("REQUESTED", "CANCELED", None, id="a requested handshake can be cancelled"),
        pytest.param("DECLINED", "DECLINED", AlreadyInStateError, id="nothing is declined twice"),
        pytest.param("ACCEPTED", "ACCEPTED", AlreadyInStateError, id="nothing is accepted twice"),
        pytest.param("CANCELED", "CANCELED", AlreadyInStateError, id="nothing is cancelled twice"),
        pytest.param("ACCEPTED", "DECLINED", InvalidTransitionError, id="what was accepted can't be declined"),
        pytest.param("DECLINED", "ACCEPTED", InvalidTransitionError, id="what was declined can't be accepted"),
        pytest.param("CANCELED", "DECLINED", InvalidTransitionError, id="what was cancelled can't be declined"),
        pytest.param("EXPIRED", "ACCEPTED", InvalidTransitionError, id="what expired can't be accepted"),
        pytest.param("NEW-STATE", "ACCEPTED", InvalidTransitionError, id="an unknown state can't be answered"),
        pytest.param(None, "DECLINED", InvalidTransitionError, id="without a state nothing can be answered"),
    ],
)
def test_transitions(
    handshakes: Handshakes, start: str | None, answer: ClosedState, error: type[Exception] | None
) -> None:
    handshake = pending(State=start)
    handshakes.add(handshake)
    if error is None:
        handshakes.close(handshake, answer)
        assert (handshake.api["State"], handshake.closed_at) == (answer, NOON)
    else:
        with pytest.raises(error):
            handshakes.close(handshake, answer)
        assert handshake.api["State"] == start


@pytest.mark.parametrize(
    ("after", "state"),
    [
        pytest.param(15 * DAY - timedelta(microseconds=1), "OPEN", id="open until its expiration"),
        pytest.param(15 * DAY, "EXPIRED", id="expired from its expiration on"),
        pytest.param(45 * DAY - timedelta(microseconds=1), "EXPIRED", id="listed for 30 days after that"),
        pytest.param(45 * DAY, None, id="then gone"),
    ],
)
def test_expiry(handshakes: Handshakes, clock: Clock, after: timedelta, state: str | None) -> None:
    handshakes.add(pending())
    clock.advance(after)
    assert [listed.api["State"] for listed in handshakes.received_by("222222222222")] == ([state] if state else [])


@pytest.mark.parametrize(
    ("handshake", "state"),
    [
        pytest.param(pending(ExpirationTimestamp=None), "OPEN", id="without an expiration it stays open"),
        pytest.param(pending(ExpirationTimestamp="soon"), "OPEN", id="with nonsense for one it stays open"),
        pytest.param(
            pending(ExpirationTimestamp=datetime(2026, 1, 2)),  # noqa: DTZ001
            "EXPIRED",
            id="a timestamp without a timezone is in UTC",
        ),
        pytest.param(
            Handshake(pending().api, frozenset({"222222222222"}), expires=False),
            "OPEN",
            id="AWS may be late in expiring it",
        ),
    ],
)
def test_strange_expirations(handshakes: Handshakes, clock: Clock, handshake: Handshake, state: str) -> None:
    handshakes.add(handshake)
    clock.advance(20 * DAY)
    assert [listed.api["State"] for listed in handshakes.received_by("222222222222")] == [state]


def test_what_was_answered_vanishes_30_days_later(handshakes: Handshakes, clock: Clock) -> None:
    handshakes.add(pending())
    clock.advance(DAY)
    handshakes.close(handshakes.get("h-12345678"), "DECLINED")
    clock.advance(30 * DAY - timedelta(microseconds=1))
    assert handshakes.sent_by("o-sender0000")
    clock.advance(timedelta(microseconds=1))
    assert not handshakes.sent_by("o-sender0000")
    with pytest.raises(UnknownHandshakeError):
        handshakes.get("h-12345678")


def test_what_comes_closed_was_closed_now_unless_it_says_when(handshakes: Handshakes, clock: Clock) -> None:
    handshakes.add(pending(Id="h-now00000", State="DECLINED"))
    earlier = pending(Id="h-earlier0", State="DECLINED")
    earlier.closed_at = NOON - 29 * DAY
    handshakes.add(earlier)
    clock.advance(DAY)
    assert [listed.id for listed in handshakes.received_by("222222222222")] == ["h-now00000"]


def test_each_side_sees_its_own(handshakes: Handshakes) -> None:
    handshakes.add(pending())
    assert len(handshakes.received_by("222222222222")) == len(handshakes.sent_by("o-sender0000")) == 1
    assert not handshakes.received_by("333333333333")
    assert not handshakes.sent_by("o-other00000")


def test_a_parent_is_known_with_and_without_its_prefix(handshakes: Handshakes) -> None:
    child = pending()
    child.parent = "parent00"
    handshakes.add(child)
    assert handshakes.children_of("h-parent00") == handshakes.children_of("parent00") == [child]


@examples(50)
@given(st.lists(st.sampled_from(["ACCEPTED", "DECLINED", "CANCELED", timedelta(days=3)]), max_size=12))
def test_a_closed_handshake_never_changes_its_state_again(steps: list[ClosedState | timedelta]) -> None:
    clock = Clock()
    clock.set(NOON)
    handshakes = Handshakes(clock)
    handshake = pending()
    handshakes.add(handshake)
    closed_as = None
    for step in steps:
        if isinstance(step, timedelta):
            clock.advance(step)
        else:
            try:
                handshakes.close(handshake, step)
            except (AlreadyInStateError, InvalidTransitionError):
                assert closed_as is not None
        handshakes.received_by("222222222222")
        assert closed_as in {None, handshake.api["State"]}
        closed_as = None if handshake.is_pending else handshake.api["State"]


def test_the_clock_runs_until_it_is_set_and_can_be_moved_either_way() -> None:
    clock = Clock(source=lambda: NOON)
    clock.advance(DAY)
    assert clock.now() == NOON + DAY
    clock.set(datetime(2020, 1, 1, 1, tzinfo=UTC))
    clock.advance(DAY)
    assert clock.now() == datetime(2020, 1, 2, 1, tzinfo=UTC)


def test_the_clock_wants_a_timezone() -> None:
    with pytest.raises(ValueError, match="timezone"):
        Clock().set(datetime(2020, 1, 1))  # noqa: DTZ001
