"""The plan of a sweep: decisions in, steps out. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.iso8601 import write_seconds
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Outcome

Intent = Literal["decline", "accept"]

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One handshake, its decision, and either the answer to send (`intent`) or, without an answer, the outcome."""

    handshake: Handshake
    decision: Decision
    intent: Intent | None = None
    outcome: Outcome | None = None
    detail: str = ""


def plan(
    pending: Sequence[tuple[Handshake, Decision]],
    policy: Policy,
    now: datetime,
    *,
    invitations: int,
    failed: Collection[str] = (),
) -> list[Step]:
    """One step for each pending handshake: declines first, oldest first, and no more than the policy allows.

    `invitations` is the number of pending invitations that the policy accepts, those of other sweeps included.
    Handshakes whose id is in `failed` come after the others, so that failing declines do not use up the cap. Accepting
    comes last, since it can change what the account may do.
    """
    steps = [_step(handshake, decision, policy, now, invitations) for handshake, decision in pending]
    steps.sort(
        key=lambda step: (
            step.intent == "accept",
            step.handshake.id in failed,
            step.handshake.requested_at or _LONG_AGO,
            step.handshake.id,
        )
    )
    return _cap(steps, policy.declines_per_sweep)


def count_acceptable_invitations(pending: Sequence[tuple[Handshake, Decision]]) -> int:
    """The number of pending invitations that the policy accepts."""
    return sum(decision.effect == "accept" and handshake.action == "INVITE" for handshake, decision in pending)


def _step(handshake: Handshake, decision: Decision, policy: Policy, now: datetime, invitations: int) -> Step:
    match decision.effect:
        case "undecided" | "allow":
            return Step(handshake, decision, outcome="left")
        case "decline" if handshake.requested_at is not None and now - handshake.requested_at < policy.wait:
            verb = "would be" if policy.mode == "audit" else "is"
            detail = f"it {verb} declined from {_end_of_wait(handshake.requested_at, policy.wait)} on"
            return Step(handshake, decision, outcome="waiting", detail=detail)
        case "accept" if detail := _reason_not_to_accept(handshake, now, invitations):
            return Step(handshake, decision, outcome="left", detail=detail)
        case effect if policy.mode == "audit":
            return Step(handshake, decision, outcome="would_decline" if effect == "decline" else "would_accept")
        case effect:
            return Step(handshake, decision, intent=effect)


def _reason_not_to_accept(handshake: Handshake, now: datetime, invitations: int) -> str:
    """The reason to leave a handshake to a person although a rule accepts it; empty if there is none."""
    if handshake.action == "INVITE" and invitations > 1:
        # An account can join only one organization: a choice between invitations would be a guess.
        return f"{invitations} invitations qualify, so a person has to choose"
    if handshake.answer_by and now >= handshake.answer_by:
        return f"it could be accepted until {write_seconds(handshake.answer_by)}, 24 hours before its transfer starts"
    return ""


def _end_of_wait(time: datetime, wait: timedelta) -> str:
    try:
        return write_seconds(time + wait)
    except OverflowError:
        return "the end of time"


def _cap(steps: list[Step], limit: int) -> list[Step]:
    declines = 0
    capped = []
    for step in steps:
        if step.intent == "decline":
            declines += 1
            if declines > limit:
                detail = f"put off to the next sweep: one sweep declines {limit} at most"
                capped.append(Step(step.handshake, step.decision, outcome="deferred", detail=detail))
                continue
        capped.append(step)
    return capped
