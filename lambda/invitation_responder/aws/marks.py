"""Marks in DynamoDB: under an id, the time at which it was sent or published. DynamoDB deletes them by itself."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from invitation_responder.aws.client import CALL_ERRORS, describe_error

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# BatchGetItem takes 100 keys, BatchWriteItem 25 items (DynamoDB API reference).
_READS: Final = 100
_WRITES: Final = 25
_ROUNDS: Final = 5


class MarksError(Exception):
    """The table of the marks can't be read or written. The cause is the error of the call, if one failed."""


class Marks:
    """Reads and writes marks in batches."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        """Use the table of this name."""
        self._client = client
        self._table = table

    def read(self, ids: Iterable[str]) -> dict[str, datetime]:
        """The marks of the ids that have one, with their times; raises `MarksError`.

        A mark can be older than it was to be kept: DynamoDB takes days to delete it.
        """
        found: dict[str, datetime] = {}
        for batch in _batches(ids, _READS):
            keys = {"Keys": [{"id": {"S": one}} for one in batch], "ConsistentRead": True}
            for answer in self._in_rounds("BatchGetItem", self._client.batch_get_item, keys, "UnprocessedKeys"):
                for item in answer["Responses"].get(self._table, []):
                    found[item["id"]["S"]] = datetime.fromisoformat(item["at"]["S"])
        return found

    def write(self, ids: Iterable[str], now: datetime, *, keep: timedelta) -> None:
        """Mark the ids at `now`, for the time `keep` at least; raises `MarksError`."""
        at, ttl = {"S": now.astimezone(UTC).isoformat()}, {"N": str(int((now + keep).timestamp()))}
        for batch in _batches(ids, _WRITES):
            puts = [{"PutRequest": {"Item": {"id": {"S": one}, "at": at, "ttl": ttl}}} for one in batch]
            for _ in self._in_rounds("BatchWriteItem", self._client.batch_write_item, puts, "UnprocessedItems"):
                pass

    def _in_rounds(self, name: str, call: Any, request: Any, left: str) -> Iterator[Any]:
        """The answers to a call, made again for what DynamoDB has left unprocessed."""
        pending = {self._table: request}
        for _ in range(_ROUNDS):
            try:
                answer = call(RequestItems=pending)
            except CALL_ERRORS as error:
                raise MarksError(f"{name} on {self._table} failed: {describe_error(error)}") from error
            yield answer
            pending = answer.get(left) or {}
            if not pending:
                return
        raise MarksError(f"{name} on {self._table} left work undone {_ROUNDS} times: DynamoDB is overloaded")


def _batches(ids: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """The ids in batches of at most `size`, each id once, since DynamoDB takes no id twice in a call."""
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), size):
        yield unique[start : start + size]
