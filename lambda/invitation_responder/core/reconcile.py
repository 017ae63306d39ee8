"""What became of a handshake that is not pending any more: by our answer, or by others. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import CLOSED_STATES, Handshake
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.plan import Intent
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Outcome, Record, make_record

_AFTER: Final[dict[Intent, tuple[str, Outcome]]] = {
    "decline": ("DECLINED", "declined"),
    "accept": ("ACCEPTED", "accepted"),
}


def reconcile_closed(handshake: Handshake, entry: Entry | None, decider: Decider, now: datetime) -> Record | None:
    """The record of a closing that the ledger does not know yet; None where there is nothing new.

    What the policy says now makes no breach of what was allowed when it was last looked at. Of handshakes that the
    ledger never saw pending, only accepted ones matter; when they were accepted nobody tells, so that what was allowed
    at any time since they were sent is no breach, either.
    """
    policy, decision = decider.policy, decider.decide(handshake, now)
    state = handshake.state if handshake.state in CLOSED_STATES else "EXPIRED"
    if entry is None:
        decision = _allowed_before(handshake, decider, now) or decision
        return _by_others(handshake, decision, policy, state) if state == "ACCEPTED" else None
    if entry.intent is not None:
        intended, outcome = _AFTER[entry.intent]
        if state == intended:
            # The sweep that answered died, or was cut off, before it could know.
            return replace(entry.record, outcome=outcome, state=state)
    elif entry.record.state == state:
        return None
    if entry.record.effect in ("allow", "accept"):
        return replace(entry.record, outcome="already_closed", state=state)
    return _by_others(handshake, decision, policy, state)


def reconcile_vanished(entry: Entry) -> Record:
    """The record of a handshake that was about to be answered and is listed no more: AWS forgets after 30 days."""
    reason = f"{entry.record.reason}; it is listed no more, so what became of it is not known"
    return replace(entry.record, outcome="already_closed", reason=reason)


def _allowed_before(handshake: Handshake, decider: Decider, now: datetime) -> Decision | None:
    """The newest decision since it was sent that did not decline it, by rules that have expired since; else None.

    Rules only ever expire: one decision holds from the day on which one of them does to the next such day.
    """
    sent = handshake.requested_at
    if sent is None or decider.decide(handshake, now).effect != "decline":
        return None
    ends = {rule.expires for rule in decider.policy.rules if rule.expires and rule.is_expired(now)}
    for day in sorted(ends, reverse=True):
        if _midnight(day) <= sent:
            return None
        earlier = decider.decide(handshake, _midnight(day) - timedelta.resolution)
        if earlier.effect in ("allow", "accept"):
            return replace(earlier, reason=f"{earlier.reason}, which held until {day.isoformat()}")
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _by_others(handshake: Handshake, decision: Decision, policy: Policy, state: str) -> Record:
    detail = "somebody has ACCEPTED it" if state == "ACCEPTED" else f"it is {state}"
    return make_record(handshake, decision, policy, outcome="already_closed", state=state, detail=detail)
