"""The metrics of a sweep, which the alarms watch."""

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


def add_metrics(metrics: Metrics, report: Report, now: datetime) -> None:
    """Add a finished sweep's metrics. `SweepsFinished` is a heartbeat: an alarm fires when it stops.

    `HoursToExpiry` is the time left to the next `answer_by` of a handshake that is left to a person; without any, the
    metric is absent.
    """
    metrics.add_metric("SweepsFinished", MetricUnit.Count, 1)
    metrics.add_metric("Pending", MetricUnit.Count, report.pending)
    for name, kind in COUNTED.items():
        metrics.add_metric(name, MetricUnit.Count, report.count(kind))
    hours = hours_to_expiry(report, now)
    if hours is not None:
        metrics.add_metric("HoursToExpiry", MetricUnit.NoUnit, hours)


def hours_to_expiry(report: Report, now: datetime) -> float | None:
    """Hours to the next `answer_by` of a handshake that is left to a person; None without any."""
    ends = [record.answer_by for record in report.records if record.kind == "left" and record.answer_by]
    # A billing transfer past its `answer_by` may still be pending, but nobody can accept it.
    return min(((end - now).total_seconds() / 3600 for end in ends if end > now), default=None)
