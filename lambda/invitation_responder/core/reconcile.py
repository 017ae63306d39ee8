"""Records of handshakes that are no longer pending: closed by our answer, or by others. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import CLOSED_STATES, Handshake
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.plan import Intent
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Outcome, Record, make_record

_RESULT_OF_INTENT: Final[dict[Intent, tuple[str, Outcome]]] = {
    "decline": ("DECLINED", "declined"),
    "accept": ("ACCEPTED", "accepted"),
}


def reconcile_closed(handshake: Handshake, entry: Entry | None, decider: Decider, now: datetime) -> Record | None:
    """The record of a closed handshake; None if there is nothing new.

    A handshake allowed when last seen is never a breach, whatever the policy says now. A handshake without an entry
    gets a record only if it is ACCEPTED. AWS does not report when it was accepted, so if it was allowed at any time
    since it was sent, it is no breach, either.
    """
    policy, decision = decider.policy, decider.decide(handshake, now)
    state = handshake.state if handshake.state in CLOSED_STATES else "EXPIRED"
    if entry is None:
        decision = _find_earlier_allowance(handshake, decider, now) or decision
        return _record_of_others(handshake, decision, policy, state) if state == "ACCEPTED" else None
    if entry.intent is not None:
        intended, outcome = _RESULT_OF_INTENT[entry.intent]
        if state == intended:
            # Our answer: the sweep that sent it ended before the outcome was known.
            return replace(entry.record, outcome=outcome, state=state)
    elif entry.record.state == state:
        return None
    if entry.record.effect in ("allow", "accept"):
        return replace(entry.record, outcome="already_closed", state=state)
    return _record_of_others(handshake, decision, policy, state)


def reconcile_vanished(entry: Entry) -> Record:
    """The record of a handshake with an open intent that AWS lists no more.

    AWS forgets closed handshakes after 30 days.
    """
    reason = f"{entry.record.reason}; it is listed no more, so what became of it is not known"
    return replace(entry.record, outcome="already_closed", reason=reason)


def _find_earlier_allowance(handshake: Handshake, decider: Decider, now: datetime) -> Decision | None:
    """The newest decision since the handshake was sent that allowed or accepted it; None if there is none.

    Over time rules only expire, so decisions change on the days of expiry alone. None as well if it is not declined
    now.
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
            reason = f"{earlier.reason}, which held until {day.isoformat()}"
            return Decision(earlier.effect, reason, earlier.rules)
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _record_of_others(handshake: Handshake, decision: Decision, policy: Policy, state: str) -> Record:
    detail = "somebody has ACCEPTED it" if state == "ACCEPTED" else f"it is {state}"
    return make_record(handshake, decision, policy, outcome="already_closed", state=state, detail=detail)
