"""Marks of what was sent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from invitation_responder.aws.marks import Marks, MarksError
from local.embedded.function import create_marks_table

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def client() -> Iterator[Any]:
    """A client of an empty table."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_marks_table(client, "marks")
        yield client


def test_what_is_written_is_read_and_nothing_else(client: Any) -> None:
    marks = Marks(client, "marks")
    marks.write(["a", "b"], NOW, keep=HOUR)
    assert marks.read(["b", "c"]) == {"b": NOW}


def test_a_later_mark_replaces_an_earlier_one(client: Any) -> None:
    marks = Marks(client, "marks")
    marks.write(["a"], NOW, keep=HOUR)
    marks.write(["a"], NOW + HOUR, keep=HOUR)
    assert marks.read(["a"]) == {"a": NOW + HOUR}


def test_a_mark_ends_when_it_need_not_be_kept_any_more(client: Any) -> None:
    Marks(client, "marks").write(["a"], NOW, keep=HOUR)
    [item] = client.scan(TableName="marks")["Items"]
    assert item["ttl"] == {"N": str(int((NOW + HOUR).timestamp()))}


def test_more_ids_than_a_call_takes_and_the_same_id_twice(client: Any) -> None:
    ids = [f"id-{number}" for number in range(230)]
    marks = Marks(client, "marks")
    marks.write([*ids, "id-0"], NOW, keep=HOUR)
    assert set(marks.read([*ids, "id-0"])) == set(ids)


def test_no_ids_are_no_call(client: Any) -> None:
    with Stubber(client):  # any call would be an error
        marks = Marks(client, "marks")
        marks.write([], NOW, keep=HOUR)
        assert marks.read([]) == {}


def test_what_dynamodb_leaves_undone_is_asked_for_again(client: Any) -> None:
    left = {"marks": {"Keys": [{"id": {"S": "b"}}]}}
    item = {"id": {"S": "a"}, "at": {"S": NOW.isoformat()}}
    with Stubber(client) as stub:
        stub.add_response("batch_get_item", {"Responses": {"marks": [item]}, "UnprocessedKeys": left})
        stub.add_response(
            "batch_get_item", {"Responses": {"marks": [item | {"id": {"S": "b"}}]}, "UnprocessedKeys": {}}
        )
        assert Marks(client, "marks").read(["a", "b"]) == {"a": NOW, "b": NOW}


def test_a_table_that_stays_overloaded_is_an_error(client: Any) -> None:
    left = {"marks": [{"PutRequest": {"Item": {"id": {"S": "a"}}}}]}
    with Stubber(client) as stub:
        for _ in range(5):
            stub.add_response("batch_write_item", {"UnprocessedItems": left})
        with pytest.raises(MarksError, match="BatchWriteItem on marks left work undone 5 times"):
            Marks(client, "marks").write(["a"], NOW, keep=HOUR)


def test_a_missing_table_is_an_error_that_names_it(client: Any) -> None:
    with pytest.raises(MarksError, match="BatchGetItem on other failed: ResourceNotFoundException"):
        Marks(client, "other").read(["a"])
