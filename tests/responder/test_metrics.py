"""The metrics of a sweep."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from aws_lambda_powertools import Metrics

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Outcome, Record, make_record
from invitation_responder.metrics import NAMESPACE, SERVICE, Totals, add_metrics, hours_to_expiry
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


COUNTS = ["Declined", "Accepted", "Left", "Waiting", "Deferred", "Undecided", "Failed", "Breaches"]


def written(report: Report) -> dict[str, list[float]]:
    """A sweep's metrics."""
    metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
    try:
        totals = Totals()
        totals.add(report, NOW)
        add_metrics(metrics, totals)
        return {name: metric["Value"] for name, metric in metrics.metric_set.items()}
    finally:
        metrics.clear_metrics()


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"outcome": "declined"}, "Declined"),
        ({"outcome": "accepted"}, "Accepted"),
        ({"outcome": "left"}, "Left"),
        ({"outcome": "waiting"}, "Waiting"),
        ({"outcome": "deferred"}, "Deferred"),
        ({"outcome": "failed"}, "Failed"),
        ({"effect": "undecided"}, "Undecided"),
        ({"effect": "decline", "outcome": "already_closed", "state": "ACCEPTED"}, "Breaches"),
        ({"outcome": "already_closed"}, None),
        ({"outcome": "would_decline"}, None),
        ({"outcome": "would_accept"}, None),
    ],
)
def test_a_record_counts_in_the_metric_of_its_kind_and_the_others_are_zero(
    fields: dict[str, Any], counted: str | None
) -> None:
    report = Report([replace(left(None), **fields)], pending=3)
    assert written(report) == {
        "Pending": [3],
        **{name: [float(name == counted)] for name in COUNTS},
    }


def test_a_sweep_that_found_nothing_writes_zeros_so_that_no_alarm_lacks_data() -> None:
    assert written(Report()) == {name: [0] for name in ("Pending", *COUNTS)}


def test_the_time_that_is_left_is_written_in_hours_where_somebody_is_awaited() -> None:
    assert written(Report([left(3.5)]))["HoursToExpiry"] == [3.5]
    assert "HoursToExpiry" not in written(Report())


def test_sweeps_add_up_and_the_first_deadline_of_all_counts() -> None:
    totals = Totals()
    for report in (Report([left(48)], pending=2), Report(), Report([left(3.5), left(72)], pending=1)):
        totals.add(report, NOW)
    assert (totals.pending, totals.kinds, totals.hours_to_expiry) == (3, {"left": 3}, 3.5)
