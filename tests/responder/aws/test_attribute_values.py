"""DynamoDB's attribute values, beside boto3's own conversion."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.aws.attribute_values import deserialize, serialize

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(10**37), 10**37),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
)


@given(VALUES)
def test_values_are_written_as_boto3_writes_them_and_read_back(value: Any) -> None:
    written = serialize(value)
    assert written == TypeSerializer().serialize(value)
    assert deserialize(written) == TypeDeserializer().deserialize(written) == value


def test_a_tuple_is_a_list() -> None:
    assert serialize(("a", "b")) == TypeSerializer().serialize(("a", "b"))


@pytest.mark.parametrize("value", [1.5, b"bytes", {"a", "set"}], ids=lambda value: type(value).__name__)
def test_a_value_that_the_tables_never_have_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match=f"of the type {type(value).__name__}"):
        serialize(value)


@pytest.mark.parametrize("attribute", [{"SS": ["a"]}, {"B": b""}, {"N": "1.5"}, {}, {"S": "a", "N": "1"}], ids=str)
def test_an_attribute_that_we_never_write_is_not_read(attribute: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        deserialize(attribute)
