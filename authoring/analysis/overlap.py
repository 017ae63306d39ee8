"""An old and a new policy side by side: handshakes that one cause decides here, another there. Pure and exact."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from authoring.analysis.rule_set import RuleSet, content
from authoring.analysis.witness import find
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy, Rule


@dataclass(frozen=True, slots=True)
class Narrower:
    """What else a handshake must match and miss, and the day from which on it counts."""

    required: tuple[Rule, ...] = ()
    avoided: tuple[Rule, ...] = ()
    since: date | None = None


class Overlap(NamedTuple):
    """A handshake that both causes of a pair decide, and from which day on they do; None where from the start."""

    handshake: Handshake
    since: date | None


class PolicyPair:
    """The pairs of an old and a new policy's causes, from a time on."""

    def __init__(self, old: Policy, new: Policy, now: datetime) -> None:
        """What has expired by `now` is left out."""
        self.old, self.new = RuleSet(old, now), RuleSet(new, now)
        shared = {content(rule) for rule in self.old.rules} & {content(rule) for rule in self.new.rules}
        # The rules that one policy has alone.
        self.old_only = self.old.where(lambda rule: content(rule) not in shared)
        self.new_only = self.new.where(lambda rule: content(rule) not in shared)
        ends = {rule.expires for causes in (self.old, self.new) for rule in causes.rules if rule.expires}
        # From one of these days to the next the same rules count.
        self._days = [now.astimezone(UTC).date(), *sorted(ends)]

    def earliest(
        self, old: Rule, new: Rule, narrower: Narrower | None = None, before: Overlap | None = None
    ) -> Overlap | None:
        """A handshake on the earliest day that there is one; None where there never is, or none before another one.

        The later it is, the fewer rules are left that could decide first: where there is none on the last day on
        which both causes count, there is none at all.
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

    def _overlap_on(self, handshake: Handshake, day: int) -> Overlap:
        return Overlap(handshake, self._days[day] if day else None)

    def _find(self, old: Rule, new: Rule, narrower: Narrower, day: int) -> Handshake | None:
        required = (old, new, *narrower.required)
        met = [causes.overlapping(old) & causes.overlapping(new) for causes in (self.old, self.new)]
        first = [
            causes.overriding(cause) & causes.active_on(self._days[day]) & bits
            for causes, cause, bits in zip((self.old, self.new), (old, new), met, strict=True)
        ]
        # What an edit made impossible is mostly seen from the edited rules, and those are few.
        edited = [*self.old.choose(first[0] & self.old_only), *self.new.choose(first[1] & self.new_only)]
        if find(required, [*edited, *narrower.avoided]) is None:
            return None
        # Rules that never decide are the ones that others cover: where many overlap, there are many of them.
        if not (self.old.ever_decides(old) and self.new.ever_decides(new)):
            return None
        return find(required, [*self.old.choose(first[0]), *self.new.choose(first[1]), *narrower.avoided])
