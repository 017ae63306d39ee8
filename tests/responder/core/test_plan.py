"""Decisions → a sweep's plan."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.plan import Step, count_acceptable_invitations, plan
from invitation_responder.core.policy import Policy
from support.strategies import NOW, RECEIVER

ENFORCE = Policy(mode="enforce")
PATIENT = replace(ENFORCE, wait=timedelta(hours=24))


def handshake(number: int = 1, **members: Any) -> Handshake:
    """An invitation that arrived as many hours ago as its number says."""
    whole = {"action": "INVITE", "requested_at": NOW - timedelta(hours=number), **members}
    return Handshake(id=f"h-{number:08}", receiver=RECEIVER, **whole)


def planned(policy: Policy, *pending: tuple[Handshake, str], **more: Any) -> list[Step]:
    """The plan for handshakes with these effects."""
    decided = [(handshake, Decision(effect, "why")) for handshake, effect in pending]  # type: ignore[arg-type] # as drawn
    return plan(decided, policy, NOW, **{"invitations": count_acceptable_invitations(decided), **more})


@pytest.mark.parametrize(
    ("effect", "mode", "does"),
    [
        ("undecided", "enforce", "left"),
        ("allow", "enforce", "left"),
        ("decline", "enforce", "decline"),
        ("accept", "enforce", "accept"),
        ("undecided", "audit", "left"),
        ("allow", "audit", "left"),
        ("decline", "audit", "would_decline"),
        ("accept", "audit", "would_accept"),
    ],
)
def test_every_effect_in_every_mode(effect: str, mode: Any, does: str) -> None:
    (step,) = planned(Policy(mode=mode), (handshake(), effect))
    assert (step.intent or step.outcome) == does
    assert step.detail == ""


@pytest.mark.parametrize(("mode", "verb"), [("audit", "would be"), ("enforce", "is")])
def test_a_young_decline_waits_in_both_modes_and_says_until_when(mode: Any, verb: str) -> None:
    (step,) = planned(replace(PATIENT, mode=mode), (handshake(2), "decline"))
    assert (step.intent, step.outcome) == (None, "waiting")
    assert step.detail == f"it {verb} declined from 2026-11-23T10:00:00Z on"


@pytest.mark.parametrize(
    ("age", "intent"),
    [
        pytest.param(timedelta(hours=24) - timedelta(seconds=1), None, id="a second too young"),
        pytest.param(timedelta(hours=24), "decline", id="just old enough"),
    ],
)
def test_the_wait_is_over_when_it_is_over(age: timedelta, intent: str | None) -> None:
    (step,) = planned(PATIENT, (handshake(requested_at=NOW - age), "decline"))
    assert step.intent == intent


def test_the_end_of_the_wait_is_said_to_the_second() -> None:
    (step,) = planned(PATIENT, (handshake(requested_at=NOW - timedelta(milliseconds=1)), "decline"))
    assert step.detail == "it is declined from 2026-11-23T11:59:59Z on"


def test_nothing_but_declines_waits() -> None:
    assert planned(PATIENT, (handshake(1), "accept"))[0].intent == "accept"


def test_the_end_of_time_is_late_enough() -> None:
    late = handshake(requested_at=datetime.max.replace(tzinfo=NOW.tzinfo))
    assert planned(PATIENT, (late, "decline"))[0].detail == "it is declined from the end of time on"


def test_declines_come_first_the_oldest_first_and_accepting_last() -> None:
    steps = planned(
        ENFORCE,
        (handshake(9), "accept"),
        (handshake(1), "decline"),
        (handshake(2), "decline"),
        (handshake(3, requested_at=None), "decline"),
    )
    assert [step.handshake.id for step in steps] == ["h-00000003", "h-00000002", "h-00000001", "h-00000009"]


def test_of_two_that_were_sent_at_the_same_time_the_smaller_id_comes_first() -> None:
    twins = [(handshake(number, requested_at=NOW), "decline") for number in (2, 1)]
    assert [step.handshake.id for step in planned(ENFORCE, *twins)] == ["h-00000001", "h-00000002"]


def test_the_cap_defers_what_is_above_it() -> None:
    capped = replace(ENFORCE, declines_per_sweep=1)
    steps = planned(capped, (handshake(1), "decline"), (handshake(2), "decline"), (handshake(3), "allow"))
    assert [(step.handshake.id, step.intent or step.outcome) for step in steps] == [
        ("h-00000003", "left"),
        ("h-00000002", "decline"),
        ("h-00000001", "deferred"),
    ]


def test_a_cap_of_nothing_declines_nothing() -> None:
    assert planned(replace(ENFORCE, declines_per_sweep=0), (handshake(), "decline"))[0].outcome == "deferred"


def test_what_failed_before_does_not_use_up_the_cap() -> None:
    capped = replace(ENFORCE, declines_per_sweep=1)
    steps = planned(capped, (handshake(1), "decline"), (handshake(2), "decline"), failed={"h-00000002"})
    assert [(step.handshake.id, step.intent or step.outcome) for step in steps] == [
        ("h-00000001", "decline"),
        ("h-00000002", "deferred"),
    ]


def test_of_several_invitations_that_qualify_none_is_accepted() -> None:
    steps = planned(ENFORCE, (handshake(1), "accept"), (handshake(2), "accept"), (handshake(3), "decline"))
    assert [step.outcome for step in steps] == [None, "left", "left"]
    assert steps[1].detail == "2 invitations qualify, so a person has to choose"


def test_invitations_in_other_hands_count() -> None:
    assert planned(ENFORCE, (handshake(1), "accept"), invitations=2)[0].outcome == "left"


def test_other_actions_that_qualify_do_not_count() -> None:
    transfer = handshake(2, action="TRANSFER_RESPONSIBILITY")
    steps = planned(ENFORCE, (handshake(1), "accept"), (transfer, "accept"))
    assert [step.intent for step in steps] == ["accept", "accept"]


@pytest.mark.parametrize(
    ("left", "does"),
    [
        pytest.param(timedelta(microseconds=1), "accept", id="at the last moment"),
        pytest.param(timedelta(), "left", id="a moment later"),
    ],
)
def test_a_transfer_is_accepted_until_a_day_before_it_starts(left: timedelta, does: str) -> None:
    transfer = handshake(action="TRANSFER_RESPONSIBILITY", starts_at=NOW + timedelta(hours=24) + left)
    (step,) = planned(ENFORCE, (transfer, "accept"))
    assert (step.intent or step.outcome) == does
