"""The Lambda entry point: the wiring, and a sweep's log lines and metrics.

A fault of the deployment (a damaged policy, a missing setting) raises here at import, before any handshake is read.
"""

import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.aws.client import CLIENT_CONFIG, create_session
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.organizations import Organizations
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import ACCOUNT_ID, Policy
from invitation_responder.core.record import Record
from invitation_responder.metrics import NAMESPACE, SERVICE, add_metrics
from invitation_responder.settings import read_settings
from invitation_responder.sweep import Sweep

settings = read_settings(os.environ)
decider = Decider(Policy.from_json(settings.policy_file.read_bytes()))
logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

session = create_session()
organizations = Organizations(session.client("organizations", config=CLIENT_CONFIG))
ledger = DynamoLedger(
    session.client("dynamodb", config=CLIENT_CONFIG), settings.ledger_table, retention=settings.ledger_retention
)
events = EventBus(session.client("events", config=CLIENT_CONFIG), settings.event_bus)


class SweepError(Exception):
    """An answer, a write or an event failed. Raised after the sweep, so that Lambda counts an error and retries."""


@metrics.log_metrics
@logger.inject_lambda_context
def handle(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Sweep the account that the function runs in; returns the number of records of each kind.

    Raises `SweepError` after a sweep in which an answer, a write or an event failed, and `ListingError` or
    `LedgerError` if the handshakes or the ledger can't be read.
    """
    report = Sweep(
        # Lambda may run one request twice at the same time: its id alone would name both sweeps.
        id=f"{context.aws_request_id}/{uuid.uuid4().hex[:8]}",
        receiver=receiver_of(context.invoked_function_arn),
        decider=decider,
        organizations=organizations,
        ledger=ledger,
        events=events,
        deadline=datetime.now(UTC) + timedelta(milliseconds=context.get_remaining_time_in_millis()),
        observe=log,
        sender_text=settings.sender_text,
    ).run()
    add_metrics(metrics, report, datetime.now(UTC))
    for error in report.errors:
        logger.error(error)
    if report.has_failed:
        failed = report.count("failed")
        raise SweepError(f"{failed} answers failed, {len(report.errors)} other errors: see the log lines of this run")
    return report.summary()


def receiver_of(function_arn: str) -> str:
    """The account that a function's ARN names: `arn:<partition>:lambda:<region>:<account>:function:…`.

    Raises `ValueError` if the ARN names no account.
    """
    parts = function_arn.split(":")
    account = parts[4] if len(parts) > 4 else ""  # noqa: PLR2004 - the account's position in an ARN
    if not ACCOUNT_ID.fullmatch(account):
        raise ValueError(f"the function's ARN names no account: {function_arn!r}")
    return account


def log(record: Record) -> None:
    """Write one structured log line for a record, under the record's own names; the kind sets the level."""
    write = {"breach": logger.critical, "failed": logger.error, "undecided": logger.warning}
    write.get(record.kind, logger.info)(record.kind, extra=record.as_dict())
