"""The ledger's items, read and never written."""

from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from invitation_responder.aws.client import CALL_ERRORS, describe_error
from invitation_responder.aws.ledger import LedgerError

from ..diagnostics.wording import quote
from .known_handshake import KnownHandshake, read_record
from .lines import collect

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def read_ledger(client: "DynamoDBClient", table: str, receiver: str | None) -> list[KnownHandshake]:
    """The handshakes of one account, or of all accounts, as the ledger holds them.

    Raises `LedgerError` if the table can't be read, `InvalidHistory` with every item that no responder wrote.
    """
    try:
        items = _items(client, table, receiver)
    except CALL_ERRORS as error:
        raise LedgerError(f"the ledger can't be read: {describe_error(error)}") from error
    return collect(((f"{quote(table)}: {_key(item)}", item) for item in items), read_record)


def _items(client: "DynamoDBClient", table: str, receiver: str | None) -> list[dict[str, Any]]:
    if receiver is None:
        scanned = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        found = [item for page in scanned for item in page["Items"]]
    else:
        queried = client.get_paginator("query").paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="receiver = :receiver",
            ExpressionAttributeValues={":receiver": {"S": receiver}},
        )
        found = [item for page in queried for item in page["Items"]]
    deserialize = TypeDeserializer().deserialize
    plain = ({name: deserialize(value) for name, value in item.items()} for item in found)
    return sorted(plain, key=_key)


def _key(item: dict[str, Any]) -> str:
    return f"item {quote(str(item.get('receiver')))}, {quote(str(item.get('handshake_id')))}"
