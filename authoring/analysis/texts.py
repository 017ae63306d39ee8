"""What is settled about the text that a sender writes, while a handshake is looked for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal, NamedTuple

from authoring.analysis import globs, keywords
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Rule, normalize


class Demand(NamedTuple):
    """Of the notes, that they hold a keyword or do not; of the addresses, that one is like a pattern or none is."""

    of: Literal["notes", "emails"]
    value: str
    holds: bool


# All of its demands together are one way to meet a clause; a clause is met in one of its ways.
Way = tuple[Demand, ...]
Clause = tuple[Way, ...]


def clauses_to_match(rule: Rule) -> list[Clause]:
    """What a rule's conditions on text come to."""
    clauses: list[Clause] = []
    if rule.management_emails is not None:
        clauses.append(tuple((Demand("emails", glob, True),) for glob in rule.management_emails))
    if rule.notes is not None:
        if rule.notes.any:
            clauses.append(tuple((Demand("notes", word, True),) for word in rule.notes.any))
        clauses.extend(((Demand("notes", word, True),),) for word in rule.notes.all)
        clauses.extend(((Demand("notes", word, False),),) for word in rule.notes.none)
    return clauses


@lru_cache(maxsize=16384)
def clause_to_miss(rule: Rule) -> Clause:
    """The ways in which one of a rule's conditions on text does not hold; those that ask for no text come first."""
    ways: list[Way] = []
    if rule.management_emails is not None:
        ways.append(tuple(Demand("emails", glob, False) for glob in rule.management_emails))
    if rule.notes is not None:
        if rule.notes.any:
            ways.append(tuple(Demand("notes", word, False) for word in rule.notes.any))
        ways.extend((Demand("notes", word, False),) for word in rule.notes.all)
        ways.extend((Demand("notes", word, True),) for word in rule.notes.none)
    return tuple(ways)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is demanded of notes and addresses so far, and can be had. `notes` and `emails` where they are given."""

    contained: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    like: frozenset[str] = frozenset()
    unlike: frozenset[str] = frozenset()
    notes: str | None = None
    emails: tuple[str, ...] | None = None

    def write(self) -> tuple[tuple[str, ...], str]:
        """Addresses and notes that are as demanded."""
        emails = globs.write_emails(self.like, self.unlike) if self.emails is None else self.emails
        return emails, keywords.write_notes(self.contained, self.lacking) if self.notes is None else self.notes

    def demanding(self, way: Way) -> "Texts | None":
        """With more demands, itself where those follow from what is demanded anyway; None where they can't be met."""
        texts: Texts | None = self
        for demand in way:
            texts = texts and texts.with_one(demand)
        return texts

    def with_one(self, demand: Demand) -> "Texts | None":
        """With one more demand; see `demanding`."""
        return self._with_notes(demand) if demand.of == "notes" else self._with_emails(demand)

    def _with_notes(self, demand: Demand) -> "Texts | None":
        word = demand.value
        if self.notes is not None:
            return self if (word in self.notes) is demand.holds else None
        if demand.holds:
            if any(word in other for other in self.contained):
                return self
            return (
                replace(self, contained=self.contained | {word})
                if keywords.is_possible((word,), self.lacking)
                else None
            )
        if any(other in word for other in self.lacking):
            return self
        return replace(self, lacking=self.lacking | {word}) if keywords.is_possible(self.contained, (word,)) else None

    def _with_emails(self, demand: Demand) -> "Texts | None":
        glob = demand.value
        if self.emails is not None:
            return self if any(fnmatchcase(email, glob) for email in self.emails) is demand.holds else None
        if glob in (self.like if demand.holds else self.unlike):
            return self
        if demand.holds:
            return replace(self, like=self.like | {glob}) if globs.is_possible((glob,), self.unlike) else None
        unlike = self.unlike | {glob}
        return replace(self, unlike=unlike) if globs.is_possible(self.like, unlike) else None


def settle(start: Texts, clauses: Sequence[Clause]) -> Texts | None:
    """Texts that meet every clause beside what is demanded from the start, if there are any.

    What is demanded is written down. Demands are only added for clauses that the written text then fails, so that most
    clauses are never looked into.
    """
    waiting = [start]
    while waiting:
        texts = waiting.pop()
        unmet = _unmet(texts, clauses)
        if not unmet:
            return texts
        forced, choices = _force(texts, unmet)
        if forced is not texts:
            waiting.extend([forced] if forced else [])
        else:
            waiting.extend(reversed(min(choices, key=len)))
    return None


def _unmet(texts: Texts, clauses: Sequence[Clause]) -> list[Clause]:
    emails, notes = texts.write()
    meets = _Written(emails, normalize(notes)).__getitem__
    return [clause for clause in clauses if not any(all(map(meets, way)) for way in clause)]


class _Written(dict[Demand, bool]):
    """Whether text that is written meets a demand; many rules make the same ones."""

    def __init__(self, emails: Sequence[str], notes: str) -> None:
        super().__init__()
        self._emails, self._notes = emails, notes

    def __missing__(self, demand: Demand) -> bool:
        if demand.of == "notes":
            is_there = demand.value in self._notes
        else:
            is_there = any(fnmatchcase(email, demand.value) for email in self._emails)
        self[demand] = is_there is demand.holds
        return self[demand]


def _force(texts: Texts, unmet: Sequence[Clause]) -> tuple[Texts | None, list[list[Texts]]]:
    """With the demands of each clause that has one way left, None where one has none left; and the others' ways."""
    choices = []
    for clause in unmet:
        ways = [more for way in clause if (more := texts.demanding(way))]
        if not ways:
            return None, []
        if len(ways) == 1:
            texts = ways[0]
        else:
            choices.append(ways)
    return texts, choices


def texts_of(handshake: Handshake, *, emails: bool, notes: bool) -> Texts:
    """What is settled where a handshake's own addresses, or notes, or both, are given."""
    return Texts(
        emails=tuple(email.casefold() for email in handshake.emails) if emails else None,
        notes=normalize(handshake.notes) if notes else None,
    )
