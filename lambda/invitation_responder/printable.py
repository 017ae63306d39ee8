"""Text from elsewhere, made safe to show: one line, nothing hidden in it, no longer than is useful."""

from typing import Final

ELLIPSIS: Final = "…"


def printable(text: str, limit: int = 200) -> str:
    """Escape every character that is not visibly itself (controls, line ends, direction marks), and cut at `limit`.

    The backslash is escaped as well, so that what is shown says which characters there were.
    """
    shown = "".join(_escaped(character) for character in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + ELLIPSIS


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character == " " or character.isprintable():
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
