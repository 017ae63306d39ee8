"""A line of a source with a caret below it: safe to print, and no wider than a terminal. Pure."""

from typing import Final

from rich.cells import cell_len

from invitation_responder.printable import ELLIPSIS, escape

_WIDTH: Final = 80
_BEFORE: Final = 30


def excerpt(source: bytes, line: int, column: int) -> list[str]:
    """The line of that number (from 1) and a caret under that column; nothing where there is no such line."""
    lines = source.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if line > len(lines):
        return []
    text = lines[line - 1].decode("utf-8", "backslashreplace").rstrip("\r")
    if not text.strip():
        return []
    gutter = f"{line:5} | "
    room = _WIDTH - len(gutter)
    start = 0 if column <= room else column - 1 - _BEFORE
    cut = ELLIPSIS if start else ""
    before = cut + escape(text[start : column - 1])
    shown = _fit(before + escape(text[column - 1 :]), room)
    return [gutter + shown, f"{'':5} | {' ' * cell_len(before)}^"]


def _fit(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return text
    while cell_len(text) > room - 1:
        text = text[: room - 1] if len(text) >= room else text[:-1]
    return text + ELLIPSIS
