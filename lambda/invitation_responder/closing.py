"""What became of a handshake that is not pending any more: by our answer, or by others. Pure."""

from dataclasses import replace

from invitation_responder.decision import Decision
from invitation_responder.handshake import CLOSED_STATES, Handshake
from invitation_responder.ledger import Entry
from invitation_responder.policy import Policy
from invitation_responder.record import Outcome, Record, make_record


def closing(handshake: Handshake, entry: Entry | None, decision: Decision, policy: Policy) -> Record | None:
    """The record of a closing that the ledger does not know yet; None where there is nothing new.

    `decision` is what the policy says now. It makes no breach of what was allowed when it was last looked at. Of
    handshakes that the ledger never saw pending, only accepted ones matter.
    """
    state = handshake.state if handshake.state in CLOSED_STATES else "EXPIRED"
    if entry is None:
        if state != "ACCEPTED":
            return None
        return make_record(handshake, decision, policy, outcome="already_closed", state=state)
    if entry.intent is not None and state == _STATE_AFTER[entry.intent]:
        # The sweep that answered died before it could say so.
        return replace(entry.record, outcome=_OUTCOME_OF[entry.intent], state=state)
    if entry.record.outcome is not None and entry.record.state == state:
        return None
    if entry.record.effect in ("allow", "accept"):
        return replace(entry.record, outcome="already_closed", state=state)
    return make_record(handshake, decision, policy, outcome="already_closed", state=state)


_STATE_AFTER = {"decline": "DECLINED", "accept": "ACCEPTED"}
_OUTCOME_OF: dict[str, Outcome] = {"decline": "declined", "accept": "accepted"}


def vanishing(entry: Entry) -> Record:
    """The record of a handshake that was about to be answered and is listed no more: AWS forgets after 30 days."""
    reason = f"{entry.record.reason}; it is listed no more, so what became of it is not known"
    return replace(entry.record, outcome="already_closed", reason=reason)
