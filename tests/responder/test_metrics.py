"""The metrics of a sweep."""

from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Outcome, Record, make_record
from invitation_responder.metrics import hours_to_expiry
from invitation_responder.sweep import Report
from support.strategies import NOW, RECEIVER


def left(hours: float | None) -> Record:
    """The record of a handshake that is left to a person and expires in so many hours; None for no expiration."""
    policy, end = Policy("enforce"), None if hours is None else NOW + timedelta(hours=hours)
    handshake = Handshake("h-00000001", RECEIVER, expires_at=end)
    return make_record(handshake, Decision("allow", "it is ours"), policy, outcome="left", state="OPEN")


def test_the_first_deadline_counts() -> None:
    assert hours_to_expiry(Report([left(48), left(3.5), left(None), left(72)]), NOW) == 3.5


@pytest.mark.parametrize("outcome", [outcome for outcome in get_args(Outcome) if outcome != "left"])
def test_what_is_not_left_to_a_person_does_not_count(outcome: Outcome) -> None:
    other = replace(left(1), outcome=outcome)
    assert hours_to_expiry(Report([other]), NOW) is None
    assert hours_to_expiry(Report([other, left(2)]), NOW) == 2


def test_what_cannot_be_judged_does_not_count() -> None:
    assert hours_to_expiry(Report([replace(left(1), effect="undecided")]), NOW) is None


def test_what_cannot_be_accepted_any_more_does_not_count() -> None:
    assert hours_to_expiry(Report([left(0), left(-5)]), NOW) is None
    assert hours_to_expiry(Report([left(-5), left(2)]), NOW) == 2


def test_the_deadline_of_a_transfer_is_the_one_that_counts() -> None:
    record = replace(left(48), answer_by=NOW + timedelta(hours=6))
    assert hours_to_expiry(Report([record]), NOW) == 6
