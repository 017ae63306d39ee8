"""CloudTrail's records of calls that return a handshake: CloudTrail's spelling in, the API's out. Pure.

CloudTrail writes the first letter of a member's name in lower case, the whole of an action, and times in UTC as
`Jan 18, 2017 9:41:16 PM`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from invitation_responder.core.handshake import ACTIONS
from invitation_responder.core.policy import ACCOUNT_ID

from ..diagnostics.wording import quote
from ..language.api_form import MEMBERS
from .known_handshake import InvalidRecordError

_MEMBERS: Final = {member[0].lower() + member[1:]: member for member in MEMBERS}
_OF_A_PART: Final = {"id": "Id", "type": "Type", "value": "Value", "resources": "Resources"}
_ACTIONS: Final = {action.lower(): action for action in ACTIONS}
# Without `action`, which a handshake's short form may have, too.
OF_A_HANDSHAKE: Final = frozenset(_MEMBERS) - {"action"}
OF_A_RECORD: Final = frozenset({"eventName", "responseElements"})
_RECEIVERS_CALLS: Final = frozenset({"AcceptHandshake", "DeclineHandshake"})

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Newer Java puts a comma behind the year, and a narrow no-break space before the half of the day.
_TIME: Final = re.compile(
    rf"({'|'.join(_MONTHS)}) ([0-9]{{1,2}}), ([0-9]{{4}}),? (1[0-2]|0?[1-9]):([0-9]{{2}}):([0-9]{{2}})[ \u202f]([AP])M"
)


class Recorded(NamedTuple):
    """A handshake in the API's form, with the receiver and the time that the record around it gives, if any."""

    handshake: dict[str, Any]
    receiver: str = ""
    at: datetime | None = None


def is_of_cloudtrail(fields: Mapping[str, Any]) -> bool:
    """True for a record, a file of records, EventBridge's event around a record, and the handshake of a record."""
    return any(
        (
            fields.keys() >= OF_A_RECORD,
            isinstance(fields.get("Records"), list),
            _is_record(fields.get("detail")),
            _is_handshake(fields),
            "format" not in fields and _is_handshake(fields.get("handshake")),
        )
    )


def read_cloudtrail(fields: Mapping[str, Any]) -> list[Recorded]:
    """The handshakes in any of these forms; raises `InvalidRecordError` if there is none."""
    if _is_handshake(fields):
        return [Recorded(_as_api(fields))]
    records = fields.get("Records")
    if isinstance(records, list):
        found = [recorded for record in records if _is_record(record) for recorded in _read(record)]
        if not found:
            raise InvalidRecordError(f"none of its {len(records)} records of CloudTrail holds a handshake")
        return found
    detail = fields.get("detail")
    record = detail if isinstance(detail, dict) and _is_record(detail) else fields
    recorded = list(_read(record)) if _is_record(record) else list(_read({"responseElements": fields}))
    if not recorded:
        name = record.get("eventName")
        call = quote(name) if isinstance(name, str) else "a call"
        what_to_do = "take the record of a call that sent, answered or canceled a handshake"
        raise InvalidRecordError(f"CloudTrail's record of {call} has no `responseElements.handshake` ({what_to_do})")
    return recorded


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and value.keys() >= OF_A_RECORD


def _is_handshake(value: object) -> bool:
    """True for a mapping of CloudTrail's members; unknown members are allowed beside `arn`, the API's never."""
    if not isinstance(value, dict) or not value.keys() & OF_A_HANDSHAKE:
        return False
    return value.keys() <= _MEMBERS.keys() or ("arn" in value and value.keys().isdisjoint(MEMBERS))


def _read(record: Mapping[str, Any]) -> Iterator[Recorded]:
    answer = record.get("responseElements")
    handshake = answer.get("handshake") if isinstance(answer, dict) else None
    if isinstance(handshake, dict):
        yield Recorded(_as_api(handshake), _receiver(record), _event_time(record.get("eventTime")))


def _receiver(record: Mapping[str, Any]) -> str:
    """The account that answered, or the account that the sender invited; empty for an e-mail address."""
    asked = record.get("requestParameters")
    target = asked.get("target") if isinstance(asked, dict) else None
    account = target.get("id") if isinstance(target, dict) and target.get("type") == "ACCOUNT" else None
    if record.get("eventName") in _RECEIVERS_CALLS:
        account = record.get("recipientAccountId")
    return account if isinstance(account, str) and ACCOUNT_ID.fullmatch(account) else ""


def _event_time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time.astimezone(UTC) if time and time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _as_api(handshake: Mapping[str, Any]) -> dict[str, Any]:
    """The handshake in the API's spelling; unknown members stay unchanged, to be judged as they are."""
    api = {_MEMBERS.get(name, name): value for name, value in handshake.items()}
    action = api.get("Action")
    if isinstance(action, str):
        api["Action"] = _ACTIONS.get(action, action)
    for member in ("RequestedTimestamp", "ExpirationTimestamp"):
        if member in api:
            api[member] = _time(api[member])
    for member in ("Parties", "Resources"):
        if member in api:
            api[member] = _parts(api[member])
    return api


def _parts(value: object) -> object:
    """A list of parties or resources in the API's spelling, however deep they nest."""
    root: list[Any] = [value]
    waiting: list[list[Any]] = [root]
    while waiting:
        parts = waiting.pop()
        for index, part in enumerate(parts):
            if isinstance(part, list):
                parts[index] = list(part)
                waiting.append(parts[index])
            elif isinstance(part, dict):
                parts[index] = {_OF_A_PART.get(name, name): inner for name, inner in part.items()}
                children = parts[index].get("Resources")
                if isinstance(children, list):
                    parts[index]["Resources"] = list(children)
                    waiting.append(parts[index]["Resources"])
    return root[0]


def _time(value: object) -> object:
    """A time in CloudTrail's form as ISO 8601; any other value unchanged."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return value
    month, day, year, hour, minute, second, half = match.groups()
    hours = int(hour) % 12 + (12 if half == "P" else 0)
    try:
        return datetime(
            int(year), _MONTHS.index(month) + 1, int(day), hours, int(minute), int(second), tzinfo=UTC
        ).isoformat()
    except ValueError:
        return value
