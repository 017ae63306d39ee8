"""The Lambda entry point of the end of a sweep's round: the summary."""

from invitation_responder import startup

# isort: split
import os
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.aws.batch_store import BatchStore
from invitation_responder.aws.client import CLIENT_CONFIG, create_session
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.ledger_index import LedgerIndex
from invitation_responder.aws.marks import Marks
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.aws.sweep_lease import SweepLease
from invitation_responder.core.policy import Policy
from invitation_responder.expiring_rules import publish_expiring
from invitation_responder.invocation import deadline_of, unique_id
from invitation_responder.metrics import NAMESPACE, SERVICE
from invitation_responder.organization.closing import Closing
from invitation_responder.organization.departed import DepartedAccounts
from invitation_responder.organization.settings import read_rate, read_schedule, read_text
from invitation_responder.organization.summary import longest_without_sweep
from invitation_responder.settings import read_settings

settings = read_settings(os.environ)
rate, schedule = read_rate(os.environ), read_schedule(os.environ)
logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

session = create_session()
dynamodb = session.client("dynamodb", config=CLIENT_CONFIG)
table = OrganizationTable(dynamodb, read_text(os.environ, "ORGANIZATION_TABLE"))
coverage = Coverage(table)
store = BatchStore(session.client("s3", config=CLIENT_CONFIG), read_text(os.environ, "BATCH_BUCKET"))
ledger = DynamoLedger(dynamodb, settings.ledger_table, retention=settings.ledger_retention)
index = LedgerIndex(dynamodb, settings.ledger_table)
marks = Marks(dynamodb, settings.marks_table) if settings.marks_table else None
events = EventBus(lambda: session.client("events", config=CLIENT_CONFIG), settings.event_bus)
startup.finish()


@logger.inject_lambda_context
def handle(plan: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Summarize a round of a sweep by its plan.

    Returns the plan of another round with `again` true, or the sweep's result: `again` false, `accounts`, `not_swept`
    and, if that is not 0, the `cause` in one sentence. Raises `TableError`, `BatchStoreError`, `LedgerError` or
    `PublishError`; the state machine then tries again.
    """
    closing = Closing(
        lease=SweepLease(table, plan["sweep"]),
        coverage=coverage,
        store=store,
        table=table,
        index=index,
        events=events,
        rate=rate,
        schedule=schedule,
    )
    summary, known, another_round = closing.close(plan)
    if another_round:
        logger.info("another round", extra={"accounts": len(summary.to_try_again)})
        return {**another_round, "again": True}
    now = datetime.now(UTC)
    swept = {account for account, each in known.items() if each.outcome == "swept"}
    minutes = (now - datetime.fromisoformat(plan["started_at"])).total_seconds() / 60
    if plan["whole"]:
        metrics.add_metric("SweepsFinished", MetricUnit.Count, 1)
        metrics.add_metric("SweepMinutes", MetricUnit.NoUnit, minutes)
        for error in (*_publish_expiring(now), *_remind_of_departed(swept, context)):
            logger.error(error)
    # Of all accounts, whichever this sweep was about: the alarm must not end because one account was swept.
    metrics.add_metric("AccountsSwept", MetricUnit.Count, len(swept))
    metrics.add_metric("AccountsNotSwept", MetricUnit.Count, len(known) - len(swept))
    hours = longest_without_sweep(known, now).total_seconds() / 3600
    metrics.add_metric("HoursWithoutSweep", MetricUnit.NoUnit, hours)
    metrics.flush_metrics()
    cause = summary.cause() if summary.not_swept else ""
    result = {"accounts": summary.accounts, "not_swept": len(summary.not_swept), "by_outcome": summary.by_outcome}
    (logger.error if cause else logger.info)("swept", extra={**result, "reason": cause})
    return {**result, "again": False, "cause": cause}


def _publish_expiring(now: datetime) -> list[str]:
    """Publish which rules expire soon; returns the errors. The policy is read for this alone."""
    if marks is None:
        return []
    return publish_expiring(Policy.from_json(settings.policy_file.read_bytes()), events, marks, now)


def _remind_of_departed(swept: Collection[str], context: LambdaContext) -> list[str]:
    """Remind of the breaches of accounts that are not swept any more; returns the errors."""
    departed = DepartedAccounts(
        table=table,
        ledger=ledger,
        events=events,
        sweep=unique_id(context),
        deadline=deadline_of(context),
        now=lambda: datetime.now(UTC),
    )
    return departed.remind(swept)
