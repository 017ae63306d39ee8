"""Constraints on the text that a sender writes, and a solver for them. Pure."""

import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Rule

from . import globs, keywords


class Literal(NamedTuple):
    """One constraint: the notes contain a keyword or lack it; some address matches a glob, or none does."""

    of: typing.Literal["notes", "emails"]
    value: str
    holds: bool


# A conjunction holds if all of its literals do; a clause holds if one of its conjunctions does.
Conjunction = tuple[Literal, ...]
Clause = tuple[Conjunction, ...]


def clauses_to_match(rule: Rule) -> list[Clause]:
    """The clauses that all hold if and only if a rule's conditions on text do."""
    clauses: list[Clause] = []
    if rule.management_emails is not None:
        clauses.append(tuple((Literal("emails", glob, True),) for glob in rule.management_emails))
    if rule.notes is not None:
        if rule.notes.any:
            clauses.append(tuple((Literal("notes", word, True),) for word in rule.notes.any))
        clauses.extend(((Literal("notes", word, True),),) for word in rule.notes.all)
        clauses.extend(((Literal("notes", word, False),),) for word in rule.notes.none)
    return clauses


@lru_cache(maxsize=16384)
def clause_to_miss(rule: Rule) -> Clause:
    """The clause that holds if and only if one of a rule's conditions on text fails.

    Conjunctions that need no text come first.
    """
    conjunctions: list[Conjunction] = []
    if rule.management_emails is not None:
        conjunctions.append(tuple(Literal("emails", glob, False) for glob in rule.management_emails))
    if rule.notes is not None:
        if rule.notes.any:
            conjunctions.append(tuple(Literal("notes", word, False) for word in rule.notes.any))
        conjunctions.extend((Literal("notes", word, False),) for word in rule.notes.all)
        conjunctions.extend((Literal("notes", word, True),) for word in rule.notes.none)
    return tuple(conjunctions)


@dataclass(frozen=True, slots=True)
class Texts:
    """The literals assumed so far, which can all hold together.

    `notes` (normalized) and `emails` (case-folded) are the only possible text if they are given, else None.
    """

    contained: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    like: frozenset[str] = frozenset()
    unlike: frozenset[str] = frozenset()
    notes: str | None = None
    emails: tuple[str, ...] | None = None

    def write(self) -> tuple[tuple[str, ...], str]:
        """Addresses and notes for which all assumed literals hold."""
        emails = globs.write_emails(self.like, self.unlike) if self.emails is None else self.emails
        return emails, keywords.write_notes(self.contained, self.lacking) if self.notes is None else self.notes

    def with_all(self, conjunction: Conjunction) -> "Texts | None":
        """These texts with a conjunction assumed as well: unchanged if it follows already, None if it can't hold."""
        texts: Texts | None = self
        for literal in conjunction:
            texts = texts and texts.with_one(literal)
        return texts

    def with_one(self, literal: Literal) -> "Texts | None":
        """These texts with a literal assumed as well; see `with_all`."""
        return self._with_notes(literal) if literal.of == "notes" else self._with_emails(literal)

    def _with_notes(self, literal: Literal) -> "Texts | None":
        word = literal.value
        if self.notes is not None:
            return self if (word in self.notes) is literal.holds else None
        if literal.holds:
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

    def _with_emails(self, literal: Literal) -> "Texts | None":
        glob = literal.value
        if self.emails is not None:
            return self if any(fnmatchcase(email, glob) for email in self.emails) is literal.holds else None
        if glob in (self.like if literal.holds else self.unlike):
            return self
        if literal.holds:
            return replace(self, like=self.like | {glob}) if globs.is_possible((glob,), self.unlike) else None
        unlike = self.unlike | {glob}
        return replace(self, unlike=unlike) if globs.is_possible(self.like, unlike) else None


def solve(
    start: Texts, clauses: Sequence[Clause], more: Callable[[Sequence[str], str], Iterable[Clause]] | None = None
) -> Texts | None:
    """Texts that extend `start` and satisfy every clause; None if there are none.

    The search is lazy: it writes the texts assumed so far, then propagates and branches only on clauses that the
    written text fails. Most clauses are never looked into. Clauses that need not even be compared one by one are given
    by `more`, which returns those of them that some addresses and notes fail.
    """
    waiting = [start]
    while waiting:
        texts = waiting.pop()
        emails, written = texts.write()
        notes = normalize(written)
        unmet = _unmet(emails, notes, clauses)
        if more:
            unmet.extend(more(emails, notes))
        if not unmet:
            return texts
        forced, choices = _propagate(texts, unmet)
        if forced is not texts:
            waiting.extend([forced] if forced else [])
        else:
            waiting.extend(reversed(min(choices, key=len)))
    return None


def _unmet(emails: Sequence[str], notes: str, clauses: Sequence[Clause]) -> list[Clause]:
    def meets(literal: Literal) -> bool:
        if literal.of == "notes":
            return (literal.value in notes) is literal.holds
        return any(fnmatchcase(email, literal.value) for email in emails) is literal.holds

    return [clause for clause in clauses if not any(all(map(meets, conjunction)) for conjunction in clause)]


def _propagate(texts: Texts, unmet: Sequence[Clause]) -> tuple[Texts | None, list[list[Texts]]]:
    """Assume each conjunction that is the only possible one of its clause.

    Returns the texts, None if a clause has no possible conjunction; and the choices that the other clauses leave.
    """
    choices = []
    for clause in unmet:
        conjunctions = [more for conjunction in clause if (more := texts.with_all(conjunction))]
        if not conjunctions:
            return None, []
        if len(conjunctions) == 1:
            texts = conjunctions[0]
        else:
            choices.append(conjunctions)
    return texts, choices


def texts_of(handshake: Handshake, *, emails: bool, notes: bool) -> Texts:
    """Texts fixed to a handshake's own: its addresses if `emails` is true, its notes if `notes` is true."""
    return Texts(
        emails=tuple(email.casefold() for email in handshake.emails) if emails else None,
        notes=normalize(handshake.notes) if notes else None,
    )
