"""Keywords that change nothing beside others in their list. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from authoring.lints.catalog import KEYWORD
from authoring.lints.finding import Found
from authoring.mistakes import shown
from authoring.source import Source

# Which of the two is not needed where one keyword contains another, and why.
_NEEDLESS: Final = {
    "any": ("longer", "wherever that is in the notes, {shorter} is enough"),
    "all": ("shorter", "wherever {longer} is in the notes, it is there, too"),
    "none": ("longer", "wherever that is in the notes, {shorter} rules them out"),
}


def contained_keywords(source: Source, _now: datetime) -> Iterator[Found]:
    """Keywords of which one is a part of another one in the same list: one of them is not needed."""
    for place in source.rules.values():
        for part, (which, why) in _NEEDLESS.items():
            words = getattr(place.said.notes, part)
            for index, word in enumerate(words):
                pair = next((pair for other in words if (pair := _pair(word, other, which))), None)
                if pair:
                    shorter, longer = map(shown, pair)
                    relation = f"contains {shorter}" if which == "longer" else f"is part of {longer}"
                    reason = why.format(shorter=shorter, longer=longer)
                    asks = "rules out" if part == "none" else "asks for"
                    what_to_do = (
                        f"remove {shorter} if {longer} is meant, else {longer}" if which == "longer" else "remove it"
                    )
                    message = f"{asks} {shown(word)}, which {relation} of the same list: {reason} ({what_to_do})"
                    yield Found(KEYWORD, place.said.name, ("notes", part, index), message)


def _pair(word: str, other: str, which: str) -> tuple[str, str] | None:
    """The shorter and the longer of two keywords of which `word` is not needed; None where it is."""
    shorter, longer = (other, word) if which == "longer" else (word, other)
    return (shorter, longer) if shorter != longer and shorter in longer else None
