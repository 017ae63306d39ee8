"""Lints of keywords: those that are redundant in their list, and those that look like a pattern. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ..diagnostics.catalog import PATTERN_KEYWORD, REDUNDANT_KEYWORD
from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.wording import quote
from ..language.source_map import Source

# If one keyword contains another: the redundant one of the two in each list of `notes`, and the reason.
_NEEDLESS: Final = {
    "any": ("longer", "wherever that is in the notes, {shorter} is enough"),
    "all": ("shorter", "wherever {longer} is in the notes, it is there, too"),
    "none": ("longer", "wherever that is in the notes, {shorter} rules them out"),
}
# Syntax of globs and regular expressions that hardly occurs in text. `[urgent]`, `ready?`, `100$` and `a.b` do occur.
_META: Final = re.compile(
    r"""
      \*                              # gift*
    | \?\?|-\?                        # CHG-????
    | \.\+                            # gift.+card
    | \\[bdswBDSW](?![A-Za-z])        # \d, but not the path C:\data
    | \[[^\]]*\w-\w[^\]]*\]           # [0-9]
    | \[[^\]]+\][+?{]                 # [xyz]+
    | \([^)]*\|[^)]*\)                # (gift|card)
    | \)[+?{]                         # (gift)?
    | \w\{[0-9]+(,[0-9]*)?\}          # x{3}
    | ^\^                             # ^gift
    """,
    re.VERBOSE,
)


def redundant_keywords(source: Source, _now: datetime) -> Iterator[Diagnostic]:
    """Keywords of a list that contain, or are part of, another keyword of the list: one of the two is redundant."""
    for place in source.rules.values():
        for part, (which, why) in _NEEDLESS.items():
            words = getattr(place.authored.notes, part)
            for index, word in enumerate(words):
                pair = next((pair for other in words if (pair := _pair(word, other, which))), None)
                if pair:
                    shorter, longer = map(quote, pair)
                    relation = f"contains {shorter}" if which == "longer" else f"is part of {longer}"
                    reason = why.format(shorter=shorter, longer=longer)
                    asks = "rules out" if part == "none" else "asks for"
                    what_to_do = (
                        f"remove {shorter} if {longer} is meant, else {longer}" if which == "longer" else "remove it"
                    )
                    message = f"{asks} {quote(word)}, which {relation} of the same list: {reason} ({what_to_do})"
                    yield source.diagnose(REDUNDANT_KEYWORD, place.authored.name, ("notes", part, index), message)


def _pair(word: str, other: str, which: str) -> tuple[str, str] | None:
    """The shorter and the longer of two keywords if `word` is the redundant one; else None."""
    shorter, longer = (other, word) if which == "longer" else (word, other)
    return (shorter, longer) if shorter != longer and shorter in longer else None


def pattern_keywords(source: Source, _now: datetime) -> Iterator[Diagnostic]:
    """Keywords that look like a pattern, although keywords are compared literally."""
    for place in source.rules.values():
        for part in _NEEDLESS:
            for index, word in enumerate(getattr(place.authored.notes, part)):
                match = _META.search(word)
                if match:
                    asks = "rules out" if part == "none" else "asks for"
                    fails = "no notes are ruled out by what it would match" if part == "none" else "no notes match it"
                    always = max(_META.sub("\n", word).split("\n"), key=len).strip()
                    like = f", like {quote(always)}" if always else ""
                    message = (
                        f"{asks} {quote(word)}, and {quote(match[0])} in it is text like any other, no pattern: "
                        f"{fails} but those with exactly this text (write the part that is always there{like})"
                    )
                    yield source.diagnose(PATTERN_KEYWORD, place.authored.name, ("notes", part, index), message)
