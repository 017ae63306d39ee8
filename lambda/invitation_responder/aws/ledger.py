"""The durable record of decisions and outcomes, in DynamoDB, with open intents and events still to publish.

The table has one item per handshake, under `receiver` and `handshake_id`, with the decision record's names as
attributes. A sweep writes an item whole, and only over the version that was read, so that one of two concurrent sweeps
gives way; a person's acknowledgement is added in the same way, and changes nothing else of the item. While work is open
(an intent without an outcome, an event not published) the item carries a lease: until the lease ends, the sweep that
wrote the item may still be running, and other sweeps leave the handshake alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from invitation_responder.aws.attribute_values import deserialize, serialize
from invitation_responder.aws.client import CALL_ERRORS, describe_error, error_code
from invitation_responder.core.event import read_event
from invitation_responder.core.iso8601 import write_time
from invitation_responder.core.ledger_entry import Acknowledgement, Entry
from invitation_responder.core.record import TIMES, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef


class LedgerError(Exception):
    """The ledger can't be read or written. A handshake may be answered only if its intent is in the ledger."""


class Conflict(Exception):  # noqa: N818 - no error: another sweep was first, and does the work
    """Another sweep, or a person, has written the entry since it was read."""


class Ledger(Protocol):
    """The ledger's interface, as a sweep uses it."""

    def entries(self, receiver: str) -> dict[str, Entry]:
        """All entries of one account by handshake id; raises `LedgerError`."""
        ...

    def save(self, entry: Entry) -> Entry:
        """Write an entry over the version that was read; returns the entry as the ledger now holds it.

        Raises `Conflict` if another sweep has written the entry since, `LedgerError` if it can't be written.
        """
        ...

    def save_together(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write up to 100 entries in one transaction: all or none. Raises `LedgerError`."""
        ...


class NoLedger:
    """A ledger that keeps nothing: every sweep is the first one."""

    def entries(self, receiver: str) -> dict[str, Entry]:  # noqa: ARG002 - the protocol's
        """No entries."""
        return {}

    def save(self, entry: Entry) -> Entry:
        """The entry, as if it had been written."""
        return replace(entry, version=entry.version + 1)

    def save_together(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries, as if they had been written."""
        return [self.save(entry) for entry in entries]


class DynamoLedger:
    """A ledger in a DynamoDB table with the partition key `receiver`, the sort key `handshake_id` and TTL on `ttl`."""

    def __init__(self, client: "DynamoDBClient", table: str, *, retention: timedelta) -> None:
        """Keep entries for `retention` after their last write."""
        self._client = client
        self._table = table
        self._retention = retention

    def entries(self, receiver: str) -> dict[str, Entry]:
        """All entries of one account by handshake id; raises `LedgerError`.

        The query also returns the unfinished work on handshakes that AWS lists no more.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="receiver = :receiver",
            ExpressionAttributeValues={":receiver": {"S": receiver}},
        )
        try:
            items = [item for page in pages for item in page["Items"]]
        except CALL_ERRORS as error:
            raise LedgerError(f"the ledger can't be read: {describe_error(error)}") from error
        try:
            found = [_from_item(item) for item in items]
        except (KeyError, TypeError, ValueError) as error:
            raise LedgerError(
                f"the ledger has an item of {receiver} that this version did not write: {error!r}"
            ) from error
        return {entry.record.handshake_id: entry for entry in found}

    def save(self, entry: Entry) -> Entry:
        """Write an entry over the version that was read; see `Ledger.save`."""
        written, put = self._put(entry)
        try:
            self._client.put_item(**put)
        except CALL_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise LedgerError(f"the ledger can't be written: {describe_error(error)}") from error
            # botocore retries a write whose answer was lost; the retry then fails over the first write.
            if getattr(error, "response", {}).get("Item") != put["Item"]:
                raise Conflict(entry.record.handshake_id) from error
        return written

    def save_together(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write all of up to 100 entries, or none; see `Ledger.save_together`."""
        puts = [self._put(entry) for entry in entries]
        try:
            self._client.transact_write_items(TransactItems=[{"Put": put} for _, put in puts])
        except CALL_ERRORS as error:
            raise LedgerError(f"the ledger can't be written: {describe_error(error)}") from error
        return [written for written, _ in puts]

    def acknowledge(self, entry: Entry, acknowledgement: Acknowledgement) -> Entry:
        """Add an acknowledgement to the entry that was read, and leave all else as it is, its end in the table too.

        Raises `Conflict` if the entry was written since, and `LedgerError`.
        """
        added = {name: serialize(value) for name, value in _acknowledgement_attributes(acknowledgement).items()}
        version = entry.version + 1
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"receiver": {"S": entry.record.receiver}, "handshake_id": {"S": entry.record.handshake_id}},
                UpdateExpression=f"SET {', '.join(f'{name} = :{name}' for name in added)}, version = :written",
                ConditionExpression="version = :read",
                ExpressionAttributeValues={
                    **{f":{name}": value for name, value in added.items()},
                    ":read": {"N": str(entry.version)},
                    ":written": {"N": str(version)},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except CALL_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise LedgerError(f"the ledger can't be written: {describe_error(error)}") from error
            # As in `save`: a retry of botocore fails over the first write.
            item = getattr(error, "response", {}).get("Item", {})
            if any(item.get(name) != value for name, value in added.items()):
                raise Conflict(entry.record.handshake_id) from error
        return replace(entry, acknowledgement=acknowledgement, version=version)

    def _put(self, entry: Entry) -> "tuple[Entry, PutTypeDef]":
        """An entry's next version, and the request that writes it over the version that was read."""
        written = replace(entry, version=entry.version + 1)
        return written, {
            "TableName": self._table,
            "Item": _to_item(written, self._retention),
            "ConditionExpression": "attribute_not_exists(version) OR version = :read",
            "ExpressionAttributeValues": {":read": {"N": str(entry.version)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


_TIMES: Final = ("lease_until", "first_seen_at", "updated_at", "last_kind_at", "last_event_at", "undone_at")
_RECORD_NAMES: Final = tuple(field.name for field in fields(Record))


def _to_item(entry: Entry, retention: timedelta) -> dict[str, Any]:
    """The entry as an item, without the attributes that are None."""
    attributes: dict[str, Any] = {
        **entry.record.as_dict(),
        "intent": entry.intent,
        "outbox": [event.detail for event in entry.outbox] or None,
        "news": entry.event_count,  # the attribute's name for good: deployed ledgers have it
        "last_kind": entry.last_kind,
        "sweep": entry.sweep,
        "version": entry.version,
        **{name: write_time(time) for name in _TIMES if (time := getattr(entry, name))},
        **(_acknowledgement_attributes(entry.acknowledgement) if entry.acknowledgement else {}),
    }
    if entry.first_seen_at:
        attributes["first_seen_on"] = entry.first_seen_at.date().isoformat()  # the key of the index by day
    if entry.updated_at:
        attributes["ttl"] = int((entry.updated_at + retention).timestamp())
    return {name: serialize(value) for name, value in attributes.items() if value is not None}


def _acknowledgement_attributes(acknowledgement: Acknowledgement) -> dict[str, str]:
    return {
        "acknowledged_by": acknowledgement.by,
        "acknowledged_at": write_time(acknowledgement.at),
        "acknowledged_reason": acknowledgement.reason,
    }


def _from_item(item: Mapping[str, Any]) -> Entry:
    attributes = {name: deserialize(value) for name, value in item.items()}
    record: dict[str, Any] = {name: attributes.get(name) for name in _RECORD_NAMES}
    record["rules"] = tuple(attributes["rules"])
    record.update((name, _time(record[name])) for name in TIMES)
    return Entry(
        record=Record(**record),
        intent=attributes.get("intent"),
        outbox=tuple(read_event(detail) for detail in attributes.get("outbox", ())),
        event_count=int(attributes["news"]),
        last_kind=attributes.get("last_kind"),
        acknowledgement=_acknowledgement(attributes),
        sweep=attributes["sweep"],
        version=int(attributes["version"]),
        **{name: _time(attributes.get(name)) for name in _TIMES},
    )


def _acknowledgement(attributes: Mapping[str, Any]) -> Acknowledgement | None:
    at = _time(attributes.get("acknowledged_at"))
    return Acknowledgement(attributes["acknowledged_by"], at, attributes["acknowledged_reason"]) if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
