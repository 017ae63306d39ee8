"""The search for a witness: a handshake that some rules match and others do not. Pure.

Rules are boxes in a space of handshakes, so every question about policies reduces to this search: can a rule ever
decide, do two policies ever differ. The search is exact: it finds a witness if and only if there is one. Values that no
rule of the query names or excludes are interchangeable. A value for which some of the avoided rules hold is never worse
than a value for which these rules hold and more.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Final

from invitation_responder.core.decision import all_mismatches
from invitation_responder.core.handshake import ACTIONS, Handshake, Sender
from invitation_responder.core.index import EXCLUDED_BY, select
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import EXCLUDING, Rule

from ..language.short_form import SOME_ACCOUNT, SOMEBODY, make_handshake
from .rule_index import EXACT, RuleIndex
from .texts import Clause, Texts, clauses_to_match, solve, texts_of

CONDITIONS: Final = (*EXACT, *EXCLUDING, "management_emails", "notes")

_USUAL: Final = {
    "organizations": SOMEBODY.organization,
    "management_accounts": SOMEBODY.management_account,
    "accounts": SOME_ACCOUNT,
}
_SOME_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A handshake that a witness must equal, except in the conditions in `free`."""

    handshake: Handshake
    free: Set[str]

    def value(self, condition: str) -> str | None:
        """The handshake's value for an exact condition: None if the condition is free, empty if there is no value."""
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


def find_witness(required: Sequence[Rule], avoided: Sequence[Rule], pinned: Pinned | None = None) -> Handshake | None:
    """A witness: a handshake that all of `required` match and none of `avoided` does; None if there is none.

    Expiration is ignored: give only rules that have not expired. The witness is checked before it is returned; raises
    AssertionError if it is wrong.
    """
    rules = RuleIndex(avoided)
    return find_witness_outside(required, rules, rules.all, pinned)


def find_witness_outside(
    required: Sequence[Rule], rules: RuleIndex, avoided: int, pinned: Pinned | None = None
) -> Handshake | None:
    """The witness of `find_witness`; `avoided` is a set of the indexed rules, so that searches share an index."""
    found = _Search(required, rules, avoided, pinned).run()
    if found is not None and (len(match(required, found)) < len(required) or rules.matching(found) & avoided):
        raise AssertionError(f"not what was looked for: {found!r}")
    return found


def match(rules: Sequence[Rule], handshake: Handshake) -> list[Rule]:
    """The rules that match a handshake, whether they have expired or not."""
    notes = normalize(handshake.notes)
    return [
        rule
        for rule in rules
        if all(failed.condition == "expires" for failed in all_mismatches(rule, handshake, notes, _SOME_TIME))
    ]


class _Search:
    """A depth-first search: values of the exact conditions, then texts for the avoided rules that are left."""

    def __init__(self, required: Sequence[Rule], rules: RuleIndex, avoided: int, pinned: Pinned | None) -> None:
        self._required = required
        self._rules = rules
        self._avoided = avoided
        self._pinned = pinned
        # The rules that no text can fail, as far as is known; `_learn` adds to them.
        self._textless = rules.textless
        self._out = {
            condition: frozenset(value for rule in required for value in getattr(rule, EXCLUDED_BY[condition]) or ())
            for condition in EXACT
        }
        self._allowed = {condition: self._find_allowed(condition) for condition in EXACT}
        self._always = {condition: self._holding_for_all(condition) for condition in EXACT}

    def _find_allowed(self, condition: str) -> frozenset[str] | None:
        """The values that the required rules and the pinned handshake allow; None for all but those in `_out`."""
        lists = [frozenset(values) for rule in self._required if (values := getattr(rule, condition)) is not None]
        pinned = self._pinned.value(condition) if self._pinned else None
        if pinned is not None:
            lists.append(frozenset([pinned]))
        elif condition == "actions":
            lists.append(frozenset(ACTIONS))
        return frozenset.intersection(*lists) - self._out[condition] if lists else None

    def _holding_for_all(self, condition: str) -> int:
        """The avoided rules for which the condition holds, whichever allowed value is chosen."""
        bits, allowed = self._rules.conditions[condition], self._allowed[condition]
        holding = bits.unconstrained & ~bits.excluding
        if allowed is None:
            return holding
        others = self._avoided & ~holding
        for value in allowed:
            if not others:
                break
            others &= bits.holding(value)
        return holding | others

    def run(self) -> Handshake | None:
        return self._descend(self._avoided, {})

    def _descend(self, alive: int, values: dict[str, str]) -> Handshake | None:
        """Extend `values` to a witness; `alive` are the avoided rules whose conditions all hold for `values`."""
        conditions = [condition for condition in EXACT if condition not in values]
        if not conditions:
            return self._with_text(alive, values)
        failed: dict[str, list[int]] = {condition: [] for condition in conditions}
        for condition, value in self._branches(conditions, alive):
            left = alive & self._rules.conditions[condition].holding(value)
            matched = left & self._textless
            for other in conditions:
                matched &= -1 if other == condition else self._always[other]
            # Prune: either an avoided rule matches whatever follows, or the search failed with a subset of these rules
            # to avoid.
            if matched or any(left & fewer == fewer for fewer in failed[condition]):
                continue
            found = self._descend(left, {**values, condition: value})
            if found is not None:
                return found
            failed[condition].append(left)
        return None

    def _branches(self, conditions: Sequence[str], alive: int) -> Iterator[tuple[str, str]]:
        """The values to try: all of the next condition; or those excluded by a rule that nothing else can make fail."""
        only_excluding = alive & self._textless
        for condition in conditions:
            only_excluding &= self._rules.conditions[condition].unconstrained | self._always[condition]
        if not only_excluding:
            yield from ((conditions[0], value) for value in self._candidates(conditions[0], alive))
            return
        rule = next(select(self._rules.rules, only_excluding))
        for condition in conditions:
            allowed, out = self._allowed[condition], self._out[condition]
            for value in getattr(rule, EXCLUDED_BY[condition]) or ():
                if value not in out if allowed is None else value in allowed:
                    yield condition, value

    def _candidates(self, condition: str, alive: int) -> Iterator[str]:
        """The allowed values of a condition that are worth a try, the most natural first.

        If all but a few are allowed: one that no rule names or excludes, then those that an `alive` rule excludes.
        """
        allowed, out, bits = self._allowed[condition], self._out[condition], self._rules.conditions[condition]
        if allowed is not None:
            yield from _in_order(condition, allowed)
            return
        yield self._unconstrained_value(condition)
        excluding = select(self._rules.rules, alive & bits.excluding)
        yield from sorted({value for rule in excluding for value in getattr(rule, EXCLUDED_BY[condition])} - out)

    def _unconstrained_value(self, condition: str) -> str:
        """A value that no rule of the query names or excludes."""
        bits, out, usual = self._rules.conditions[condition], self._out[condition], _USUAL[condition]
        numbered = (f"{usual[:-6]}{number:06}" for number in range(1_000_000))
        return next(
            value for value in chain([usual], numbered) if not (value in out or bits.mentioning(value) & self._avoided)
        )

    def _with_text(self, alive: int, values: dict[str, str]) -> Handshake | None:
        clauses = [clause for rule in self._required for clause in clauses_to_match(rule)]
        texts = solve(self._start(), clauses, partial(self._rules.unmet, alive))
        if texts is None:
            self._learn(alive, clauses)
            return None
        emails, notes = texts.write()
        if self._pinned:
            pinned = self._pinned
            emails = emails if "management_emails" in pinned.free else pinned.handshake.emails
            notes = notes if "notes" in pinned.free else pinned.handshake.notes
        sender = Sender(values["organizations"], values["management_accounts"])
        return make_handshake(values["actions"], sender, values["accounts"], emails=tuple(emails), notes=notes)

    def _learn(self, alive: int, clauses: Sequence[Clause]) -> None:
        """Find the rules that no text fails, among those that exclude values; to test them one by one is cheap."""
        excluding = alive & ~self._textless & self._rules.excluding
        for position, clause in select(self._rules.clauses_to_miss, excluding):
            if solve(self._start(), [*clauses, clause]) is None:
                self._textless |= 1 << position

    def _start(self) -> Texts:
        if self._pinned is None:
            return Texts()
        free = self._pinned.free
        return texts_of(self._pinned.handshake, emails="management_emails" not in free, notes="notes" not in free)


def _in_order(condition: str, values: frozenset[str]) -> list[str]:
    return [action for action in ACTIONS if action in values] if condition == "actions" else sorted(values)
