"""Rules by what they ask of text: a keyword or glob is compared once for all rules that name it. Pure."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache, reduce
from operator import or_
from typing import Final

from invitation_responder.core.index import by_value, pack
from invitation_responder.core.policy import Keywords, Rule

_NO_KEYWORDS: Final = Keywords()


class TextIndex:
    """The conditions of some rules on text, as sets of rules: a bit for each rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Index the keywords and globs of the rules."""
        self._globs = by_value(rule.management_emails for rule in rules)
        self._any, self._all, self._none = (
            by_value(getattr(rule.notes or _NO_KEYWORDS, part) for rule in rules) for part in ("any", "all", "none")
        )
        # The rules that no address and no keyword of `any` is needed for.
        self._of_all_emails = pack(rule.management_emails is None for rule in rules)
        self._of_all_notes = pack(rule.notes is None or not rule.notes.any for rule in rules)
        # Searches for one rule try the same few texts again and again.
        self._holding_for_emails = lru_cache(self._compare_emails)
        self._holding_for_notes = lru_cache(self._compare_notes)

    def holding(self, emails: Sequence[str], notes: str) -> int:
        """The rules whose conditions on text hold for case-folded addresses and normalized notes."""
        return self._holding_for_emails(tuple(emails)) & self._holding_for_notes(notes)

    def _compare_emails(self, emails: Sequence[str]) -> int:
        return self._of_all_emails | _union(self._globs, lambda glob: any(fnmatchcase(one, glob) for one in emails))

    def _compare_notes(self, notes: str) -> int:
        named = self._of_all_notes | _union(self._any, lambda word: word in notes)
        failed = _union(self._all, lambda word: word not in notes) | _union(self._none, lambda word: word in notes)
        return named & ~failed


def _union(sets: dict[str, int], holds: Callable[[str], bool]) -> int:
    return reduce(or_, (bits for value, bits in sets.items() if holds(value)), 0)
