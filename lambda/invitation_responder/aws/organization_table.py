"""The table of organization scope: small items under `kind` and `id`, beside the ledger.

| kind | id | item |
|---|---|---|
| `account` | the account's number | its coverage |
| `sweep` | `lease` | the lease of the sweep that is running |
| `sweep` | `last` | the end of the last sweep |
| `breach` | the account's number | that the account had an open breach when it was last swept |
| `campaign` | the sender | the size of a campaign when it was last published |
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from invitation_responder.aws.attribute_values import deserialize, serialize
from invitation_responder.aws.client import CALL_ERRORS, describe_error, error_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]

_CONDITION_FAILED: Final = "ConditionalCheckFailedException"


class TableError(Exception):
    """The table of organization scope can't be read or written. The cause is the error of the call."""


class ConditionFailed(Exception):  # noqa: N818 - an answer, and no error
    """The item is not as the condition of a write asks for."""


class OrganizationTable:
    """Reads and writes items as plain Python values; attributes that are None are left out."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Use the table of this name."""
        self._client = client
        self._table = table

    def query(self, kind: str) -> list[Item]:
        """All items of a kind, in the order of their ids; raises `TableError`."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="#kind = :kind",
            ExpressionAttributeNames={"#kind": "kind"},
            ExpressionAttributeValues={":kind": {"S": kind}},
        )
        try:
            return [_read(item) for page in pages for item in page["Items"]]
        except CALL_ERRORS as error:
            raise TableError(f"the table {self._table} can't be read: {describe_error(error)}") from error

    def get(self, kind: str, id: str) -> Item | None:  # noqa: A002 - the key's name
        """One item, None if it does not exist; raises `TableError`."""
        try:
            answer = self._client.get_item(TableName=self._table, Key=_key(kind, id), ConsistentRead=True)
        except CALL_ERRORS as error:
            raise TableError(f"the table {self._table} can't be read: {describe_error(error)}") from error
        item = answer.get("Item")
        return None if item is None else _read(item)

    def update(
        self,
        kind: str,
        id: str,  # noqa: A002 - the key's name
        *,
        values: Item,
        only_new: Item = MappingProxyType({}),
        remove: Sequence[str] = (),
    ) -> None:
        """Write some attributes of an item, and create it if it does not exist; raises `TableError`.

        `values` are always written, `only_new` only if the item has no such attribute yet. `remove` names attributes.
        """
        changes = [f"#{name} = :{name}" for name in values]
        changes += [f"#{name} = if_not_exists(#{name}, :{name})" for name in only_new]
        expression = f"SET {', '.join(changes)}" + (
            f" REMOVE {', '.join(f'#{name}' for name in remove)}" if remove else ""
        )
        attributes = {**values, **only_new}
        request = {
            "TableName": self._table,
            "Key": _key(kind, id),
            "UpdateExpression": expression,
            "ExpressionAttributeNames": {f"#{name}": name for name in (*attributes, *remove)},
            "ExpressionAttributeValues": _values(attributes),
        }
        self._write(self._client.update_item, request)

    def put(self, kind: str, id: str, item: Item) -> None:  # noqa: A002 - the key's name
        """Write a whole item over whatever was there; raises `TableError`."""
        self._write(self._client.put_item, {"TableName": self._table, "Item": _whole(kind, id, item)})

    def put_over(self, kind: str, id: str, item: Item, *, read: Item | None) -> None:  # noqa: A002 - the key's name
        """Write a whole item over the one that was read, or create it if there was none.

        Raises `ConditionFailed` if another one is there now, and `TableError`.
        """
        condition = _equals(read) if read else {"ConditionExpression": "attribute_not_exists(id)"}
        self._write(self._client.put_item, {"TableName": self._table, "Item": _whole(kind, id, item), **condition})

    def delete(self, kind: str, id: str, *, only_if: Item = MappingProxyType({})) -> None:  # noqa: A002 - the key's name
        """Delete an item if it has all the attributes `only_if`. A missing item is no error without them.

        Raises `ConditionFailed`, and `TableError`.
        """
        condition = _equals(only_if) if only_if else {}
        self._write(self._client.delete_item, {"TableName": self._table, "Key": _key(kind, id), **condition})

    def _write(self, call: Any, request: dict[str, Any]) -> None:
        try:
            call(**request)
        except CALL_ERRORS as error:
            if error_code(error) == _CONDITION_FAILED:
                raise ConditionFailed from error
            raise TableError(f"the table {self._table} can't be written: {describe_error(error)}") from error


def _key(kind: str, id: str) -> dict[str, Any]:  # noqa: A002 - the key's name
    return {"kind": {"S": kind}, "id": {"S": id}}


def _whole(kind: str, id: str, item: Item) -> dict[str, Any]:  # noqa: A002 - the key's name
    return _key(kind, id) | {name: serialize(value) for name, value in item.items() if value is not None}


def _values(attributes: Item) -> dict[str, Any]:
    return {f":{name}": serialize(value) for name, value in attributes.items()}


def _equals(attributes: Item) -> dict[str, Any]:
    """The condition that an item has these attributes."""
    return {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in attributes),
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
        "ExpressionAttributeValues": _values(attributes),
    }


def _read(item: Mapping[str, Any]) -> Item:
    return {name: deserialize(value) for name, value in item.items()}
