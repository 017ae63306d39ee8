"""What became of a handshake that is not pending any more: by our answer, or by others. Pure."""

from dataclasses import replace
from typing import Final

from invitation_responder.decision import Decision
from invitation_responder.entry import Entry
from invitation_responder.handshake import CLOSED_STATES, Handshake
from invitation_responder.plan import Intent
from invitation_responder.policy import Policy
from invitation_responder.record import Outcome, Record, make_record

_AFTER: Final[dict[Intent, tuple[str, Outcome]]] = {
    "decline": ("DECLINED", "declined"),
    "accept": ("ACCEPTED", "accepted"),
}


def closing(handshake: Handshake, entry: Entry | None, decision: Decision, policy: Policy) -> Record | None:
    """The record of a closing that the ledger does not know yet; None where there is nothing new.

    `decision` is what the policy says now. It makes no breach of what was allowed when it was last looked at. Of
    handshakes that the ledger never saw pending, only accepted ones matter.
    """
    state = handshake.state if handshake.state in CLOSED_STATES else "EXPIRED"
    if entry is None:
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


def vanishing(entry: Entry) -> Record:
    """The record of a handshake that was about to be answered and is listed no more: AWS forgets after 30 days."""
    reason = f"{entry.record.reason}; it is listed no more, so what became of it is not known"
    return replace(entry.record, outcome="already_closed", reason=reason)


def _by_others(handshake: Handshake, decision: Decision, policy: Policy, state: str) -> Record:
    detail = "somebody has ACCEPTED it" if state == "ACCEPTED" else f"it is {state}"
    return make_record(handshake, decision, policy, outcome="already_closed", state=state, detail=detail)
