"""One invocation of a Lambda function: its cause, its account, its deadline, and a record's log line."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from invitation_responder.core.policy import ACCOUNT_ID
from invitation_responder.core.record import Record


def is_covered(event: Mapping[str, Any], last_sweep: datetime | None) -> bool:
    """True if SQS hands over events alone that came before the last sweep began: it has seen what they are about.

    `SentTimestamp` is in milliseconds since 1970 (Lambda developer guide, "Using Lambda with Amazon SQS"). What the
    schedule starts is about no events, and never covered.
    """
    messages = event.get("Records")
    if not messages or last_sweep is None:
        return False
    latest = max(int(message["attributes"]["SentTimestamp"]) for message in messages)
    return datetime.fromtimestamp(latest / 1000, UTC) < last_sweep


def account_of(context: LambdaContext) -> str:
    """The account that the function's ARN names: `arn:<partition>:lambda:<region>:<account>:function:…`.

    Raises `ValueError` if the ARN names no account.
    """
    parts = context.invoked_function_arn.split(":")
    account = parts[4] if len(parts) > 4 else ""  # noqa: PLR2004 - the account's position in an ARN
    if not ACCOUNT_ID.fullmatch(account):
        raise ValueError(f"the function's ARN names no account: {context.invoked_function_arn!r}")
    return account


def deadline_of(context: LambdaContext) -> datetime:
    """The time at which Lambda ends the invocation."""
    return datetime.now(UTC) + timedelta(milliseconds=context.get_remaining_time_in_millis())


def unique_id(context: LambdaContext) -> str:
    """A name for what this invocation does. Lambda may run one request twice at the same time."""
    return f"{context.aws_request_id}/{uuid.uuid4().hex[:8]}"


def log_record(logger: Logger, record: Record) -> None:
    """Write one structured log line for a record, under the record's own names; the kind sets the level."""
    write = {"breach": logger.critical, "failed": logger.error, "undecided": logger.warning}
    write.get(record.kind, logger.info)(record.kind, extra=record.as_dict())
