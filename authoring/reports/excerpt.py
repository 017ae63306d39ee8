"""A line of a source with a caret below it: safe to print, and no wider than a terminal. Pure."""

import codecs
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from invitation_responder.core.escaping import ELLIPSIS, escape

_WIDTH: Final = 80
_BEFORE: Final = 30
_AFTER: Final = 30


def lines_of(source: bytes) -> list[bytes]:
    """The lines of a source, as `Place` counts them."""
    return source.removeprefix(codecs.BOM_UTF8).split(b"\n")


def excerpt(lines: Sequence[bytes], line: int, column: int) -> list[str]:
    """The line of a number (from 1), and a caret under a column; nothing if the line is missing or blank."""
    if line > len(lines):
        return []
    text = lines[line - 1].decode("utf-8", "replace").rstrip("\r")
    if not text.strip():
        return []
    gutter = f"{line:5} | "
    empty = f"{'':{len(gutter) - 3}} | "
    room = _WIDTH - len(gutter)
    # Only what can be shown is escaped: a file may be a single line with a thousand diagnostics.
    before = _escape(text[: column - 1][:room])
    following = min(cell_len(_escape(text[column - 1 :][:_AFTER])), _AFTER)
    if column > room or cell_len(before) + following > room:
        before = ELLIPSIS + _last(text[: column - 1])
    escaped = _fit(before + _escape(text[column - 1 :][:room]), room, is_cut=len(text) - column >= room)
    return [gutter + escaped, f"{empty}{' ' * cell_len(before)}^"]


def _escape(text: str) -> str:
    """Escape what is not plainly visible. A backslash stays as it is: an excerpt shows the source, not a message."""
    return "\\".join(map(escape, text.split("\\")))


def _last(text: str) -> str:
    """The end of a text, escaped, and no wider than `_BEFORE` columns."""
    start = max(len(text) - _BEFORE, 0)
    while cell_len(escaped := _escape(text[start:])) > _BEFORE:
        start += 1
    return escaped


def _fit(text: str, room: int, *, is_cut: bool) -> str:
    if cell_len(text) <= room and not is_cut:
        return text
    while cell_len(text) > room - 1:
        text = text[: room - 1] if len(text) >= room else text[:-1]
    return text + ELLIPSIS
