"""The semantic diff of an old and a new policy: each change of a decision, with a witness. Pure and exact.

A handshake is decided by causes: the rules of the strictest effect that match it; if no rule matches, protection or the
default. No rule that both policies have is the cause of the stricter of two decisions: it would decide as strictly in
the other policy. So the stricter decision comes from rules that the other policy lacks, or from a default; and if it
comes from a default, the other decision comes from rules that this policy lacks, or from another default. It is enough
to look, for each rule that only one policy has and for each other effect, for a handshake that the rule decides and the
other policy decides with that effect; and then for handshakes that no rule of either policy matches.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import product
from typing import Final, Literal

from invitation_responder.core.decision import STRICTEST_FIRST, Decision
from invitation_responder.core.handshake import ACTIONS, Handshake
from invitation_responder.core.policy import Policy, Rule

from .overlap import Narrower, Overlap, PolicyPair, Side
from .rule_set import only, without
from .witness import CONDITIONS

Direction = Literal["widening", "narrowing"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a decision. `handshake` is its witness; `since` is None if the change holds from the start.

    With any of `actions` the witness is decided the same way. `edited` is the rule and the condition whose edit causes
    the change; None if it takes more than a single condition.
    """

    handshake: Handshake
    since: date | None
    old: Decision
    new: Decision
    actions: tuple[str, ...]
    edited: tuple[str, str] | None = None

    @property
    def direction(self) -> Direction:
        """`widening` if less is declined or more is accepted, else `narrowing`."""
        return "widening" if _strictness(self.new.effect) < _strictness(self.old.effect) else "narrowing"


# Beyond this many changed rules, stop looking for a witness that avoids the others.
_FEW: Final = 20


def compare(old: Policy, new: Policy, now: datetime) -> list[Change]:
    """Every change of a decision from `now` (timezone-aware) on: the earliest first, then widening, then invitations.

    Empty if and only if no answer changes, now or later. There is a change for each rule that only one policy has, each
    effect with which the other policy decides what this rule decides, and each condition by whose edit the rule came to
    decide it.
    """
    return _Comparison(old, new, now).run()


def _strictness(effect: str) -> int:
    order: Sequence[str] = STRICTEST_FIRST
    return -order.index(effect)


def _urgency(change: Change) -> tuple[date, bool, bool]:
    return change.since or date.min, change.direction == "narrowing", change.handshake.action != "INVITE"


@dataclass(frozen=True, slots=True)
class _Query:
    """A query: does the other policy decide with `effect` anything that `rule` decides, which only `side` has?

    `default` is the default that would do so there; None if a rule would.
    """

    side: Side
    rule: Rule
    effect: str
    default: Rule | None = None


class _Comparison:
    """One comparison of an old and a new policy."""

    def __init__(self, old: Policy, new: Policy, now: datetime) -> None:
        self._now = now
        self._pair = PolicyPair(old, new, now)

    def run(self) -> list[Change]:
        changes = [change for query in self._queries() for change in self._answers(query)]
        return sorted(dict.fromkeys([*changes, *self._defaults()]), key=_urgency)

    def _queries(self) -> Iterator[_Query]:
        for side in self._pair.sides:
            for rule in side.choose(side.only):
                if not side.ever_decides(rule):
                    continue
                yield from (_Query(side, rule, effect) for effect in STRICTEST_FIRST if effect != rule.effect)
                for default in self._pair.other(side).defaults:
                    if default.effect != rule.effect:
                        yield _Query(side, rule, default.effect, default)

    def _answers(self, query: _Query) -> list[Change]:
        """A change for each edited condition that explains a difference; if none does, one change for the rule."""
        name = query.rule.name
        edited = [self._first(query, narrower, (name, condition)) for condition, narrower in self._edits(query)]
        if not any(edited):
            edited = [self._first(query, Narrower(avoided=self._others(query))) or self._first(query, Narrower())]
        return [change for change in edited if change]

    def _others(self, query: _Query) -> tuple[Rule, ...]:
        """The other rules that only this policy has: a witness that matches none of them shows the rule best.

        Empty if there are too many; then a witness of one rule may match others, too.
        """
        side = query.side
        candidates = side.only & side.overlapping(query.rule)
        if candidates.bit_count() > _FEW + 1:
            return ()
        return tuple(other for other in side.choose(candidates) if other is not query.rule)

    def _first(self, query: _Query, narrower: Narrower, edited: tuple[str, str] | None = None) -> Change | None:
        earliest: Overlap | None = None
        for cause in self._causes(query, narrower):
            old, new = query.side.in_order(query.rule, cause)
            earliest = self._pair.earliest(old, new, narrower, before=earliest) or earliest
            if earliest and earliest.since is None:
                break
        return self._change(*earliest, edited) if earliest else None

    def _causes(self, query: _Query, narrower: Narrower) -> Iterator[Rule]:
        """The causes that may give the query's effect in the other policy, the rule of the same name first."""
        if query.default:
            yield query.default
            return
        others = self._pair.other(query.side)
        candidates = others.overlapping(query.rule) & others.of_effect(query.effect)
        if _strictness(query.effect) > _strictness(query.rule.effect):
            candidates &= others.only  # a rule that both policies have would decide in both
        # One search may rule out many causes.
        is_worth_it = candidates.bit_count() > 1
        if is_worth_it and not self._pair.may_overlap(query.side, query.rule, query.effect, narrower):
            return
        named = others.named(query.rule.name) & candidates
        yield from others.choose(named)
        yield from others.choose(candidates & ~named)

    def _edits(self, query: _Query) -> Iterator[tuple[str, Narrower]]:
        """Each edited condition, with constraints on its witness: it alone fails in the other version of the rule."""
        rule = query.rule
        twin = self._pair.other(query.side).by_name.get(rule.name)
        if twin is None or twin.effect != rule.effect:
            return
        for condition in CONDITIONS:
            value = getattr(twin, condition)
            if value is not None and value != getattr(rule, condition):
                yield condition, Narrower((without(twin, condition),), (only(twin, condition),))
        if twin.expires is not None and twin.expires != rule.expires:
            yield "expires", Narrower((replace(twin, expires=None),), since=twin.expires)

    def _defaults(self) -> Iterator[Change]:
        """The changes for handshakes that no rule of either policy matches."""
        for old, new in product(self._pair.old.defaults, self._pair.new.defaults):
            overlap = self._pair.earliest(old, new) if old.effect != new.effect else None
            if overlap:
                yield self._change(*overlap)

    def _change(self, handshake: Handshake, since: date | None, edited: tuple[str, str] | None = None) -> Change:
        now = datetime.combine(since, time(), UTC) if since else self._now
        old, new = self._decide(handshake, now)
        if old.effect == new.effect:
            raise AssertionError(f"not decided differently: {handshake!r}")
        causes = (old.effect, old.rules), (new.effect, new.rules)
        alike = []
        for action in ACTIONS:
            other_old, other_new = self._decide(replace(handshake, action=action), now)
            if ((other_old.effect, other_old.rules), (other_new.effect, other_new.rules)) == causes:
                alike.append(action)
        return Change(handshake, since, old, new, tuple(alike), edited)

    def _decide(self, handshake: Handshake, now: datetime) -> tuple[Decision, Decision]:
        return self._pair.old.decide(handshake, now), self._pair.new.decide(handshake, now)
