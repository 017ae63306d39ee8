"""The whole reasoning about one handshake: the verdict on every rule, the decision, and the near misses. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from invitation_responder.core.decision import Mismatch, all_mismatches
from invitation_responder.core.normalization import normalize
from invitation_responder.core.plan import Step, plan
from invitation_responder.core.policy import Policy, Rule

from ..replay.known_handshake import OF_THE_RECEIVER, KnownHandshake
from ..replay.partial_decision import PartialDecider, PartialDecision
from .near_miss import Miss, nearest_edit, nearest_handshake

Result = Literal["decides", "matches", "is overruled", "may match", "does not match"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one rule. A rule that may match fails in nothing known; `unknown` are its unknown conditions.

    While the decision is open, the result of a rule that matches for certain is `matches`, and not yet `decides`.
    """

    rule: Rule
    result: Result
    mismatches: tuple[Mismatch, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The decision about a handshake at a time, and everything behind it.

    `step` is what a sweep would do about it; None if the handshake is not pending, is the receiver's own request, or
    could be decided in several ways. A miss is None if there is none, if the handshake can't be judged, and if not all
    of it is known.
    """

    known: KnownHandshake
    now: datetime
    policy: Policy
    partial: PartialDecision
    verdicts: tuple[Verdict, ...]
    step: Step | None
    nearest_handshake: Miss | None
    nearest_edit: Miss | None


def explain_decision(policy: Policy, known: KnownHandshake, now: datetime) -> Reasoning:
    """Decide about one handshake at a time (timezone-aware), and keep the reasons."""
    partial = PartialDecider(policy).decide(known, now)
    is_judged = not (known.as_own or known.handshake).problems
    is_known = is_judged and not known.as_own and not any(_unknown_conditions(rule, known) for rule in policy.rules)
    return Reasoning(
        known,
        now,
        policy,
        partial,
        _verdicts(policy, known, now, partial) if is_judged else (),
        _step(policy, known, now, partial),
        nearest_handshake(policy, known.handshake, now) if is_known else None,
        nearest_edit(policy, known.handshake, now) if is_known else None,
    )


def _step(policy: Policy, known: KnownHandshake, now: datetime, partial: PartialDecision) -> Step | None:
    handshake = known.handshake
    if len(partial.decisions) != 1 or handshake.is_own_request or not handshake.is_pending(now):
        return None
    # As if it were the only invitation: nobody knows of others.
    return plan([(known.handshake, partial.decisions[0])], policy, now, invitations=1)[0]


def _unknown_conditions(rule: Rule, known: KnownHandshake) -> tuple[str, ...]:
    unknown = known.unknown - OF_THE_RECEIVER if known.as_own else known.unknown
    return tuple(name for name in sorted(unknown) if getattr(rule, name) is not None)


def _verdicts(policy: Policy, known: KnownHandshake, now: datetime, partial: PartialDecision) -> tuple[Verdict, ...]:
    """The verdicts on all rules: deciding rules first, then matching ones, last by the number of failed conditions."""
    handshake = known.as_own or known.handshake
    notes = normalize(handshake.notes)
    verdicts = []
    for rule in policy.rules:
        unknown = _unknown_conditions(rule, known)
        failed = all_mismatches(rule, handshake, notes, now)
        mismatches = tuple(one for one in failed if one.condition.partition(".")[0] not in unknown)
        is_open = bool(unknown or known.as_own)  # no rule is evaluated for any other account
        verdicts.append(Verdict(rule, _result(rule, mismatches, partial, is_open=is_open), mismatches, unknown))
    order: tuple[Result, ...] = get_args(Result)
    return tuple(sorted(verdicts, key=lambda verdict: (order.index(verdict.result), len(verdict.mismatches))))


def _result(rule: Rule, mismatches: tuple[Mismatch, ...], partial: PartialDecision, *, is_open: bool) -> Result:
    if mismatches:
        return "does not match"
    if is_open:
        return "may match"
    if any(rule.name in decision.rules for decision in partial.decisions):
        return "decides" if len(partial.decisions) == 1 else "matches"
    return "is overruled"
