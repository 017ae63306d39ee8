"""The metrics of a sweep, which the alarms watch."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from invitation_responder.core.record import Kind
from invitation_responder.sweep import Report

NAMESPACE: Final = "InvitationResponder"
SERVICE: Final = "invitation-responder"  # the value of the only dimension, which Powertools adds

# Metric name → kind of record. All are written at every sweep, zeros too, so that an alarm never lacks data.
COUNTED: Final[dict[str, Kind]] = {
    "Declined": "declined",
    "Accepted": "accepted",
    "Left": "left",
    "Waiting": "waiting",
    "Deferred": "deferred",
    "Undecided": "undecided",
    "Failed": "failed",
    "Breaches": "breach",
}
# The kinds that a handshake has at each sweep for as long as it is pending; it has each other kind once.
_PENDING: Final[frozenset[Kind]] = frozenset({"left", "waiting", "deferred", "undecided"})


@dataclass(slots=True)
class Totals:
    """The sums of several sweeps: records by kind, pending handshakes, and the hours to the first `answer_by`."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    pending: int = 0
    hours_to_expiry: float | None = None

    def add(self, report: Report, now: datetime) -> None:
        """Add a finished sweep."""
        self.kinds.update(record.kind for record in report.records)
        self.pending += report.pending
        hours = hours_to_expiry(report, now)
        if hours is not None:
            self.hours_to_expiry = hours if self.hours_to_expiry is None else min(hours, self.hours_to_expiry)

    def add_closed(self, report: Report) -> None:
        """Add what a finished sweep says about handshakes that are pending no more; another sweep counts the others."""
        self.kinds.update(record.kind for record in report.records if record.kind not in _PENDING)


def add_metrics(metrics: Metrics, totals: Totals) -> None:
    """Add the metrics of finished sweeps.

    `HoursToExpiry` is the time left to the next `answer_by` of a handshake that is left to a person; without any, the
    metric is absent.
    """
    metrics.add_metric("Pending", MetricUnit.Count, totals.pending)
    for name, kind in COUNTED.items():
        metrics.add_metric(name, MetricUnit.Count, totals.kinds[kind])
    if totals.hours_to_expiry is not None:
        metrics.add_metric("HoursToExpiry", MetricUnit.NoUnit, totals.hours_to_expiry)


def hours_to_expiry(report: Report, now: datetime) -> float | None:
    """Hours to the next `answer_by` of a handshake that is left to a person; None without any."""
    ends = [record.answer_by for record in report.records if record.kind == "left" and record.answer_by]
    # A billing transfer past its `answer_by` may still be pending, but nobody can accept it.
    return min(((end - now).total_seconds() / 3600 for end in ends if end > now), default=None)
