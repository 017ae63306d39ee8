"""Mistakes in a policy's source: each with its place, what was expected and what to do, safe to print."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from invitation_responder.core.escaping import escape
from invitation_responder.core.policy import EXCLUDING

# Where something stands in a source: keys and list indices from the top, as in `("rules", 1, "organizations", 0)`.
Loc = tuple[str | int, ...]

_MOST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake. `file` is as the user gave it; `line` and `column` count lines and characters from 1.

    `path` and `message` hold nothing that a terminal or a log could take for something else.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        """One line, in the form that editors and CI turn into links."""
        place = f"{escaped(self.file)}:{self.line}:{self.column}"
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class PolicyMistakes(Exception):  # noqa: N818 - one exception is many mistakes, and none of them is the program's error
    """Every mistake of a policy's source, in the order of files, lines and columns. There is at least one."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Bring the mistakes into order."""
        self.mistakes: tuple[Mistake, ...] = tuple(sorted(set(mistakes)))
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        """One line for each mistake."""
        return "\n".join(map(str, self.mistakes))


def path_of(loc: Loc) -> str:
    """Write a place as people do; inside a rule it starts at the rule: `organizations[0]`, `notes.any[1]`."""
    match loc:
        case "rules", int(), first, *others:
            loc = (first, *others)
    parts = (f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" for part in loc)
    return "".join(parts).removeprefix(".")


def shown(text: str) -> str:
    """User input in backticks: cut when long, and without anything that is not plainly visible."""
    return f"`{_cut(text)}`"


def escaped(text: str) -> str:
    """Text on one line, with nothing hidden in it and no backtick that could end a quotation."""
    return escape(text).replace("`", r"\x60")


def _cut(text: str) -> str:
    return escaped(text) if len(text) <= _MOST_SHOWN else f"{escaped(text[:_MOST_SHOWN])}…"


def found(value: object) -> str:
    """Say what a source holds where something else was expected."""
    if isinstance(value, str):
        return f"the text {shown(value)}" if value else "nothing"
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


def listed(words: Iterable[str], last: str) -> str:
    """`a, b or c`, with `last` being the `or`."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, in whatever case it was written, or called as other tools call it."""
    by_folded = {word.casefold(): word for word in known}
    folded = text[:_MOST_SHOWN].casefold()
    meant = _ELSEWHERE.get(folded)
    if meant in by_folded:
        return by_folded[meant]
    # Without its `not_` a word says the contrary of what was meant.
    alike = [word for word in by_folded if word.startswith(_NOT)] if folded.startswith(_NOT) else []
    close = difflib.get_close_matches(folded, alike or by_folded, n=1)
    return by_folded[close[0]] if close else None
