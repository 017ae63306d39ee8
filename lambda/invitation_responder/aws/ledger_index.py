"""The ledger's index by day: which handshakes were first seen on a day, in all accounts of an organization."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from invitation_responder.aws.client import CALL_ERRORS, describe_error
from invitation_responder.aws.ledger import LedgerError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX: Final = "by_day"
# The attributes that the index holds beside the keys of the table and its own key, `first_seen_on`.
ATTRIBUTES: Final = ("organization", "management_account", "effect", "first_seen_at")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One handshake in one account, as the index has it. `effect` is that of the newest decision."""

    receiver: str
    organization: str | None
    management_account: str | None
    effect: str
    first_seen_at: datetime


class LedgerIndex:
    """Reads the index, which is a moment behind the ledger."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Read the index of the ledger's table."""
        self._client = client
        self._table = table

    def seen_on(self, day: date) -> Iterator[Sighting]:
        """The handshakes that were first seen on a day in UTC; raises `LedgerError`."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="first_seen_on = :day",
            ExpressionAttributeValues={":day": {"S": day.isoformat()}},
        )
        try:
            for page in pages:
                for item in page["Items"]:
                    texts = {name: value.get("S") for name, value in item.items()}
                    yield Sighting(
                        texts["receiver"] or "",
                        texts.get("organization"),
                        texts.get("management_account"),
                        texts["effect"] or "",
                        datetime.fromisoformat(texts["first_seen_at"] or "").astimezone(UTC),
                    )
        except CALL_ERRORS as error:
            raise LedgerError(f"the ledger's index can't be read: {describe_error(error)}") from error
