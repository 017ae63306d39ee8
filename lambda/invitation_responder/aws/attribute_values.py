"""DynamoDB's attribute values, by boto3's own conversion, which is imported when there is something to convert.

boto3 is a tenth of a cold start, and a sweep that finds nothing new in an empty ledger converts nothing.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


def serialize(value: Any) -> dict[str, Any]:
    """A plain value as an attribute value; raises `TypeError` for a value of another type."""
    return cast("dict[str, Any]", _serializer().serialize(value))


def deserialize(attribute: Any) -> Any:
    """An attribute value as a plain value, numbers as `Decimal`; raises `TypeError` for what is none."""
    return _deserializer().deserialize(attribute)


@cache
def _serializer() -> "TypeSerializer":
    from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415

    return TypeSerializer()


@cache
def _deserializer() -> "TypeDeserializer":
    from boto3.dynamodb.types import TypeDeserializer  # noqa: PLC0415

    return TypeDeserializer()
