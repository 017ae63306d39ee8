"""A sweep in numbers: the metrics that the alarms watch."""

from datetime import datetime
from typing import Final

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from invitation_responder.core.record import Kind
from invitation_responder.sweep import Report

NAMESPACE: Final = "InvitationResponder"
SERVICE: Final = "invitation-responder"  # the one dimension's value, as Powertools writes it

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
    """Add a finished sweep's metrics. `SweepsFinished` is there to be missed: an alarm watches for its silence.

    `HoursToExpiry` is the time that is left to accept the allowed handshake whose `answer_by` is next, where there is
    one.
    """
    metrics.add_metric("SweepsFinished", MetricUnit.Count, 1)
    metrics.add_metric("Pending", MetricUnit.Count, report.pending)
    for name, kind in COUNTED.items():
        metrics.add_metric(name, MetricUnit.Count, report.count(kind))
    hours = hours_to_expiry(report, now)
    if hours is not None:
        metrics.add_metric("HoursToExpiry", MetricUnit.NoUnit, hours)


def hours_to_expiry(report: Report, now: datetime) -> float | None:
    """Hours until one of the handshakes that were left to a person can't be accepted any more; None where none ends."""
    ends = [record.answer_by for record in report.records if record.kind == "left" and record.answer_by]
    # What can't be accepted any more, and has not expired yet, waits for nobody.
    return min(((end - now).total_seconds() / 3600 for end in ends if end > now), default=None)
