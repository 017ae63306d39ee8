"""Ours, and the ceiling: what a Python programmer writes by hand for the one policy of the benchmarks.

Both give the effect. The ceiling knows which conditions the policy's rules have, looks at the one rule about the
sender, and gives no reason.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from bench.contest.contestant import Contestant, Judge, Round
from bench.workload import NOW
from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Policy


def decide(policy: Policy) -> Judge:
    """Our decision, whose reason nobody reads."""
    return _judge_by(Decider(policy).decide)


def decide_with_reason(policy: Policy) -> Judge:
    """Our decision, with its reason."""
    decide = Decider(policy).decide

    def judge(handshakes: Sequence[Handshake]) -> Round:
        def decide_all() -> list[Decision]:
            decisions = [decide(handshake, NOW) for handshake in handshakes]
            for decision in decisions:
                _ = decision.reason
            return decisions

        return decide_all

    return judge


def write_by_hand(policy: Policy) -> Judge:
    """The ceiling: a dictionary by organization."""
    rules = {organization: rule for rule in policy.rules for organization in rule.organizations or ()}
    protected, default = frozenset(policy.protect), policy.default

    def decide(handshake: Handshake) -> str:
        sender = handshake.sender
        if handshake.problems or sender is None:
            return "undecided"
        rule = rules.get(sender.organization)
        if (
            rule is not None
            and (rule.actions is None or handshake.action in rule.actions)
            and (rule.accounts is None or handshake.receiver in rule.accounts)
            and (rule.management_accounts is None or sender.management_account in rule.management_accounts)
            and (rule.notes is None or _names_any(rule.notes.any, handshake.notes))
        ):
            return rule.effect
        return "allow" if handshake.action in protected else default

    return lambda handshakes: lambda: [decide(handshake) for handshake in handshakes]


def _judge_by(decide: Callable[..., Decision]) -> Judge:
    return lambda handshakes: lambda: [decide(handshake, NOW) for handshake in handshakes]


def _names_any(keywords: tuple[str, ...], notes: str) -> bool:
    normalized = normalize(notes)
    return any(keyword in normalized for keyword in keywords)


_effect: Final = attrgetter("effect")
OURS: Final = Contestant("ours", decide, _effect)
OURS_WITH_REASON: Final = Contestant("ours, reason read", decide_with_reason, _effect)
BY_HAND: Final = Contestant("Python by hand", write_by_hand, str)
CONTESTANTS: Final = (OURS, OURS_WITH_REASON, BY_HAND)
