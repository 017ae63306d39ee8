"""The Lambda entry point of a sweep's first step: the plan."""

from invitation_responder import startup

# isort: split
import os
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.aws.accounts import list_accounts
from invitation_responder.aws.batch_store import BatchStore
from invitation_responder.aws.client import CLIENT_CONFIG, create_session
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.aws.sweep_lease import SweepLease, SweepUnderWay
from invitation_responder.invocation import account_of
from invitation_responder.metrics import NAMESPACE, SERVICE
from invitation_responder.organization.planning import Planner
from invitation_responder.organization.selection import Scope, read_request
from invitation_responder.organization.settings import read_names, read_rate, read_text

rate = read_rate(os.environ)
units, leave_out = read_names(os.environ, "ORGANIZATION_UNITS"), read_names(os.environ, "LEAVE_OUT")
logger = Logger(service=SERVICE)
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)

session = create_session()
organizations = session.client("organizations", config=CLIENT_CONFIG)
table = OrganizationTable(session.client("dynamodb", config=CLIENT_CONFIG), read_text(os.environ, "ORGANIZATION_TABLE"))
store = BatchStore(session.client("s3", config=CLIENT_CONFIG), read_text(os.environ, "BATCH_BUCKET"))
startup.finish()


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Plan a sweep: `event` has the execution's name in `sweep` and its input in `input`.

    Returns the plan, or only `skipped` with the reason if the schedule starts a sweep while another one is running.
    Raises `SweepUnderWay` if a person starts one then, and `RequestError`, `ListingError`, `TableError` or
    `BatchStoreError`.
    """
    request = read_request(event["input"])
    planner = Planner(
        lease=SweepLease(table, event["sweep"]),
        list_accounts=partial(list_accounts, organizations),
        coverage=Coverage(table),
        store=store,
        scope=Scope(account_of(context), units, leave_out),
        rate=rate,
        left_out=lambda account, reason: logger.info("left out", extra={"account": account, "reason": reason}),
    )
    try:
        plan = planner.plan(request)
    except SweepUnderWay as other:
        if not request.is_whole:
            raise
        logger.warning("skipped", extra={"reason": str(other)})
        plan = {"skipped": str(other)}
    metrics.add_metric("SweepsSkipped", MetricUnit.Count, int("skipped" in plan))
    metrics.flush_metrics()
    return plan
