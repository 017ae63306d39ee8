"""The Lambda entry point of the courier: the events that SQS hands over become messages."""

from invitation_responder import startup

# isort: split
import json
import os
from collections.abc import Collection, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.aws.client import CLIENT_CONFIG, create_session
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.marks import Marks
from invitation_responder.aws.organization_table import OrganizationTable, TableError
from invitation_responder.aws.topic import Topic
from invitation_responder.courier.delivery import Delivery
from invitation_responder.courier.notice import Notice, read_notice
from invitation_responder.courier.settings import read_settings
from invitation_responder.invocation import account_of
from invitation_responder.metrics import SERVICE

settings = read_settings(os.environ)
logger = Logger(service=SERVICE)

session = create_session()
dynamodb = session.client("dynamodb", config=CLIENT_CONFIG)
marks = Marks(dynamodb, settings.marks_table)
coverage = Coverage(OrganizationTable(dynamodb, settings.organization_table)) if settings.organization_table else None
sns = session.client("sns", config=CLIENT_CONFIG)
everything = Topic(sns, settings.topic)
urgent = Topic(sns, settings.urgent_topic) if settings.urgent_topic else None
startup.finish()


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Send messages about a batch of SQS; returns the messages in it that are no events, for SQS to deliver again.

    Raises `MarksError` or `TopicError`: SQS then delivers all of them again, and what was sent is not sent twice.
    """
    notices: list[Notice] = []
    unreadable = []
    for message in event["Records"]:
        try:
            notices.append(read_notice(json.loads(message["body"])))
        except (ValueError, RecursionError) as error:
            fields = {"message_id": message["messageId"], "reason": str(error)}
            logger.error("no event of the responder", extra=fields)  # noqa: TRY400 - the reason says it all
            unreadable.append({"itemIdentifier": message["messageId"]})
    _, partition, _, region, *_ = context.invoked_function_arn.split(":")
    subjects = Delivery(
        marks=marks,
        everything=everything,
        urgent=urgent,
        account=account_of(context),
        region=region,
        partition=partition,
        names_of=_names_of,
    ).deliver(notices)
    for subject in subjects:
        logger.info("sent", extra={"subject": subject})
    return {"batchItemFailures": unreadable}


def _names_of(accounts: Collection[str]) -> Mapping[str, str]:
    """The names of an organization's accounts. If they can't be read, the message goes without them."""
    try:
        return coverage.names(accounts) if coverage else {}
    except TableError as error:
        logger.warning(str(error))
        return {}
