"""Files of JSON lines: what `run --record` writes, and every form in which decision records come. Pure."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from authoring.diagnostics.wording import escape
from authoring.replay.known_handshake import InvalidRecordError, KnownHandshake, read_listed_line, read_record
from invitation_responder.core.iso8601 import write_time

_EXPECTED: Final = "expected a line of `responder run --record`, or a decision record"

T = TypeVar("T")


class InvalidHistory(Exception):  # noqa: N818 - one exception is many mistakes, as with a policy's
    """Everything in a history that can't be read, each with its place and what was expected. Nothing is decided."""

    def __init__(self, diagnostics: list[str]) -> None:
        """`mistakes` are safe to print, one line each."""
        super().__init__("\n".join(diagnostics))


def listed_line(handshake: object, receiver: str, listed_at: datetime) -> str:
    """One handshake exactly as AWS listed it, on one line of ASCII, so that no terminal obeys what its sender wrote."""
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
    """The handshakes of a file, each once; raises `HistoryMistakes` with every line that can't be read."""
    lines = content.split(b"\n")
    return collect(((f"{escape(file)}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()), _read)


def collect(places: Iterable[tuple[str, T]], read: Callable[[T], KnownHandshake]) -> list[KnownHandshake]:
    """What `read` makes of everything at some places. All that is said of one handshake becomes one case."""
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
    """An object as it is; or the item in it, where it is DynamoDB's own JSON.

    That is what `aws dynamodb get-item` prints, and what exports of a table hold.
    """
    item = fields.get("Item")
    return {name: _plain(value) for name, value in item.items()} if isinstance(item, dict) else fields


def _plain(typed: Any) -> Any:
    """A value of DynamoDB's own JSON; None for the types that no record has."""
    match typed:
        case {"S": text}:
            return text
        case {"L": [*values]}:
            return [_plain(value) for value in values]
        case {"M": dict(members)}:
            return {name: _plain(value) for name, value in members.items()}
    return None
