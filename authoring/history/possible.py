"""What a policy can decide about a handshake that is only partly known. Pure, and never a guess."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from authoring.history.case import Case
from invitation_responder.decision import STRICTEST_FIRST, Decider, Decision
from invitation_responder.handshake import Handshake
from invitation_responder.plan import plan
from invitation_responder.policy import Effect, Keywords, Policy, Rule

_WHOSE: Final = {
    "management_emails": "what its sender wrote",
    "notes": "what its sender wrote",
    "accounts": "which account received it",
    "not_accounts": "which account received it",
}
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Possible:
    """The decisions that are possible: one where the policy's answer is certain, else one for each possible effect.

    `depends_on` says in words what decides between them. `question` is the same for two policies only if they
    decide alike whatever that turns out to be.
    """

    decisions: tuple[Decision, ...]
    depends_on: str = ""
    question: tuple[str, frozenset[Rule]] | None = None

    @property
    def effects(self) -> frozenset[str]:
        """The effects that are possible."""
        return frozenset(decision.effect for decision in self.decisions)

    @property
    def reason(self) -> str:
        """Why, in one sentence, without anything that the sender wrote."""
        if len(self.decisions) == 1:
            return self.decisions[0].reason
        ways = " or ".join(f"{decision.effect} {_by(decision.rules)}" for decision in self.decisions)
        return f"it depends on {self.depends_on}: {ways}"


class Judge:
    """Decides by one policy what is known whole, and says of the rest what is possible."""

    def __init__(self, policy: Policy) -> None:
        """Index the policy's rules, once for each combination of things unknown that comes up."""
        self.policy = policy
        self._exact = Decider(policy)
        self._deciders: dict[frozenset[str], tuple[Decider, dict[Effect, Decider]]] = {}
        self._is_timeless = all(rule.expires is None for rule in policy.rules)

    def possible(self, case: Case, now: datetime) -> Possible:
        """What the policy can decide about a handshake at a time (timezone-aware)."""
        if not case.unknown or case.handshake.problems:
            return self._as_swept(Possible((self._exact.decide(case.handshake, now),)), case.handshake, now)
        possible = self._as_swept(self._weigh(case, now), case.handshake, now)
        was = self._own_decision(case, now)
        return Possible((was,)) if was and was.effect in possible.effects else possible

    def _own_decision(self, case: Case, now: datetime) -> Decision | None:
        """The recorded decision, if it is this very policy's and would be no other at `now`."""
        is_own = case.judged_by == self.policy.sha256 and (self._is_timeless or now == case.judged_at)
        return case.was if is_own else None

    def _as_swept(self, possible: Possible, handshake: Handshake, now: datetime) -> Possible:
        """As a sweep takes the decisions: it leaves a decline undecided that has to wait, and whose age is unknown."""
        steps = [plan([(handshake, decision)], self.policy, now, invitations=1)[0] for decision in possible.decisions]
        return replace(possible, decisions=tuple(step.decision for step in steps))

    def _weigh(self, case: Case, now: datetime) -> Possible:
        certain, assuming = self._deciders_for(case.unknown)
        decided = certain.decide(case.handshake, now)
        rivals: list[Decision] = []
        for effect in STRICTEST_FIRST:
            if decided.rules and effect == decided.effect:
                break  # what is as strict or laxer changes nothing
            rival = assuming[effect].decide(case.handshake, now)
            if rival.rules:
                rivals.append(rival)
        return self._sum_up(decided, rivals, case.unknown)

    def _sum_up(self, decided: Decision, rivals: list[Decision], unknown: frozenset[str]) -> Possible:
        others = [rival for rival in rivals if rival.effect != decided.effect]
        for rival in rivals:
            if rival.effect == decided.effect:  # then `no rule matches` alone would be a guess
                decided = replace(decided, reason=f"{decided.reason}; or {rival.reason}")
        names = {name for rival in rivals for name in rival.rules}
        open_rules = [rule for rule in self.policy.rules if rule.name in names]
        question = decided.effect, frozenset(_question(rule, unknown) for rule in open_rules)
        causes = sorted({_WHOSE[condition] for rule in open_rules for condition in _asked(rule, unknown)})
        return Possible((*others, decided), " and on ".join(causes), question)

    def _deciders_for(self, unknown: frozenset[str]) -> tuple[Decider, dict[Effect, Decider]]:
        """One for the rules that ask for nothing unknown; for each effect one for the others, as if they got it."""
        if unknown not in self._deciders:
            answered = [rule for rule in self.policy.rules if not _asked(rule, unknown)]
            assumed = [_assuming(rule, unknown) for rule in self.policy.rules if _asked(rule, unknown)]
            self._deciders[unknown] = (
                self._decider(answered),
                {
                    effect: self._decider(rule for rule in assumed if rule.effect == effect)
                    for effect in STRICTEST_FIRST
                },
            )
        return self._deciders[unknown]

    def _decider(self, rules: Iterable[Rule]) -> Decider:
        return Decider(replace(self.policy, rules=tuple(rules)))


def _asked(rule: Rule, unknown: frozenset[str]) -> list[str]:
    """The unknown things that a rule asks for."""
    return [name for name in sorted(unknown) if getattr(rule, name) not in (None, Keywords())]


def _assuming(rule: Rule, unknown: frozenset[str]) -> Rule:
    nothing: dict[str, Any] = dict.fromkeys(unknown)
    return replace(rule, **nothing)


def _question(rule: Rule, unknown: frozenset[str]) -> Rule:
    """What of a rule is open, under no name."""
    return Rule("", rule.effect, **{name: getattr(rule, name) for name in unknown})


def _by(rules: tuple[str, ...]) -> str:
    if not rules:
        return "where no rule matches"
    named = ", ".join(rules[:_MOST_NAMED])
    more = f" and {len(rules) - _MOST_NAMED} more" if len(rules) > _MOST_NAMED else ""
    return f"by rule{'s' if len(rules) > 1 else ''} {named}{more}"
