"""How diagnostics are worded: user input quoted and safe to print, lists in words, the word that was meant."""

import difflib
from collections.abc import Iterable
from typing import Final

from invitation_responder.core.escaping import escape as escape_hidden
from invitation_responder.core.policy import EXCLUDING

_MAX_QUOTED: Final = 60


def quote(text: str) -> str:
    """User input in backticks: cut if it is long, and safe to print."""
    return f"`{quote_part(text)}`"


def escape(text: str) -> str:
    """Text on one line, with nothing hidden in it and no backtick that could end a quotation."""
    return escape_hidden(text).replace("`", r"\x60")


def quote_part(text: str) -> str:
    """User input without its backticks: cut if it is long, and safe to print."""
    return escape(text) if len(text) <= _MAX_QUOTED else f"{escape(text[:_MAX_QUOTED])}…"


def describe(value: object) -> str:
    """What a source holds instead of what was expected: `a list`, the text itself."""
    if isinstance(value, str):
        return f"the text {quote(value)}" if value else "nothing"
    return "a list" if isinstance(value, list) else "a mapping"


# What other policy languages and tools call it.
_ELSEWHERE: Final = {
    **dict.fromkeys(("deny", "reject", "refuse", "block", "forbid", "drop"), "decline"),
    **dict.fromkeys(("permit", "ignore", "skip"), "allow"),
    **dict.fromkeys(("approve", "join"), "accept"),
    **dict.fromkeys(("dry-run", "dryrun", "dry_run", "monitor", "report"), "audit"),
    **dict.fromkeys(("enforced", "live", "active"), "enforce"),
    **dict.fromkeys(("yes", "on", "y", "1"), "true"),
    **dict.fromkeys(("no", "off", "n", "0"), "false"),
    **{
        f"{word}_{condition}": excluding
        for excluding, condition in EXCLUDING.items()
        for word in ("exclude", "excluded", "excluding", "except", "without")
    },
}
_NOT: Final = "not_"


def join_words(words: Iterable[str], last: str) -> str:
    """`a, b or c`, with `last` being the `or`."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def reason_of(error: OSError | ValueError) -> str:
    """Why the operating system refused, in lower case, as it stands inside of a sentence."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, in whatever case it was written, or called as other tools call it."""
    by_folded = {word.casefold(): word for word in known}
    folded = text[:_MAX_QUOTED].casefold()
    elsewhere = _ELSEWHERE.get(folded)
    if elsewhere in by_folded:
        return by_folded[elsewhere]
    # Without its `not_` a word says the contrary of what was meant.
    alike = [word for word in by_folded if word.startswith(_NOT)] if folded.startswith(_NOT) else []
    close = difflib.get_close_matches(folded, alike or by_folded, n=1)
    return by_folded[close[0]] if close else None
