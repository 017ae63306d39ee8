"""Finds handshakes: one that some rules match and others do not, or the certainty that there is none. Pure.

Rules are boxes in a space of handshakes, so that this is all that questions about policies come to: may a rule ever
decide, do two policies ever differ. The search is exact. Values that no rule of the question names are all alike, and
a value that fewer of the avoided rules hold for is never worse than one that more hold for.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any, Final

from authoring.meaning.texts import Texts, clause_to_miss, clauses_to_match, settle, texts_of
from authoring.short_form import SOME_ACCOUNT, SOMEBODY, ShortForm, read_short_form
from invitation_responder.decision import failures
from invitation_responder.handshake import ACTIONS, Handshake
from invitation_responder.policy import Rule, normalize

# The conditions that compare for equality. Actions come last: they are few, and people think of INVITE first.
EXACT: Final = ("organizations", "management_accounts", "accounts", "actions")
CONDITIONS: Final = (*EXACT, "management_emails", "notes")

_SOME_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Given:
    """A handshake of which only the conditions in `free` may be changed."""

    handshake: Handshake
    free: Set[str]

    def value(self, condition: str) -> str | None:
        """The value that an exact condition has to compare with; None where it is free."""
        if condition in self.free:
            return None
        handshake = self.handshake
        values = {
            "organizations": handshake.organization,
            "management_accounts": handshake.management_account,
            "accounts": handshake.receiver,
            "actions": handshake.action,
        }
        return values[condition] or ""


def find(required: Sequence[Rule], avoided: Sequence[Rule], given: Given | None = None) -> Handshake | None:
    """A handshake that all of `required` match and none of `avoided` does; None where there is none.

    When rules expire is not looked at: give those that have not.
    """
    found = _Search(required, avoided, given).run()
    if found is not None and not _is_right(found, required, avoided):
        raise AssertionError(f"not what was looked for: {found!r}")
    return found


def match(rules: Sequence[Rule], handshake: Handshake) -> list[Rule]:
    """The rules that match a handshake while they count."""
    notes = normalize(handshake.notes)
    return [
        rule
        for rule in rules
        if all(failed.condition == "expires" for failed in failures(rule, handshake, notes, _SOME_TIME))
    ]


def _is_right(handshake: Handshake, required: Sequence[Rule], avoided: Sequence[Rule]) -> bool:
    return len(match(required, handshake)) == len(required) and not match(avoided, handshake)


@dataclass(slots=True)
class Condition:
    """An exact condition of some rules as bits: those that do not name it, and those that name a value."""

    unnamed: int = 0
    named: dict[str, int] = field(default_factory=dict)

    def holding(self, value: str) -> int:
        """The rules for which the condition holds."""
        return self.unnamed | self.named.get(value, 0)

    def meeting(self, values: Sequence[str]) -> int:
        """The rules for which the condition holds for one of the values."""
        return reduce(or_, map(self.holding, values))


class _Search:
    """Depth first over the exact conditions, one value after the other; then the text that is left."""

    def __init__(self, required: Sequence[Rule], avoided: Sequence[Rule], given: Given | None) -> None:
        self._required = required
        self._avoided = avoided
        self._given = given
        self._conditions = {condition: index(avoided, condition) for condition in EXACT}
        # After each condition: the rules that ask for nothing more, and so are missed by then or never.
        self._done = [_bits(avoided, EXACT[position + 1 :]) for position in range(len(EXACT))]

    def run(self) -> Handshake | None:
        return self._descend(0, (1 << len(self._avoided)) - 1, {})

    def _descend(self, depth: int, alive: int, values: dict[str, str]) -> Handshake | None:
        """`alive` are the avoided rules whose conditions all hold for `values`."""
        if depth == len(EXACT):
            return self._with_text(alive, values)
        condition = EXACT[depth]
        failed: list[int] = []
        for value in self._candidates(condition):
            left = alive & self._conditions[condition].holding(value)
            # Where a rule is matched for good there is nothing; nor where with fewer rules to miss nothing was found.
            if left & self._done[depth] or any(left & fewer == fewer for fewer in failed):
                continue
            found = self._descend(depth + 1, left, {**values, condition: value})
            if found is not None:
                return found
            failed.append(left)
        return None

    def _candidates(self, condition: str) -> Iterator[str]:
        """The values that the required rules and what is given leave, the most natural first."""
        given = self._given.value(condition) if self._given else None
        lists = [frozenset(values) for rule in self._required if (values := getattr(rule, condition)) is not None]
        if given is not None:
            yield from [given] if all(given in values for values in lists) else []
        elif lists:
            yield from _in_order(condition, frozenset.intersection(*lists))
        elif condition == "actions":
            yield from ACTIONS
        else:
            yield _unnamed(condition, self._conditions[condition].named)

    def _with_text(self, alive: int, values: dict[str, str]) -> Handshake | None:
        clauses = [clause for rule in self._required for clause in clauses_to_match(rule)]
        clauses += [clause_to_miss(rule) for position, rule in enumerate(self._avoided) if alive >> position & 1]
        texts = settle(self._start(), clauses)
        if texts is None:
            return None
        emails, notes = texts.write()
        if self._given:
            given = self._given
            emails = emails if "management_emails" in given.free else given.handshake.emails
            notes = notes if "notes" in given.free else given.handshake.notes
        return make_handshake(values, emails, notes)

    def _start(self) -> Texts:
        if self._given is None:
            return Texts()
        free = self._given.free
        return texts_of(self._given.handshake, emails="management_emails" not in free, notes="notes" not in free)


def _in_order(condition: str, values: frozenset[str]) -> list[str]:
    return [action for action in ACTIONS if action in values] if condition == "actions" else sorted(values)


def index(rules: Sequence[Rule], condition: str) -> Condition:
    """An exact condition of some rules; the first rule has the lowest bit."""
    bits = Condition()
    for position, rule in enumerate(rules):
        values = getattr(rule, condition)
        if values is None:
            bits.unnamed |= 1 << position
        for value in values or ():
            bits.named[value] = bits.named.get(value, 0) | 1 << position
    return bits


def _bits(rules: Sequence[Rule], conditions: Sequence[str]) -> int:
    """The rules that name none of the exact conditions, and nothing about text."""
    return sum(
        1 << position
        for position, rule in enumerate(rules)
        if rule.notes is None
        and rule.management_emails is None
        and all(getattr(rule, condition) is None for condition in conditions)
    )


def _unnamed(condition: str, named: Set[str] | dict[str, int]) -> str:
    """A value that none of the rules names."""
    usual = {
        "organizations": SOMEBODY.organization,
        "management_accounts": SOMEBODY.management_account,
        "accounts": SOME_ACCOUNT,
    }[condition]
    numbered = (f"{usual[:-6]}{number:06}" for number in range(1_000_000))
    return next(value for value in chain([usual], numbered) if value not in named)


def make_handshake(values: dict[str, str], emails: Sequence[str], notes: str) -> Handshake:
    """The handshake with these values of the exact conditions."""
    fields: dict[str, Any] = {
        "action": values["actions"],
        "organization": values["organizations"],
        "management_account": values["management_accounts"],
        "management_email": list(emails),
        "account": values["accounts"],
        "notes": notes,
    }
    return read_short_form(ShortForm.model_construct(**fields))
