"""The API's form of a handshake in a source whose every scalar is text. Pure."""

import re
from typing import Any, Final

_TIMESTAMPS: Final = ("RequestedTimestamp", "ExpirationTimestamp")
MEMBERS: Final = ("Id", "Arn", "Parties", "State", "Action", "Resources", *_TIMESTAMPS)
_EPOCH_SECONDS: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def from_text(members: dict[str, Any]) -> dict[str, Any]:
    """The API's handshake from members that are text: a timestamp in epoch seconds becomes a number."""
    return {member: _scalar(member, value) for member, value in members.items()}


def _scalar(member: str, value: object) -> object:
    is_number = member in _TIMESTAMPS and isinstance(value, str) and _EPOCH_SECONDS.fullmatch(value)
    return float(value) if is_number and isinstance(value, str) else value
