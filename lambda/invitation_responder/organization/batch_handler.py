"""The Lambda entry point of one batch, and of what events start: the sweep of some accounts."""

from invitation_responder import startup

# isort: split
import os
from collections.abc import Callable, Iterator
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
from invitation_responder.aws.organization_table import OrganizationTable, TableError
from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pace import Pace
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy
from invitation_responder.invocation import account_of, deadline_of, log_record, unique_id
from invitation_responder.metrics import NAMESPACE, SERVICE, Totals, add_metrics
from invitation_responder.organization.account_events import AccountEvent, read_account_event
from invitation_responder.organization.account_sweep import AccountResult, sweep_account
from invitation_responder.organization.batch_sweep import BatchSweep
from invitation_responder.organization.batches import Batch, read_batch
from invitation_responder.organization.departed import record_open_breach
from invitation_responder.organization.event_sweep import LISTINGS_A_SECOND, EventSweep, should_retry
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
table = OrganizationTable(dynamodb, read_text(os.environ, "ORGANIZATION_TABLE"))
coverage = Coverage(table)
events = EventBus(lambda: session.client("events", config=CLIENT_CONFIG), settings.event_bus)
# What an execution environment keeps of the sweeps that events start: when that of each account began, and their pace.
swept_at: dict[str, datetime] = {}
event_listing = Pace(1 / LISTINGS_A_SECOND)
startup.finish()


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sweep the accounts of a batch, or those that the messages of SQS are about.

    Returns the number of accounts of the batch, and of those that were swept; for messages those to deliver again.

    Raises `TableError` if the table can't be read or written, and `KeyError`, `TypeError` or `ValueError` if the
    event is no batch. A failure at one account of a batch is recorded as that account's outcome.
    """
    if "Records" in event:
        return _sweep_for_events(event["Records"], context)
    batch = read_batch(event)
    totals, swept = Totals(), 0
    for result in _sweep_batch(batch, context):
        _log(result)
        if result.report is not None:
            swept += 1
            totals.add(result.report, datetime.now(UTC))
    add_metrics(metrics, totals)
    metrics.flush_metrics()
    return {"accounts": len(batch.accounts), "swept": swept}


def _sweep_batch(batch: Batch, context: LambdaContext) -> Iterator[AccountResult]:
    """Sweep each account of a batch in this function."""
    deadline = deadline_of(context)
    return BatchSweep(
        batch=batch,
        sweep=_sweeper(context, sweep=batch.sweep, listing=Pace(1 / batch.rate), deadline=min(deadline, batch.ends_at)),
        coverage=coverage,
        deadline=deadline,
    ).run()


def _sweep_for_events(records: list[dict[str, Any]], context: LambdaContext) -> dict[str, Any]:
    """Sweep each account that messages are about, and send no answers: each sweep could send `declines_per_sweep`.

    Returns what Lambda has to deliver again, as "Using Lambda with Amazon SQS" in its developer guide has it.
    """
    messages, totals, failed, swept = list(_read(records)), Totals(), set(), []
    deadline = deadline_of(context)
    event_sweep = EventSweep(
        sweep=_sweeper(
            context,
            sweep=f"events-{context.aws_request_id}",
            listing=event_listing,
            deadline=deadline,
            answers=False,
        ),
        is_known=coverage.knows,
        swept_at=swept_at,
        skipped=lambda account, reason: logger.info("no sweep", extra={"account": account, "reason": reason}),
        deadline=deadline,
    )
    for result in event_sweep.run(messages):
        _log(result)
        if result.report is not None:
            swept.append(result.account)
            totals.add_closed(result.report)
        if should_retry(result):
            failed.add(result.account)
    add_metrics(metrics, totals)
    metrics.flush_metrics()
    logger.info("swept for events", extra={"accounts": swept, "events": len(messages)})
    to_retry = [message.id for message in messages if not failed.isdisjoint(message.accounts)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in to_retry]}


def _read(records: list[dict[str, Any]]) -> Iterator[AccountEvent]:
    """Read the messages; one that can't be read is logged and not delivered again, since it will never be readable."""
    for record in records:
        message = read_account_event(record)
        if message is None:
            logger.error("no event", extra={"message_id": record["messageId"]})
        else:
            yield message


def _sweeper(
    context: LambdaContext, *, sweep: str, listing: Pace, deadline: datetime, answers: bool = True
) -> Callable[[str], AccountResult]:
    """The function that sweeps an account; all of them together list at the pace of `listing`."""
    sweep_id = unique_id(context)
    roles = MemberRoles(
        session,
        members,
        account_of(context),
        role_name=role_name,
        external_id=external_id,
        sweep=sweep,
        partition=context.invoked_function_arn.split(":")[1],
    )

    def make_sweep(account: str, client: "OrganizationsClient") -> Sweep:
        return Sweep(
            id=sweep_id,
            receiver=account,
            decider=decider,
            organizations=Organizations(client, listing=listing),
            ledger=ledger,
            events=events,
            deadline=deadline,
            observe=partial(log_record, logger),
            sender_text=settings.sender_text,
            answers=answers,
            on_open_breach=partial(_record_open_breach, account),
        )

    return lambda account: sweep_account(account, roles, make_sweep)


def _log(result: AccountResult) -> None:
    """Log why an account was not swept, or what its sweep's records do not say."""
    if result.report is None:
        fields = {"account": result.account, "outcome": result.outcome, "reason": result.detail}
        logger.error("not swept", extra=fields)
        return
    for error in result.report.errors:
        logger.error(error, extra={"account": result.account})


def _record_open_breach(account: str) -> None:
    """Record that an account has an open breach, since it may depart before its next sweep."""
    try:
        record_open_breach(table, account, datetime.now(UTC))
    except TableError as error:
        logger.error(str(error), extra={"account": account})  # noqa: TRY400 - the error says it all
