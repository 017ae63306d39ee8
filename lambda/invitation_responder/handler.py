"""The Lambda entry point: the wiring, and a sweep's log lines and metrics.

A fault of the deployment (a damaged policy, a missing setting) raises here at import, before any handshake is read.
"""

from invitation_responder import startup

# isort: split
import os
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.aws.client import CLIENT_CONFIG, create_session
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.marks import Marks
from invitation_responder.aws.organizations import Organizations
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy
from invitation_responder.expiring_rules import publish_expiring
from invitation_responder.invocation import account_of, deadline_of, is_covered, log_record, unique_id
from invitation_responder.metrics import NAMESPACE, SERVICE, Totals, add_metrics
from invitation_responder.settings import read_settings
from invitation_responder.sweep import Sweep

settings = read_settings(os.environ)
decider = Decider(Policy.from_json(settings.policy_file.read_bytes()))
logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

session = create_session()
organizations = Organizations(session.client("organizations", config=CLIENT_CONFIG))
dynamodb = session.client("dynamodb", config=CLIENT_CONFIG)
ledger = DynamoLedger(dynamodb, settings.ledger_table, retention=settings.ledger_retention)
marks = Marks(dynamodb, settings.marks_table) if settings.marks_table else None
events = EventBus(lambda: session.client("events", config=CLIENT_CONFIG), settings.event_bus)
last_sweep: datetime | None = None
startup.finish()


class SweepError(Exception):
    """An answer, a write or an event failed. Raised after the sweep, so that Lambda counts an error and retries."""


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Sweep the account that the function runs in; returns the number of records of each kind.

    A sweep that events start sends no answers, else each would have the policy's `declines_per_sweep` anew. Events from
    before the last sweep start none, so that a storm of them leads to one sweep.

    Raises `SweepError` after a sweep in which an answer, a write or an event failed, and `ListingError` or
    `LedgerError` if the handshakes or the ledger can't be read.
    """
    global last_sweep  # noqa: PLW0603 - what an execution environment keeps between two invocations
    if is_covered(event, last_sweep):
        logger.info("no sweep: the last one began after these events")
        return {}
    began = datetime.now(UTC)
    summary: dict[str, int] = _sweep(event, context)
    last_sweep = began
    return summary


@metrics.log_metrics
def _sweep(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    report = Sweep(
        id=unique_id(context),
        receiver=account_of(context),
        decider=decider,
        organizations=organizations,
        ledger=ledger,
        events=events,
        deadline=deadline_of(context),
        observe=partial(log_record, logger),
        sender_text=settings.sender_text,
        answers="Records" not in event,
    ).run()
    if marks:
        report.errors.extend(publish_expiring(decider.policy, events, marks, datetime.now(UTC)))
    totals = Totals()
    totals.add(report, datetime.now(UTC))
    metrics.add_metric("SweepsFinished", MetricUnit.Count, 1)
    add_metrics(metrics, totals)
    for error in report.errors:
        logger.error(error)
    if report.has_failed:
        failed = report.count("failed")
        raise SweepError(f"{failed} answers failed, {len(report.errors)} other errors: see the log lines of this run")
    return report.summary()
