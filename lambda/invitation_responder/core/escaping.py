"""Untrusted text made safe to show: one line, no hidden characters, limited length."""

from typing import Final

ELLIPSIS: Final = "…"


def printable(text: str, limit: int = 200) -> str:
    """The text escaped, and cut to `limit` characters."""
    escaped = escape(text[: limit + 1])
    return escaped if len(escaped) <= limit else escaped[: limit - 1] + ELLIPSIS


def escape(text: str) -> str:
    """Escape every character that is not plainly visible: controls, line ends, direction marks.

    The backslash is escaped as well, so that text can't imitate an escape.
    """
    return "".join(c if c.isprintable() and c != "\\" else _escape_one(c) for c in text)


def _escape_one(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
