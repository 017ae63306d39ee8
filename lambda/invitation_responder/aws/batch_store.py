"""The batches of a sweep, in S3: the accounts of a large organization do not fit into a state's 256 KiB."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from invitation_responder.aws.client import CALL_ERRORS, describe_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class BatchStoreError(Exception):
    """The bucket can't be read or written. The cause is the error of the call."""


class BatchStore:
    """Reads and writes a round of a sweep: one object, a JSON array of batches, as a Distributed Map reads it."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Keep the objects in the bucket of this name."""
        self._client = client
        self._bucket = bucket

    def write(self, key: str, batches: Sequence[dict[str, Any]]) -> None:
        """Write the batches of one round; raises `BatchStoreError`."""
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=json.dumps(batches).encode(), ContentType="application/json"
            )
        except CALL_ERRORS as error:
            raise BatchStoreError(f"the batches can't be written: {describe_error(error)}") from error

    def read(self, key: str) -> list[dict[str, Any]]:
        """Read the batches of one round; raises `BatchStoreError`."""
        try:
            batches: list[dict[str, Any]] = json.loads(
                self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            )
        except CALL_ERRORS as error:
            raise BatchStoreError(f"the batches can't be read: {describe_error(error)}") from error
        return batches

    def delete(self, keys: Iterable[str]) -> None:
        """Delete the objects of a sweep that has ended; raises `BatchStoreError`."""
        for key in keys:
            try:
                self._client.delete_object(Bucket=self._bucket, Key=key)
            except CALL_ERRORS as error:
                raise BatchStoreError(f"the batches can't be deleted: {describe_error(error)}") from error
