"""A policy's rules as sets of bits: the rules that overlap, override a cause, are active on a day. Pure."""

from bisect import bisect
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import date, datetime
from functools import cached_property
from itertools import accumulate
from operator import attrgetter, or_
from typing import Any, Final, cast

from invitation_responder.core.decision import STRICTEST_FIRST, Decision, decide_reference
from invitation_responder.core.handshake import ACTIONS, Handshake
from invitation_responder.core.index import pack, select
from invitation_responder.core.policy import EXCLUDING, Effect, Policy, Rule

from .rule_index import EXACT, RuleIndex
from .witness import find_witness_outside

# The causes of decisions that no rule makes. No rule can have these names.
PROTECTION: Final = "(protection)"
DEFAULT: Final = "(default)"


_CONTENT: Final = attrgetter(*(field.name for field in fields(Rule) if field.name != "name"))


def content(rule: Rule) -> Hashable:
    """All of a rule but its name: equal for rules that say the same."""
    return cast("Hashable", _CONTENT(rule))


def without(rule: Rule, condition: str) -> Rule:
    """The rule without one of its conditions."""
    fields: dict[str, Any] = {condition: None}
    return replace(rule, **fields)


def only(rule: Rule, condition: str) -> Rule:
    """The rule with one of its conditions alone."""
    fields: dict[str, Any] = {condition: getattr(rule, condition)}
    return Rule(rule.name, rule.effect, **fields)


class RuleSet:
    """The causes of a policy's decisions: its rules; protection and the default for handshakes that no rule matches."""

    def __init__(self, policy: Policy, now: datetime) -> None:
        """Leave out the rules that have expired by `now` (timezone-aware): they are never active again."""
        self.policy = policy
        self.rules = tuple(rule for rule in policy.rules if not rule.is_expired(now))
        self.by_name = {rule.name: rule for rule in self.rules}
        left = tuple(action for action in ACTIONS if action not in policy.protect)
        defaults = (Rule(PROTECTION, "allow", actions=policy.protect), Rule(DEFAULT, policy.default, actions=left))
        self.defaults = tuple(rule for rule in defaults if rule.actions)
        self._index = RuleIndex(self.rules)
        self.all = self._index.all
        ending = _by_end(self.rules)
        self._ends = sorted(ending)
        # The rules that have expired on none of these days, on the first of them, on the second and so on.
        self._expired: list[int] = [0, *accumulate((ending[day] for day in self._ends), or_)]
        self._deciding: dict[Rule, bool] = {}

    def choose(self, bits: int) -> Iterator[Rule]:
        """The rules of a set, in the policy's order."""
        return select(self.rules, bits)

    def decide(self, handshake: Handshake, now: datetime) -> Decision:
        """The policy's decision about a handshake, at the time of the set or later."""
        matching = tuple(self.choose(self._index.matching(handshake)))
        return decide_reference(replace(self.policy, rules=matching), handshake, now)

    def named(self, name: str) -> int:
        """The set of the rule with a name; none if there is no such rule."""
        return self._bits_by_name.get(name, 0)

    @cached_property
    def _bits_by_name(self) -> dict[str, int]:
        return {rule.name: 1 << position for position, rule in enumerate(self.rules)}

    def where(self, holds: Callable[[Rule], bool]) -> int:
        """The set of the rules for which a predicate holds."""
        return pack(map(holds, self.rules))

    def subset(self, bits: int, holds: Callable[[Rule], bool]) -> int:
        """Those rules of a set for which a predicate holds."""
        positions = select(range(len(self.rules)), bits)
        return _union(position for position in positions if holds(self.rules[position]))

    def overlapping(self, rule: Rule) -> int:
        """The set of the rules whose exact conditions share values with those of a rule, of this policy or another."""
        bits = self.all
        for condition in EXACT:
            values = getattr(rule, condition)
            if values is not None:
                bits &= self._index.conditions[condition].holding_any(values)
        return bits

    def surely_overlapping(self, rule: Rule) -> int:
        """Those of `overlapping` that match a handshake together with the rule, as far as no search is needed to tell.

        Where neither rule excludes anything, their other conditions can't keep them apart: notes hold any keywords,
        and a handshake any addresses.
        """
        return self.overlapping(rule) & self._excluding_nothing if _excludes_nothing(rule) else 0

    @cached_property
    def _excluding_nothing(self) -> int:
        return self.where(_excludes_nothing)

    def overriding(self, cause: Rule) -> int:
        """The set of the rules that override a cause of this policy: stricter rules; all rules for a default."""
        return self.all if cause in self.defaults else self.stricter(cause.effect)

    def stricter(self, effect: str) -> int:
        """The set of the rules with a stricter effect than this one."""
        return self._stricter[effect]

    @cached_property
    def _stricter(self) -> dict[str, int]:
        bits = 0
        stricter: dict[str, int] = {}
        for effect in STRICTEST_FIRST:
            stricter[effect] = bits
            bits |= self.of_effect(effect)
        return stricter

    def of_effect(self, effect: str) -> int:
        """The set of the rules with an effect."""
        return self._of_effect[effect]

    @cached_property
    def _of_effect(self) -> dict[str, int]:
        return {effect: self.where(lambda rule, wanted=effect: rule.effect == wanted) for effect in STRICTEST_FIRST}  # type: ignore[misc]

    def active_on(self, day: date) -> int:
        """The set of the rules that have not expired on a day."""
        return self.all & ~self._expired[bisect(self._ends, day)]

    def ever_decides(self, rule: Rule) -> bool:
        """True if a cause of this policy decides some handshake: on its last day, when the fewest rules override it."""
        if rule not in self._deciding:
            first = self.overriding(rule) & self.active_on(last_day(rule)) & self.overlapping(rule)
            self._deciding[rule] = not self.covers(first, rule)
        return self._deciding[rule]

    def ever_decides_as(self, effect: Effect) -> bool:
        """True if some handshake is decided with an effect, now or later."""
        causes = (*self.choose(self.of_effect(effect)), *self.defaults)
        return any(self.ever_decides(cause) for cause in causes if cause.effect == effect)

    def covers(self, bits: int, rule: Rule) -> bool:
        """True if every handshake that a rule matches is matched by rules of a set, too."""
        return find_witness_outside([rule], self._index, bits) is None

    def fewest(self, rule: Rule, *sets: int) -> list[Rule]:
        """A minimal subset of some sets that covers a rule, which all of them together must, and no rules must not.

        It is what is left when the rules are tried in their order, set after set, and left out if the others suffice.
        """
        positions = [position for bits in sets for position in select(range(len(self.rules)), bits)]
        return [self.rules[position] for position in self._needed(rule, positions, 0)]

    def _needed(self, rule: Rule, positions: list[int], rest: int) -> list[int]:
        """Those of some rules, by their positions, that a cover needs in addition to the set `rest`, which is none.

        Few of many rules are needed, so halves are left out at once: a search for each rule would be too many.
        """
        if len(positions) == 1:
            return positions
        first, second = positions[: len(positions) // 2], positions[len(positions) // 2 :]
        if self.covers(rest | _union(second), rule):
            return self._needed(rule, second, rest)
        needed = self._needed(rule, first, rest | _union(second))
        rest |= _union(needed)
        return needed if self.covers(rest, rule) else [*needed, *self._needed(rule, second, rest)]

    def same_as(self, rule: Rule) -> int:
        """The set of the rules that differ from a rule in their names at most."""
        return self._by_content[content(rule)]

    @cached_property
    def _by_content(self) -> dict[Hashable, int]:
        alike: dict[Hashable, int] = {}
        for position, rule in enumerate(self.rules):
            key = content(rule)
            alike[key] = alike.get(key, 0) | 1 << position
        return alike


def _excludes_nothing(rule: Rule) -> bool:
    return not (rule.notes and rule.notes.none) and all(getattr(rule, condition) is None for condition in EXCLUDING)


def _by_end(rules: Iterable[Rule]) -> dict[date, int]:
    ending: dict[date, int] = {}
    for position, rule in enumerate(rules):
        if rule.expires:
            ending[rule.expires] = ending.get(rule.expires, 0) | 1 << position
    return ending


def _union(positions: Iterable[int]) -> int:
    return sum(1 << position for position in positions)


def last_day(rule: Rule) -> date:
    """The last day on which a rule is active; `date.max` if it never expires."""
    return date.fromordinal(rule.expires.toordinal() - 1) if rule.expires else date.max
