"""Files of JSON lines: recordings of `run --record`, and decision records in every form in which they come. Pure."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from invitation_responder.core.iso8601 import write_time

from ..diagnostics.wording import escape
from .known_handshake import InvalidRecordError, KnownHandshake, read_listed_line, read_record

_EXPECTED: Final = "expected a line of `responder run --record`, or a decision record"

T = TypeVar("T")


class InvalidHistory(Exception):  # noqa: N818 - one exception is many diagnostics, like `InvalidPolicy`
    """A history with records that can't be read, each with its place and what was expected. Nothing is decided."""

    def __init__(self, diagnostics: list[str]) -> None:
        """`diagnostics` are safe to print, one line each."""
        super().__init__("\n".join(diagnostics))


def listed_line(handshake: object, receiver: str, listed_at: datetime) -> str:
    """One handshake exactly as AWS listed it, on one line of ASCII, so that no terminal obeys the sender's text."""
    line = {
        "format": 1,
        "receiver": receiver or None,
        "listed_at": write_time(listed_at),
        "handshake": handshake,
    }
    return json.dumps(line, default=_as_text) + "\n"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def read_lines(content: bytes, file: str) -> list[KnownHandshake]:
    """The handshakes of a file, each once; raises `InvalidHistory` with every line that can't be read."""
    lines = content.split(b"\n")
    return collect(((f"{escape(file)}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()), _read)


def collect(places: Iterable[tuple[str, T]], read: Callable[[T], KnownHandshake]) -> list[KnownHandshake]:
    """The handshakes that `read` makes of the values at some places; all records of one handshake are merged.

    Raises `InvalidHistory` with every value that can't be read.
    """
    known_handshakes: dict[tuple[str, str], KnownHandshake] = {}
    diagnostics: list[str] = []
    for place, value in places:
        try:
            known = read(value)
        except InvalidRecordError as error:
            diagnostics.append(f"{place}: {error}")
            continue
        known_handshakes[known.key] = (
            known_handshakes[known.key].with_later(known) if known.key in known_handshakes else known
        )
    if diagnostics:
        raise InvalidHistory(diagnostics)
    return list(known_handshakes.values())


def _read(line: bytes) -> KnownHandshake:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidRecordError(f"it is not JSON ({_EXPECTED})") from error
    if isinstance(fields, dict):
        if "handshake" in fields:
            return read_listed_line(fields)
        fields = plain_item(fields)
        if "handshake_id" in fields:
            return read_record(fields)
    raise InvalidRecordError(f"it has neither `handshake` nor `handshake_id` ({_EXPECTED})")


def plain_item(fields: dict[str, Any]) -> dict[str, Any]:
    """The item in an object of DynamoDB's own JSON; any other object unchanged.

    `aws dynamodb get-item` prints that JSON, and exports of a table hold it.
    """
    item = fields.get("Item")
    return {name: _plain(value) for name, value in item.items()} if isinstance(item, dict) else fields


def _plain(typed: Any) -> Any:
    """A value of DynamoDB's own JSON as a plain value; None for types that no record has."""
    match typed:
        case {"S": text}:
            return text
        case {"L": [*values]}:
            return [_plain(value) for value in values]
        case {"M": dict(members)}:
            return {name: _plain(value) for name, value in members.items()}
    return None
