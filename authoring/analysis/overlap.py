"""Overlaps of two policies: handshakes that one cause decides in the old policy, another in the new. Pure and exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy, Rule

from .rule_index import RuleIndex
from .rule_set import RuleSet, content, last_day, only
from .witness import CONDITIONS, find_witness_outside


@dataclass(frozen=True, slots=True)
class Narrower:
    """Further constraints on a witness: rules that it must match, rules that it must miss, and the first day to try.

    A rule that it must miss is one of the pair's, or a single condition of an edited one.
    """

    required: tuple[Rule, ...] = ()
    avoided: tuple[Rule, ...] = ()
    since: date | None = None


class Overlap(NamedTuple):
    """A handshake that both causes of a pair decide, and the first day on which they do; None if from the start."""

    handshake: Handshake
    since: date | None


class Side(RuleSet):
    """One of the two policies of a comparison; `only` is the set of its rules that the other policy lacks."""

    def __init__(self, policy: Policy, other: Policy, now: datetime, *, is_old: bool) -> None:
        """Leave out the rules that have expired by `now`."""
        super().__init__(policy, now)
        shared = {content(rule) for rule in other.rules if not rule.is_expired(now)}
        self.only = self.where(lambda rule: content(rule) not in shared)
        self._is_old = is_old

    def in_order(self, own: Rule, other: Rule) -> tuple[Rule, Rule]:
        """A cause of this policy and a cause of the other policy, the old policy's first."""
        return (own, other) if self._is_old else (other, own)


class PolicyPair:
    """An old and a new policy, compared from a time on."""

    def __init__(self, old: Policy, new: Policy, now: datetime) -> None:
        """Leave out the rules that have expired by `now`."""
        self.old = Side(old, new, now, is_old=True)
        self.new = Side(new, old, now, is_old=False)
        self.sides = self.old, self.new
        ends = {rule.expires for side in self.sides for rule in side.rules if rule.expires}
        # Between two of these days no rule expires, so the same rules are active.
        self._days = [now.astimezone(UTC).date(), *sorted(ends)]

    @cached_property
    def _index(self) -> RuleIndex:
        """The rules of both sides and, last, each condition of the edited rules alone: all that a witness may avoid."""
        versions = (self.other(side).by_name.get(rule.name) for side in self.sides for rule in side.choose(side.only))
        edited = filter(None, versions)
        conditions = (only(rule, name) for rule in edited for name in CONDITIONS if getattr(rule, name) is not None)
        return RuleIndex((*self.old.rules, *self.new.rules, *conditions))

    @cached_property
    def _positions(self) -> dict[Rule, int]:
        return {rule: position for position, rule in enumerate(self._index.rules)}

    def other(self, side: Side) -> Side:
        """The side that this side is compared with."""
        return self.new if side is self.old else self.old

    def earliest(
        self, old: Rule, new: Rule, narrower: Narrower | None = None, before: Overlap | None = None
    ) -> Overlap | None:
        """The earliest overlap of two causes; None if they never overlap, or not earlier than `before`.

        Rules expire, so ever fewer override the causes: if they do not overlap on the last day on which both are
        active, they never do. Else a binary search finds the first day.
        """
        narrower = narrower or Narrower()
        low = self._days.index(narrower.since) if narrower.since else 0
        ends = [cause.expires for cause in (old, new) if cause.expires]
        high = self._days.index(min(ends)) - 1 if ends else len(self._days) - 1
        if before and before.since:
            high = min(high, self._days.index(before.since) - 1)
        if low > high:
            return None
        found = self._find(old, new, narrower, low)
        if found:
            return self._overlap_on(found, low)
        if low == high:
            return None
        found = self._find(old, new, narrower, high)
        if not found:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            earlier = self._find(old, new, narrower, middle)
            if earlier:
                found, high = earlier, middle
            else:
                low = middle
        return self._overlap_on(found, high)

    def may_overlap(self, side: Side, rule: Rule, effect: str, narrower: Narrower) -> bool:
        """False if a rule of a side overlaps with no cause by which the other side decides with an effect.

        It never does if it does not on its last day, when the fewest rules override it and any such cause.
        """
        other, day = self.other(side), last_day(rule)
        sets = {
            side: side.overriding(rule) & side.active_on(day) & side.overlapping(rule),
            other: other.stricter(effect) & other.active_on(day) & other.overlapping(rule),
        }
        required = (rule, *narrower.required)
        return self._find_outside(required, [sets[each] for each in self.sides], narrower.avoided) is not None

    def _overlap_on(self, handshake: Handshake, day: int) -> Overlap:
        return Overlap(handshake, self._days[day] if day else None)

    def _find(self, old: Rule, new: Rule, narrower: Narrower, day: int) -> Handshake | None:
        required = (old, new, *narrower.required)
        first = [
            side.overriding(cause) & side.active_on(self._days[day]) & side.overlapping(old) & side.overlapping(new)
            for side, cause in zip(self.sides, (old, new), strict=True)
        ]
        # Try the changed rules alone first: they are few, and mostly enough to rule out a witness.
        edited = [bits & side.only for side, bits in zip(self.sides, first, strict=True)]
        if self._find_outside(required, edited, narrower.avoided) is None:
            return None
        # Rules that never decide are those that others cover. If many rules overlap, many are covered.
        if not (self.old.ever_decides(old) and self.new.ever_decides(new)):
            return None
        return self._find_outside(required, first, narrower.avoided)

    def _find_outside(self, required: Sequence[Rule], sets: Sequence[int], avoided: Sequence[Rule]) -> Handshake | None:
        """A handshake that all of `required` match, and none of `avoided` and of the two sides' `sets` does."""
        old, new = sets
        further = reduce(or_, (1 << self._positions[rule] for rule in avoided), 0)
        return find_witness_outside(required, self._index, old | new << len(self.old.rules) | further)
