"""What changes without any decision changing: the mode, the wait and how much is declined. Pure and exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from authoring.language import write_wait
from authoring.meaning.comparison import Direction
from authoring.meaning.pairs import Meeting, Pairs
from invitation_responder.policy import Effect, Policy, Rule


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
    return [*_mode(old, new, now), *_wait(old, new, now), *_cap(old, new, now)]


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
