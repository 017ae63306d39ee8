"""The wording of diagnostics: quoted user input, lists in words, suggestions for a wrong word."""

import difflib
from collections.abc import Iterable
from typing import Final

from invitation_responder.core.escaping import escape as escape_hidden
from invitation_responder.core.policy import EXCLUDING

_MAX_QUOTED: Final = 60


def quote(text: str) -> str:
    """User input in backticks, safe to print, and cut if it is long."""
    return f"`{quote_part(text)}`"


def escape(text: str) -> str:
    """Text on one line, without hidden characters, and without backticks, which would end a quotation."""
    return escape_hidden(text).replace("`", r"\x60")


def quote_part(text: str) -> str:
    """User input as in `quote`, but without the backticks."""
    return escape(text) if len(text) <= _MAX_QUOTED else f"{escape(text[:_MAX_QUOTED])}…"


def describe(value: object) -> str:
    """A value in words, for `found …` in a message: `a list`, `a mapping`, or the text itself."""
    if isinstance(value, str):
        return f"the text {quote(value)}" if value else "nothing"
    return "a list" if isinstance(value, list) else "a mapping"


# The words of other policy languages and tools, each with the word of this language.
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
    """At least one word, joined as `a, b or c`; `last` is the `or`."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def reason_of(error: OSError | ValueError) -> str:
    """The operating system's reason for an error, in lower case, for the inside of a sentence."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word that `text` most likely means: misspelt, in another case, or as other tools call it."""
    by_folded = {word.casefold(): word for word in known}
    folded = text[:_MAX_QUOTED].casefold()
    elsewhere = _ELSEWHERE.get(folded)
    if elsewhere in by_folded:
        return by_folded[elsewhere]
    # A suggestion without the `not_` would say the contrary.
    alike = [word for word in by_folded if word.startswith(_NOT)] if folded.startswith(_NOT) else []
    close = difflib.get_close_matches(folded, alike or by_folded, n=1)
    return by_folded[close[0]] if close else None
