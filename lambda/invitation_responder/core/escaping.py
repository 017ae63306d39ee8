"""Text from elsewhere, made safe to show: one line, nothing hidden in it, no longer than is useful."""

from typing import Final

ELLIPSIS: Final = "…"


def printable(text: str, limit: int = 200) -> str:
    """The text escaped, and cut where that is longer than `limit` characters."""
    escaped = escape(text[: limit + 1])
    return escaped if len(escaped) <= limit else escaped[: limit - 1] + ELLIPSIS


def escape(text: str) -> str:
    """Write every character as an escape that is not visibly itself: controls, line ends, direction marks.

    The backslash is escaped as well, so that nothing can look escaped that was not.
    """
    return "".join(c if c.isprintable() and c != "\\" else _escape_one(c) for c in text)


def _escape_one(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
