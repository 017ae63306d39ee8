"""DynamoDB's attribute values, as far as the tables have them: text, whole numbers, truth values, lists and maps.

boto3's own conversion can't be imported without all of boto3, which is a tenth of a cold start.
"""

from collections.abc import Mapping
from typing import Any


def serialize(value: Any) -> dict[str, Any]:
    """A plain value as an attribute value; raises `TypeError` for a value that the tables never have."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [serialize(item) for item in value]}
        case Mapping():
            return {"M": {name: serialize(item) for name, item in value.items()}}
    raise TypeError(f"no attribute of our tables has a value of the type {type(value).__name__}")


def deserialize(attribute: Mapping[str, Any]) -> Any:
    """An attribute value as a plain value; raises `TypeError` or `ValueError` for a value that we never write."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "L":
            return [deserialize(item) for item in value]
        case "M":
            return {name: deserialize(item) for name, item in value.items()}
        case "NULL":
            return None
    raise TypeError(f"our tables have no attribute of the type {kind}")
