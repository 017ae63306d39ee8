"""The parameters of the handshake operations, read and checked as the service checks them.

Every function raises `InvalidInputError` for a wrong value. SDKs check presence and minimum lengths before they send;
the service checks patterns, enumerations and maxima.
"""

import re
from datetime import UTC, datetime
from typing import Any

from local.organizations.exceptions import InvalidInputError

Request = dict[str, Any]

ACTIONS = (
    "INVITE",
    "ENABLE_ALL_FEATURES",
    "APPROVE_ALL_FEATURES",
    "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
    "TRANSFER_RESPONSIBILITY",
)
MAX_NOTES = 1024
MAX_SOURCE_NAME = 128
MAX_PAGE = 20


def read_handshake_id(value: object) -> str:
    """The value, if it is a well-formed handshake id."""
    if not isinstance(value, str) or not re.fullmatch(r"h-[0-9a-z]{8,32}", value):
        raise InvalidInputError("INVALID_PATTERN", "You specified an invalid value for HandshakeId.")
    return value


def read_target(request: Request) -> tuple[str, str]:
    """The target's type, ACCOUNT or EMAIL, and its account id or address."""
    party = request.get("Target") or {}
    kind, value = party.get("Type"), party.get("Id")
    if not kind or not value:
        raise InvalidInputError("INPUT_REQUIRED", "You must include a value for Target.")
    if kind not in {"ACCOUNT", "EMAIL"}:
        # ORGANIZATION is in the enumeration, but only answers have it.
        reason = "INVALID_PARTY_TYPE_TARGET" if kind == "ORGANIZATION" else "INVALID_ENUM"
        raise InvalidInputError(reason, "You specified the wrong type of entity as a party.")
    if kind == "ACCOUNT" and not re.fullmatch(r"[0-9]{12}", value):
        # INVALID_PATTERN_TARGET_ID sounds closer, but is documented for the targets of policies.
        raise InvalidInputError("INVALID_PATTERN", "You specified an invalid value for Target.Id.")
    if kind == "EMAIL" and not re.fullmatch(r"[^\s@]+@[^\s@]+", value):
        raise InvalidInputError("INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address.")
    return kind, value


def read_notes(request: Request) -> str | None:
    """The notes, up to 1024 characters; None if there are none."""
    text: str | None = request.get("Notes")
    if text is not None and len(text) > MAX_NOTES:
        raise InvalidInputError("MAX_LENGTH_EXCEEDED", f"Notes are longer than {MAX_NOTES} characters.")
    return text


def read_filters(request: Request) -> tuple[str | None, str | None]:
    """The action and the parent handshake's id to filter by; at most one of them is not None."""
    chosen = request.get("Filter") or {}
    action, parent = chosen.get("ActionType"), chosen.get("ParentHandshakeId")
    if action and parent:
        raise InvalidInputError("MAX_LIMIT_EXCEEDED_FILTER", "You can specify only one filter parameter.")
    if action and action not in ACTIONS:
        raise InvalidInputError("INVALID_ENUM", "You specified an invalid value for Filter.ActionType.")
    return action, read_handshake_id(parent) if parent else None


def read_max_results(request: Request) -> int:
    """The number of handshakes on a page, from 1 to 20."""
    size: int = request.get("MaxResults", MAX_PAGE)
    if size > MAX_PAGE:
        raise InvalidInputError("MAX_VALUE_EXCEEDED", f"MaxResults is larger than {MAX_PAGE}.")
    if size < 1:
        raise InvalidInputError("MIN_VALUE_EXCEEDED", "MaxResults is smaller than 1.")
    return size


def read_transfer_type(request: Request) -> str:
    """The responsibility to transfer: BILLING, the only one in the model."""
    if request.get("Type") != "BILLING":
        raise InvalidInputError("INVALID_ENUM", "You specified an invalid value for Type.")
    return "BILLING"


def read_source_name(request: Request) -> str:
    """The sender's name for a transfer: 1 to 128 characters of printable ASCII."""
    name = request.get("SourceName") or ""
    if len(name) > MAX_SOURCE_NAME:
        raise InvalidInputError("MAX_LENGTH_EXCEEDED", "SourceName is longer than 128 characters.")
    if not re.fullmatch(r"[ -~]+", name):
        raise InvalidInputError("INVALID_PATTERN", "You specified an invalid value for SourceName.")
    return str(name)


def read_transfer_start(request: Request, now: datetime) -> datetime:
    """The start of a transfer: midnight (UTC) on the first day of a month after `now`."""
    start = datetime.fromtimestamp(request["StartTimestamp"], UTC)
    if (start.hour, start.minute, start.second, start.microsecond) != (0, 0, 0, 0):
        raise InvalidInputError("START_DATE_NOT_BEGINNING_OF_DAY", "The start must be the beginning of a day.")
    if start.day != 1:
        raise InvalidInputError("START_DATE_NOT_BEGINNING_OF_MONTH", "The start must be the first of a month.")
    if start <= now:
        raise InvalidInputError("START_DATE_TOO_EARLY", "The start date is too early.")
    return start
