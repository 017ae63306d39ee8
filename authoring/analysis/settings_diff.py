"""Changes of how decisions are carried out: mode, wait, the cap on declines, and leaving. Pure and exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from invitation_responder.core.policy import Effect, Policy, Rule

from ..language.scalars import write_wait
from .overlap import Narrower, Overlap, PolicyPair, Side
from .rule_set import RuleSet
from .semantic_diff import Direction


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A changed setting that carries decisions out differently; `overlap` holds a witness."""

    name: str
    old: str
    new: str
    direction: Direction
    meaning: str
    overlap: Overlap


def compare_settings(old: Policy, new: Policy, now: datetime) -> list[SettingChange]:
    """Every change, from `now` (timezone-aware) on, of what is done about handshakes that are decided alike.

    A setting that concerns no handshake is no change: a wait, for example, if nothing is declined.
    """
    return [*_mode(old, new, now), *_wait(old, new, now), *_cap(old, new, now), *_leaving(old, new, now)]


def _mode(old: Policy, new: Policy, now: datetime) -> Iterator[SettingChange]:
    if old.mode == new.mode:
        return
    acting = new if new.mode == "enforce" else old
    effects: tuple[tuple[Effect, str, Direction], ...] = (
        ("decline", "declined", "narrowing" if acting is new else "widening"),
        ("accept", "accepted", "widening" if acting is new else "narrowing"),
    )
    for effect, done, direction in effects:
        overlap = find_decided(acting, acting, effect, now)
        if overlap:
            meaning = f"what only would have been {done} is {done}" if acting is new else f"nothing is {done} any more"
            yield SettingChange("mode", old.mode, new.mode, direction, meaning, overlap)


def _wait(old: Policy, new: Policy, now: datetime) -> Iterator[SettingChange]:
    overlap = find_decided(old, new, "decline", now) if old.wait != new.wait else None
    if overlap:
        longer = new.wait > old.wait
        meaning = f"what is declined is left {'longer' if longer else 'for a shorter time'} first"
        direction: Direction = "widening" if longer else "narrowing"
        yield SettingChange("wait", write_wait(old.wait), write_wait(new.wait), direction, meaning, overlap)


def _cap(old: Policy, new: Policy, now: datetime) -> Iterator[SettingChange]:
    caps = old.declines_per_sweep, new.declines_per_sweep
    # In audit mode nothing is counted; and `_mode` reports what changes with the mode.
    if caps[0] == caps[1] or "audit" in (old.mode, new.mode):
        return
    overlap = find_decided(old, new, "decline", now)
    if overlap:
        fewer = caps[1] < caps[0]
        meaning = f"one sweep declines {'fewer' if fewer else 'more'}"
        direction: Direction = "widening" if fewer else "narrowing"
        yield SettingChange("declines_per_sweep", str(caps[0]), str(caps[1]), direction, meaning, overlap)


def _leaving(old: Policy, new: Policy, now: datetime) -> Iterator[SettingChange]:
    """The changes for handshakes that both policies accept, but only one for members of another organization."""
    if not any(rule.leave_organization for rule in (*old.rules, *new.rules)):
        return
    pair = PolicyPair(old, new, now)
    for rule in _leaving_rules(pair.new):
        overlap = _leaves_only_by(pair, rule, pair.new)
        if overlap:
            meaning = f"rule {rule.name} accepts in members of another organization, too, which leave that"
            yield SettingChange("leave_organization", "false", "true", "widening", meaning, overlap)
    for rule in _leaving_rules(pair.old):
        overlap = _leaves_only_by(pair, rule, pair.old)
        if overlap:
            meaning = f"rule {rule.name} no longer accepts in members of another organization"
            yield SettingChange("leave_organization", "true", "false", "narrowing", meaning, overlap)


def _leaving_rules(rules: RuleSet) -> list[Rule]:
    return [rule for rule in rules.rules if rule.leave_organization]


def _leaves_only_by(pair: PolicyPair, rule: Rule, side: Side) -> Overlap | None:
    """The earliest overlap of a rule that leaves, on this side, and an accept rule that does not, on the other."""
    other = pair.other(side)
    leaving = _leaving_rules(other)
    accepting = other.choose(other.overlapping(rule) & other.of_effect("accept"))
    staying = [one for one in accepting if not one.leave_organization]
    overlaps: list[Overlap] = []
    # An expired rule of the other policy need not be avoided any more, so each such day can bring the first overlap.
    for day in (None, *sorted({one.expires for one in leaving if one.expires})):
        avoided = tuple(one for one in leaving if day is None or one.expires is None or one.expires > day)
        for one in staying:
            overlap = pair.earliest(*side.in_order(rule, one), Narrower(avoided=avoided, since=day))
            overlaps.extend([overlap] if overlap else [])
    return min(overlaps, key=lambda overlap: overlap.since or date.min, default=None)


def find_decided(old: Policy, new: Policy, effect: Effect, now: datetime) -> Overlap | None:
    """The earliest overlap of two causes that decide with an effect, one in each policy; None if there is none."""
    pair = PolicyPair(old, new, now)
    later: list[Overlap] = []
    for cause in (*pair.old.choose(pair.old.of_effect(effect)), *_with(pair.old.defaults, effect)):
        met = pair.new.choose(pair.new.overlapping(cause) & pair.new.of_effect(effect))
        others = sorted(met, key=lambda other: other.name != cause.name)
        for other in (*others, *_with(pair.new.defaults, effect)):
            overlap = pair.earliest(cause, other)
            if overlap and overlap.since is None:
                return overlap
            later.extend([overlap] if overlap else [])
    return min(later, key=lambda overlap: overlap.since or date.max, default=None)


def _with(causes: tuple[Rule, ...], effect: Effect) -> list[Rule]:
    return [cause for cause in causes if cause.effect == effect]
