"""The API's handshake as a source of text holds it: its members, and those that are not text. Pure."""

import re
from typing import Any, Final

_TIMESTAMPS: Final = ("RequestedTimestamp", "ExpirationTimestamp")
MEMBERS: Final = ("Id", "Arn", "Parties", "State", "Action", "Resources", *_TIMESTAMPS)
_EPOCH_SECONDS: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def from_text(members: dict[str, Any]) -> dict[str, Any]:
    """The handshake that a source holds in which everything is text: only the wire's timestamps are not."""
    return {member: _scalar(member, value) for member, value in members.items()}


def _scalar(member: str, value: object) -> object:
    is_number = member in _TIMESTAMPS and isinstance(value, str) and _EPOCH_SECONDS.fullmatch(value)
    return float(value) if is_number and isinstance(value, str) else value
