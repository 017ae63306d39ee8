"""What changes without any decision changing: the mode, the wait and how much is declined. Pure and exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from authoring.analysis.overlap import Meeting, Narrower, Pairs
from authoring.analysis.rule_set import Causes
from authoring.analysis.semantic_diff import Direction
from authoring.language.policy import write_wait
from invitation_responder.core.policy import Effect, Policy, Rule


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A setting by which what is decided is carried out differently, and a handshake that this is so for."""

    name: str
    old: str
    new: str
    direction: Direction
    meaning: str
    meeting: Meeting


def compare_limits(old: Policy, new: Policy, now: datetime) -> list[LimitChange]:
    """Every change of what is done about handshakes that are decided alike, from `now` on.

    A setting that concerns no handshake (a wait where nothing is declined) is no change.
    """
    return [*_mode(old, new, now), *_wait(old, new, now), *_cap(old, new, now), *_leaving(old, new, now)]


def _mode(old: Policy, new: Policy, now: datetime) -> Iterator[LimitChange]:
    if old.mode == new.mode:
        return
    acting = new if new.mode == "enforce" else old
    effects: tuple[tuple[Effect, str, Direction], ...] = (
        ("decline", "declined", "narrowing" if acting is new else "widening"),
        ("accept", "accepted", "widening" if acting is new else "narrowing"),
    )
    for effect, done, direction in effects:
        meeting = decided(acting, acting, effect, now)
        if meeting:
            meaning = f"what only would have been {done} is {done}" if acting is new else f"nothing is {done} any more"
            yield LimitChange("mode", old.mode, new.mode, direction, meaning, meeting)


def _wait(old: Policy, new: Policy, now: datetime) -> Iterator[LimitChange]:
    meeting = decided(old, new, "decline", now) if old.wait != new.wait else None
    if meeting:
        longer = new.wait > old.wait
        meaning = f"what is declined is left {'longer' if longer else 'for a shorter time'} first"
        direction: Direction = "widening" if longer else "narrowing"
        yield LimitChange("wait", write_wait(old.wait), write_wait(new.wait), direction, meaning, meeting)


def _cap(old: Policy, new: Policy, now: datetime) -> Iterator[LimitChange]:
    caps = old.declines_per_sweep, new.declines_per_sweep
    # In audit mode nothing is counted; and what changes with the mode is told of the mode.
    if caps[0] == caps[1] or "audit" in (old.mode, new.mode):
        return
    meeting = decided(old, new, "decline", now)
    if meeting:
        fewer = caps[1] < caps[0]
        meaning = f"one sweep declines {'fewer' if fewer else 'more'}"
        direction: Direction = "widening" if fewer else "narrowing"
        yield LimitChange("declines_per_sweep", str(caps[0]), str(caps[1]), direction, meaning, meeting)


def _leaving(old: Policy, new: Policy, now: datetime) -> Iterator[LimitChange]:
    """What both policies accept, and only one of them for accounts that have to leave their organization."""
    pairs = Pairs(old, new, now)
    for rule in _leaving_rules(pairs.new):
        meeting = _leaves_only_by(pairs, rule, is_new=True)
        if meeting:
            meaning = f"rule {rule.name} accepts in members of another organization, too, which leave that"
            yield LimitChange("leave_organization", "false", "true", "widening", meaning, meeting)
    for rule in _leaving_rules(pairs.old):
        meeting = _leaves_only_by(pairs, rule, is_new=False)
        if meeting:
            meaning = f"rule {rule.name} no longer accepts in members of another organization"
            yield LimitChange("leave_organization", "true", "false", "narrowing", meaning, meeting)


def _leaving_rules(causes: Causes) -> list[Rule]:
    return [rule for rule in causes.rules if rule.leave_organization]


def _leaves_only_by(pairs: Pairs, rule: Rule, *, is_new: bool) -> Meeting | None:
    """What is accepted by a leaving rule in one policy, and by none in the other, as early as there is something."""
    other = pairs.old if is_new else pairs.new
    leaving = _leaving_rules(other)
    accepting = other.choose(other.meeting(rule) & other.of_effect("accept"))
    staying = [one for one in accepting if not one.leave_organization]
    found: list[Meeting] = []
    # Where a leaving rule of the other policy has expired, it does not have to be avoided any more.
    for day in (None, *sorted({one.expires for one in leaving if one.expires})):
        avoided = tuple(one for one in leaving if day is None or one.expires is None or one.expires > day)
        for one in staying:
            meeting = pairs.earliest(*((one, rule) if is_new else (rule, one)), Narrower(avoided=avoided, since=day))
            found.extend([meeting] if meeting else [])
    return min(found, key=lambda meeting: meeting.since or date.min, default=None)


def decided(old: Policy, new: Policy, effect: Effect, now: datetime) -> Meeting | None:
    """A handshake that both policies decide with an effect, as early as there is one."""
    pairs = Pairs(old, new, now)
    later: list[Meeting] = []
    for cause in (*pairs.old.choose(pairs.old.of_effect(effect)), *_with(pairs.old.defaults, effect)):
        met = pairs.new.choose(pairs.new.meeting(cause) & pairs.new.of_effect(effect))
        others = sorted(met, key=lambda other: other.name != cause.name)
        for other in (*others, *_with(pairs.new.defaults, effect)):
            meeting = pairs.earliest(cause, other)
            if meeting and meeting.since is None:
                return meeting
            later.extend([meeting] if meeting else [])
    return min(later, key=lambda meeting: meeting.since or date.max, default=None)


def _with(causes: tuple[Rule, ...], effect: Effect) -> list[Rule]:
    return [cause for cause in causes if cause.effect == effect]
