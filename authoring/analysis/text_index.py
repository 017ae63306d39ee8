"""Rules by what they ask of text: a text is compared only with what it may meet, once for all rules. Pure."""

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache, reduce
from operator import or_
from typing import Final, Generic, TypeVar

from invitation_responder.core.index import by_value, pack
from invitation_responder.core.policy import Keywords, Rule

_NO_KEYWORDS: Final = Keywords()
_WILDCARDS: Final = re.compile(r"[*?]")

T = TypeVar("T", bound=Hashable)


class TextIndex:
    """The conditions of some rules on text, as sets of rules: a bit for each rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Index the keywords and globs of the rules."""
        notes = [rule.notes or _NO_KEYWORDS for rule in rules]
        self._globs = by_value(rule.management_emails for rule in rules)
        self._any, self._none = (by_value(getattr(each, part) for each in notes) for part in ("any", "none"))
        self._all: dict[tuple[str, ...], int] = {}
        for position, each in enumerate(notes):
            if each.all:
                self._all[each.all] = self._all.get(each.all, 0) | 1 << position
        # The rules that no address and no keyword of `any` or of `all` is needed for.
        self._of_all_emails = pack(rule.management_emails is None for rule in rules)
        self._without_any = pack(not each.any for each in notes)
        self._without_all = pack(not each.all for each in notes)
        self._globs_by_part = ByPart((max(_WILDCARDS.split(glob), key=len), glob) for glob in self._globs)
        self._any_by_part = ByPart((word, word) for word in self._any)
        self._all_by_part = ByPart((max(words, key=len), words) for words in self._all)
        self._none_by_part = ByPart((word, word) for word in self._none)
        # Searches for one rule try the same few texts again and again.
        self._holding_for_emails = lru_cache(self._compare_emails)
        self._holding_for_notes = lru_cache(self._compare_notes)

    def holding(self, emails: Sequence[str], notes: str) -> int:
        """The rules whose conditions on text hold for case-folded addresses and normalized notes."""
        return self._holding_for_emails(tuple(emails)) & self._holding_for_notes(notes)

    def _compare_emails(self, emails: Sequence[str]) -> int:
        globs = (glob for one in emails for glob in self._globs_by_part.find(one) if fnmatchcase(one, glob))
        return self._of_all_emails | _union(self._globs, globs)

    def _compare_notes(self, notes: str) -> int:
        whole = (words for words in self._all_by_part.find(notes) if all(word in notes for word in words))
        any_holds = self._without_any | _union(self._any, self._any_by_part.find(notes))
        all_hold = self._without_all | _union(self._all, whole)
        return any_holds & all_hold & ~_union(self._none, self._none_by_part.find(notes))


class ByPart(Generic[T]):
    """Things that each need a text with a certain part, to be found by a text that may have it."""

    def __init__(self, things: Iterable[tuple[str, T]]) -> None:
        """Index things, each behind its part."""
        self._things: dict[str, list[T]] = {}
        for part, thing in things:
            self._things.setdefault(part, []).append(thing)
        self._by_length: dict[int, set[str]] = {}
        for part in self._things:
            self._by_length.setdefault(len(part), set()).add(part)

    def find(self, text: str) -> Iterator[T]:
        """The things whose parts a text contains; that takes no longer if there are many."""
        for length, parts in self._by_length.items():
            for part in parts & {text[start : start + length] for start in range(len(text) - length + 1)}:
                yield from self._things[part]


def _union(sets: dict[T, int], values: Iterable[T]) -> int:
    return reduce(or_, (sets[value] for value in values), 0)
