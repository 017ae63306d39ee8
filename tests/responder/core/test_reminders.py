"""Reminders of what stays open, each once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.core.decision import Decision
from invitation_responder.core.event import read_event
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.ledger_entry import Acknowledgement, Entry
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Record, make_record
from invitation_responder.core.reminders import (
    DAY,
    EARLY,
    days_of_breach,
    days_to_answer,
    remind_of_breach,
    remind_to_answer,
)
from support.strategies import NOW, RECEIVER, examples

END = NOW + 15 * DAY
MOMENT = timedelta.resolution
HALF_A_DAY = timedelta(hours=12)


def record(effect: Any = "decline", outcome: Any = "already_closed", state: str = "ACCEPTED", **changes: Any) -> Record:
    """A record of an invitation; without changes that of a breach."""
    handshake = Handshake("h-00000001", RECEIVER, action="INVITE", expires_at=END)
    made = make_record(handshake, Decision(effect, "says so"), Policy("enforce"), outcome=outcome, state=state)
    return replace(made, **changes)


def published(about: Record, at: datetime = NOW) -> Entry:
    """The entry after the first event about a record, which was published at once."""
    entry = Entry(about, first_seen_at=at).with_record(about, at)
    return replace(entry, outbox=(), updated_at=at)


def left(**changes: Any) -> Entry:
    """The entry of a handshake that waits for a person."""
    return published(record("allow", "left", "OPEN", **changes))


BREACH = published(record())


@pytest.mark.parametrize(
    ("after", "days"),
    [
        pytest.param(timedelta(), 0, id="it has just been said"),
        pytest.param(DAY - EARLY - MOMENT, 0, id="the day is not over"),
        pytest.param(DAY - EARLY, 1, id="a day is over, but for what a sweep may start early"),
        pytest.param(2 * DAY - EARLY - MOMENT, 1, id="of the second day something is left"),
        pytest.param(400 * DAY, 400, id="nobody has swept for long"),
    ],
)
def test_a_breach_is_said_again_when_a_day_is_over(after: timedelta, days: int) -> None:
    assert days_of_breach(BREACH, NOW + after) == days


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(replace(BREACH, undone_at=NOW), id="undone"),
        pytest.param(replace(BREACH, acknowledgement=Acknowledgement("somebody", NOW, "known")), id="acknowledged"),
        pytest.param(replace(BREACH, intent="decline"), id="an answer on its way"),
        pytest.param(Entry(record()).with_record(record(), NOW), id="not published yet"),
        pytest.param(Entry(record()), id="without any time"),
        pytest.param(published(record(state="DECLINED")), id="no breach"),
        pytest.param(published(record("allow")), id="allowed"),
    ],
)
def test_a_breach_is_not_said_again_if_it_is(entry: Entry) -> None:
    assert days_of_breach(entry, NOW + 5 * DAY) == 0


def test_a_reminder_that_came_late_keeps_its_distance_to_the_next() -> None:
    late = NOW + 2 * DAY - EARLY - MOMENT
    said = replace(remind_of_breach(BREACH, 1, late, "it stands"), outbox=())
    assert days_of_breach(said, NOW + 2 * DAY) == 0
    assert days_of_breach(said, late + HALF_A_DAY - MOMENT) == 0
    assert days_of_breach(said, late + HALF_A_DAY) == 2


def test_a_reminder_of_a_breach_has_the_record_the_days_and_what_aws_says() -> None:
    reminded = remind_of_breach(BREACH, 3, NOW + 3 * DAY, "the account is still there")
    (event,) = reminded.outbox
    assert (event.id, event.kind) == ("h-00000001/2", "breach_unresolved")
    assert read_event(event.detail) == event
    about = replace(BREACH.record, reason="says so; the account is still there")
    assert event.detail == make_detail(about, event_id="h-00000001/2", kind="breach_unresolved", days=3)
    assert reminded == replace(BREACH, outbox=(event,), event_count=2, last_event_at=NOW + 3 * DAY)


def make_detail(about: Record, **members: Any) -> str:
    """The detail of a reminder."""
    days = members.pop("days")
    return json.dumps({**members, **about.as_dict(), "days": days})


def test_what_is_due_already_stays_due_before_a_reminder() -> None:
    due = Entry(record()).with_record(record(), NOW)
    assert [event.kind for event in remind_of_breach(due, 1, NOW + DAY, "so").outbox] == ["breach", "breach_unresolved"]


def test_a_reminder_is_no_change_of_kind() -> None:
    reminded = remind_of_breach(BREACH, 1, NOW + DAY, "it stands")
    assert reminded.with_record(record(), NOW + DAY) == reminded
    assert reminded.with_record(record(state="DECLINED"), NOW + DAY).event_count == 3


def test_a_breach_in_a_ledger_of_an_earlier_version_is_said_from_its_last_write_on() -> None:
    old = replace(BREACH, last_kind_at=None, last_event_at=None, first_seen_at=NOW - DAY)
    assert [days_of_breach(old, NOW + after * DAY) for after in (0, 1, 2)] == [0, 1, 2]
    # Its later writes do not count as the breach's time.
    said = replace(remind_of_breach(old, 1, NOW + DAY, "it stands"), outbox=(), updated_at=NOW + DAY)
    assert [days_of_breach(said, NOW + after * DAY) for after in (1, 2)] == [0, 2]
    oldest = replace(old, updated_at=None)
    assert days_of_breach(oldest, NOW) == 1


def test_daily_sweeps_that_start_some_seconds_early_or_late_say_a_breach_each_day() -> None:
    entry, said = BREACH, []
    for day, seconds in enumerate((0, -40, 55, -59, 3, -20), 0):
        now = NOW + day * DAY + timedelta(seconds=seconds)
        if days := days_of_breach(entry, now):
            said.append(days)
            entry = replace(remind_of_breach(entry, days, now, "it stands"), outbox=())
    assert said == [1, 2, 3, 4, 5]


def test_sweeps_at_any_times_say_a_breach_at_most_once_a_day() -> None:
    entry, said = BREACH, []
    for quarter in range(4 * 24 * 4):
        now = NOW + quarter * timedelta(minutes=15)
        if days := days_of_breach(entry, now):
            said.append((days, now))
            entry = replace(remind_of_breach(entry, days, now, "it stands"), outbox=())
    assert said == [(days, NOW + days * DAY) for days in (1, 2, 3)]


@examples(100)
@given(st.lists(st.integers(1, 3 * 24 * 60), max_size=20))
def test_a_reminder_of_a_breach_is_never_near_another(minutes: list[int]) -> None:
    entry, now, said = BREACH, NOW, [(0, NOW)]
    for step in minutes:
        now += timedelta(minutes=step)
        if days := days_of_breach(entry, now):
            said.append((days, now))
            entry = replace(remind_of_breach(entry, days, now, "it stands"), outbox=())
    for (days, time), (later_days, later) in pairwise(said):
        assert later - time >= HALF_A_DAY
        assert days < later_days


@pytest.mark.parametrize(
    ("before_end", "days"),
    [
        pytest.param(7 * DAY + EARLY + MOMENT, 0, id="more than a week is left"),
        pytest.param(7 * DAY + EARLY, 7, id="a week"),
        pytest.param(3 * DAY + EARLY + MOMENT, 7, id="more than three days"),
        pytest.param(3 * DAY + EARLY, 3, id="three days"),
        pytest.param(1 * DAY + EARLY + MOMENT, 3, id="more than a day"),
        pytest.param(1 * DAY + EARLY, 1, id="a day"),
        pytest.param(MOMENT, 1, id="hardly anything"),
        pytest.param(timedelta(), 0, id="its time is up"),
    ],
)
def test_what_waits_for_a_person_is_said_again_before_its_time_is_up(before_end: timedelta, days: int) -> None:
    assert days_to_answer(left(), END - before_end) == days


def test_each_stage_is_said_once() -> None:
    entry, said = left(), []
    for quarter in range(16 * 24 * 4):
        now = NOW + quarter * timedelta(minutes=15)
        if days := days_to_answer(entry, now):
            said.append((days, now))
            entry = replace(remind_to_answer(entry, now), outbox=())
    assert said == [(days, END - days * DAY) for days in (7, 3, 1)]


@pytest.mark.parametrize(
    ("first_seen", "stages"),
    [
        pytest.param(7 * DAY, [3, 1], id="a week before its end"),
        pytest.param(2 * DAY, [1], id="two days before"),
        pytest.param(DAY, [], id="a day before"),
    ],
)
def test_what_is_first_seen_late_is_not_said_again_at_stages_of_before(
    first_seen: timedelta, stages: list[int]
) -> None:
    entry, said = published(record("allow", "left", "OPEN"), END - first_seen), []
    for hour in range(8 * 24):
        now = END - first_seen + timedelta(hours=hour)
        if days := days_to_answer(entry, now):
            said.append(days)
            entry = replace(remind_to_answer(entry, now), outbox=())
    assert said == stages


@pytest.mark.parametrize(
    ("entry", "days"),
    [
        pytest.param(published(record("undecided", "left", "OPEN")), 3, id="what can't be judged"),
        pytest.param(published(record("accept", "left", "OPEN")), 3, id="where a person has to choose"),
        pytest.param(published(record("decline", "waiting", "OPEN")), 0, id="what is declined in time"),
        pytest.param(published(record("allow", "failed", "OPEN")), 0, id="what the next sweep tries again"),
        pytest.param(published(record("allow")), 0, id="what is closed"),
        pytest.param(published(record("undecided")), 0, id="what is closed and can't be judged"),
        pytest.param(left(answer_by=None), 0, id="what has no end"),
        pytest.param(left(answer_by=datetime.min.replace(tzinfo=UTC)), 0, id="what has ended with antiquity"),
        pytest.param(replace(left(), intent="accept"), 0, id="what is being accepted"),
        pytest.param(Entry(record("allow", "left", "OPEN")), 0, id="without any time"),
        pytest.param(
            Entry(record("allow", "left", "OPEN")).with_record(record("allow", "left", "OPEN"), NOW),
            0,
            id="whose first event is not published yet",
        ),
        pytest.param(replace(left(), last_event_at=None, last_kind_at=None), 3, id="in an earlier version's ledger"),
    ],
)
def test_people_are_reminded_of(entry: Entry, days: int) -> None:
    assert days_to_answer(entry, END - 2 * DAY) == days


def test_a_reminder_to_answer_has_the_record_and_the_days() -> None:
    entry, now = left(), END - 3 * DAY
    reminded = remind_to_answer(entry, now)
    (event,) = reminded.outbox
    assert event.detail == make_detail(entry.record, event_id="h-00000001/2", kind="answer_due", days=3)
    assert reminded == replace(entry, outbox=(event,), event_count=2, last_event_at=now)
    assert remind_to_answer(entry, NOW) is entry


def test_an_event_about_another_kind_leaves_no_reminder_due() -> None:
    now = END - 3 * DAY
    failed = published(record("allow", "failed", "OPEN"))
    changed = replace(failed.with_record(record("allow", "left", "OPEN"), now), outbox=())
    assert days_to_answer(changed, now) == 0
