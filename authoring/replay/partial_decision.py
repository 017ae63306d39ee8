"""The decisions that a policy can make about a handshake that is only partly known. Pure, and never a guess."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from invitation_responder.core.decision import STRICTEST_FIRST, Decider, Decision, require_age
from invitation_responder.core.policy import Effect, Keywords, Policy, Rule

from .known_handshake import OF_THE_RECEIVER, UNJUDGED, KnownHandshake

_THE_TEXT: Final = "what its sender wrote"
THE_RECEIVER: Final = "which account received it"
_MAX_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class PartialDecision:
    """The possible decisions: a single one if the policy's answer is certain, else one for each possible effect.

    `depends_on` says in words what decides between them. `residual` is equal for two policies only if they decide alike
    whatever the unknown turns out to be.
    """

    decisions: tuple[Decision, ...]
    depends_on: str = ""
    residual: Hashable = None
    # The receivers for which the answer differs from that for all others, each with its own answer.
    by_receiver: frozenset[tuple[str, Hashable]] = frozenset()

    @property
    def effects(self) -> frozenset[str]:
        """The possible effects."""
        return frozenset(decision.effect for decision in self.decisions)

    @property
    def reason(self) -> str:
        """The reason in one sentence, without anything that the sender wrote."""
        if len(self.decisions) == 1:
            return self.decisions[0].reason
        return f"it depends on {self.depends_on}: {join_decisions(self.decisions)}"

    @property
    def answer(self) -> Hashable:
        """A value that is equal for two policies only if they decide alike."""
        return self.effects if len(self.decisions) == 1 else (self.effects, self.residual)


class PartialDecider:
    """Decides by one policy: exactly if a handshake is known whole, else partially."""

    def __init__(self, policy: Policy) -> None:
        """Index the policy's rules; again for each combination of unknown conditions, once it comes up."""
        self.policy = policy
        self._exact = Decider(policy)
        self._rules = {rule.name: rule for rule in policy.rules}
        # The same rules are open for many handshakes.
        self._residual = cache(lambda name, unknown: _residual(self._rules[name], unknown))
        self._deciders: dict[frozenset[str], tuple[Decider, dict[Effect, Decider]]] = {}
        self._is_timeless = all(rule.expires is None for rule in policy.rules)

    def decide(self, known: KnownHandshake, now: datetime) -> PartialDecision:
        """The partial decision about a handshake at a time (timezone-aware)."""
        partial = self._whoever_received(known, now) if known.lacks_receiver else self._weigh(known, now)
        was = self._own_decision(known, now)
        return PartialDecision((was,)) if was and was.effect in partial.effects else partial

    def each(self, known: KnownHandshake, now: datetime) -> list[PartialDecision]:
        """The partial decision for each account that can make a difference, and last the one for all other accounts."""
        accounts = [alike[0] for alike in self._receivers(known, now)]
        partial = [self._weigh(known.received_by(account), now) for account in (*accounts, "")]
        if known.as_own:
            partial[-1] = _unless(known.as_own.receiver, partial[-1])
        return partial

    def _whoever_received(self, known: KnownHandshake, now: datetime) -> PartialDecision:
        others = self._receivers(known, now)
        *partial, elsewhere = self.each(known, now)
        differing = [
            (each, alike) for each, alike in zip(partial, others, strict=True) if each.answer != elsewhere.answer
        ]
        open_texts = {each.depends_on for each in (*partial, elsewhere) if len(each.decisions) > 1}
        dependencies = sorted(open_texts | ({THE_RECEIVER} if differing else set()))
        answers = frozenset((account, each.answer) for each, alike in differing for account in alike)
        return PartialDecision(
            _unite(partial, elsewhere), " and on ".join(dependencies), (elsewhere.answer, answers), answers
        )

    def _receivers(self, known: KnownHandshake, now: datetime) -> list[list[str]]:
        """The accounts for which the answer may differ from that for all others, grouped by equal answers.

        They are the accounts that rules name which match otherwise, and the sender's own account. If the Resources name
        another management account than the Arn, it is that account alone: for all others the handshake can't be judged.
        """
        if known.as_own:
            return [[known.as_own.receiver]]
        _, assuming = self._deciders_for(known.unknown)
        open_rules = [name for decider in assuming.values() for name in decider.decide(known.handshake, now).rules]
        named: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for name in open_rules:
            for condition in OF_THE_RECEIVER:
                for account in getattr(self._rules[name], condition) or ():
                    named[account].append((condition, name))
        if sender := known.handshake.management_account:
            named[sender].append(("sender", ""))
        alike: defaultdict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
        for account, names in named.items():
            alike[tuple(names)].append(account)
        return list(alike.values())

    def _own_decision(self, known: KnownHandshake, now: datetime) -> Decision | None:
        """The recorded decision, if this same policy made it and would make it again at `now`; else None.

        A handshake that is known whole is decided anew, for the reason.
        """
        if not known.unknown or (known.handshake.problems and not known.as_own):
            return None
        is_own = known.judged_by == self.policy.sha256 and (self._is_timeless or now == known.judged_at)
        return known.was if is_own else None

    def _weigh(self, known: KnownHandshake, now: datetime) -> PartialDecision:
        """The partial decision for a known receiver."""
        if not known.unknown or known.handshake.problems:
            return PartialDecision((self._exact.decide(known.handshake, now),))
        certain, assuming = self._deciders_for(known.unknown)
        decided = certain.decide(known.handshake, now)
        rivals: list[Decision] = []
        for effect in STRICTEST_FIRST:
            if decided.rules and effect == decided.effect:
                break  # a rule that is as strict or laxer changes nothing
            rival = assuming[effect].decide(known.handshake, now)
            if rival.rules:
                rivals.append(rival)
        partial = self._sum_up(decided, rivals, known.unknown)
        decisions = (require_age(each, self.policy, known.handshake, now) for each in partial.decisions)
        return replace(partial, decisions=tuple(decisions))

    def _sum_up(self, decided: Decision, rivals: list[Decision], unknown: frozenset[str]) -> PartialDecision:
        others = [rival for rival in rivals if rival.effect != decided.effect]
        for rival in rivals:
            if rival.effect == decided.effect:  # then `no rule matches` alone would be a guess
                decided = Decision(decided.effect, f"{decided.reason}; or {rival.reason}", decided.rules)
        names = {name for rival in rivals for name in rival.rules}
        residual = decided.effect, frozenset(self._residual(name, unknown) for name in names)
        return PartialDecision((*others, decided), _THE_TEXT if names else "", residual)

    def _deciders_for(self, unknown: frozenset[str]) -> tuple[Decider, dict[Effect, Decider]]:
        """The decider of the rules that name nothing unknown; by effect, those of the others, the unknown assumed."""
        if unknown not in self._deciders:
            answered = [rule for rule in self.policy.rules if not _unknown_conditions(rule, unknown)]
            assumed = [_assuming(rule, unknown) for rule in self.policy.rules if _unknown_conditions(rule, unknown)]
            self._deciders[unknown] = (
                self._decider(answered),
                {
                    effect: self._decider(rule for rule in assumed if rule.effect == effect)
                    for effect in STRICTEST_FIRST
                },
            )
        return self._deciders[unknown]

    def _decider(self, rules: Iterable[Rule]) -> Decider:
        """A decider that does not require an age yet: it is still open which decision declines."""
        return Decider(replace(self.policy, rules=tuple(rules), wait=timedelta()))


def _unknown_conditions(rule: Rule, unknown: frozenset[str]) -> list[str]:
    """The unknown conditions that a rule names."""
    return [name for name in sorted(unknown) if getattr(rule, name) not in (None, Keywords())]


def _assuming(rule: Rule, unknown: frozenset[str]) -> Rule:
    nothing: dict[str, Any] = dict.fromkeys(unknown)
    return replace(rule, **nothing)


def _residual(rule: Rule, unknown: frozenset[str]) -> Rule:
    """The residual of a rule: its unknown conditions and its effect, without its name."""
    return Rule("", rule.effect, **{name: getattr(rule, name) for name in unknown})


def _unless(account: str, partial: PartialDecision) -> PartialDecision:
    """The decision for all accounts but one, with a reason that names the exception."""
    (decision,) = partial.decisions
    reason = f"{decision.reason}, unless {account} received it"
    return replace(partial, decisions=(Decision(decision.effect, reason, decision.rules),))


def _unite(partial: Sequence[PartialDecision], elsewhere: PartialDecision) -> tuple[Decision, ...]:
    """One decision for each effect, the strictest first; the effects for all accounts that nothing names come last."""
    usual = {decision.effect: [decision] for decision in elsewhere.decisions}
    others: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in (decision for each in partial for decision in each.decisions):
        (usual if decision.effect in usual else others)[decision.effect].append(decision)
    strictest_first = [others[effect] for effect in (*STRICTEST_FIRST, "undecided") if effect in others]
    return (
        *(_one(same, {name for each in same for name in each.rules}) for same in strictest_first),
        *(_one(same, same[0].rules) for same in usual.values()),
    )


def _one(same: Sequence[Decision], rules: Iterable[str]) -> Decision:
    """Decisions of one effect, merged into one."""
    reasons = list(dict.fromkeys(decision.reason for decision in same))
    more = [f"{len(reasons) - _MAX_NAMED} more"] if len(reasons) > _MAX_NAMED else []
    return Decision(same[0].effect, "; or ".join((*reasons[:_MAX_NAMED], *more)), tuple(sorted(rules)))


def join_decisions(decisions: Iterable[Decision]) -> str:
    """Decisions in words: `decline by rule gifts or allow where no rule matches`."""
    return " or ".join(f"{decision.effect} {_by(decision)}" for decision in decisions)


def _by(decision: Decision) -> str:
    rules = decision.rules
    if decision.reason.startswith(UNJUDGED):
        return f"({decision.reason})"
    if not rules:
        return "where no rule matches"
    named = ", ".join(rules[:_MAX_NAMED])
    more = f" and {len(rules) - _MAX_NAMED} more" if len(rules) > _MAX_NAMED else ""
    return f"by rule{'s' if len(rules) > 1 else ''} {named}{more}"
