"""The Lambda entry point of one batch: the sweep of its accounts."""

from invitation_responder import startup

# isort: split
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.aws.client import CLIENT_CONFIG, create_members_session, create_session
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.member_roles import MemberRoles
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pace import Pace
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy
from invitation_responder.invocation import account_of, deadline_of, log_record, unique_id
from invitation_responder.metrics import NAMESPACE, SERVICE, Totals, add_metrics
from invitation_responder.organization.account_sweep import AccountResult, sweep_account
from invitation_responder.organization.batch_sweep import BatchSweep
from invitation_responder.organization.batches import Batch, read_batch
from invitation_responder.organization.settings import read_text
from invitation_responder.settings import read_settings
from invitation_responder.sweep import Sweep

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

settings = read_settings(os.environ)
role_name, external_id = read_text(os.environ, "MEMBER_ROLE"), read_text(os.environ, "EXTERNAL_ID")
decider = Decider(Policy.from_json(settings.policy_file.read_bytes()))
logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

session = create_session()
members = create_members_session(session)
dynamodb = session.client("dynamodb", config=CLIENT_CONFIG)
ledger = DynamoLedger(dynamodb, settings.ledger_table, retention=settings.ledger_retention)
coverage = Coverage(OrganizationTable(dynamodb, read_text(os.environ, "ORGANIZATION_TABLE")))
events = EventBus(lambda: session.client("events", config=CLIENT_CONFIG), settings.event_bus)
startup.finish()


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Sweep the accounts of a batch; returns the number of accounts, and of those that were swept.

    Raises `TableError` if the coverage can't be written, and `KeyError`, `TypeError` or `ValueError` if the event is no
    batch. A failure at one account is recorded as that account's outcome.
    """
    batch = read_batch(event)
    totals, swept = Totals(), 0
    for result in _sweep(batch, context):
        if result.report is None:
            fields = {"account": result.account, "outcome": result.outcome, "reason": result.detail}
            logger.error("not swept", extra=fields)
            continue
        swept += 1
        totals.add(result.report, datetime.now(UTC))
        for error in result.report.errors:
            logger.error(error, extra={"account": result.account})
    add_metrics(metrics, totals)
    metrics.flush_metrics()
    return {"accounts": len(batch.accounts), "swept": swept}


def _sweep(batch: Batch, context: LambdaContext) -> Iterator[AccountResult]:
    """Sweep each account of a batch in this function."""
    deadline, sweep_id = deadline_of(context), unique_id(context)
    roles = MemberRoles(
        session,
        members,
        account_of(context),
        role_name=role_name,
        external_id=external_id,
        sweep=batch.sweep,
        partition=context.invoked_function_arn.split(":")[1],
    )
    listing = Pace(1 / batch.rate)

    def make_sweep(account: str, client: "OrganizationsClient") -> Sweep:
        return Sweep(
            id=sweep_id,
            receiver=account,
            decider=decider,
            organizations=Organizations(client, listing=listing),
            ledger=ledger,
            events=events,
            deadline=min(deadline, batch.ends_at),
            observe=partial(log_record, logger),
            sender_text=settings.sender_text,
        )

    return BatchSweep(
        batch=batch,
        sweep=lambda account: sweep_account(account, roles, make_sweep),
        coverage=coverage,
        deadline=deadline,
    ).run()
