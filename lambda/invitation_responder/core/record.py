"""The decision record: one decision and its outcome, under the same names wherever it appears."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

from invitation_responder.core.decision import Decision
from invitation_responder.core.escaping import printable
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.iso8601 import write_time
from invitation_responder.core.policy import Policy

Outcome = Literal[
    "declined",
    "accepted",
    "left",
    "would_decline",
    "would_accept",
    "waiting",
    "deferred",
    "already_closed",
    "failed",
]
# The kind of an event: an outcome, or something more urgent than the outcome.
Kind = Outcome | Literal["undecided", "breach"]

# The times of a record.
TIMES: Final = ("requested_at", "expires_at", "answer_by")

# A record must fit into a ledger item (400 KB) and an event (256 KB), whatever policies and senders write. Notes have
# the service's own limit.
MAX_RULES_NAMED: Final = 100
MAX_SENDER_TEXTS: Final = 10
SENDER_TEXT_LIMIT: Final = 1024


@dataclass(frozen=True, slots=True)
class Record:
    """A decision record. Times are timezone-aware; `outcome` is None until it is known.

    `state` is the last state that AWS reported, or EXPIRED once the expiration is past. `answer_by` is the deadline to
    accept; ledgers of earlier versions lack it. `rules` holds at most 100 names. `sender_text` holds the sender's text,
    escaped, if the settings ask for it.
    """

    handshake_id: str
    receiver: str
    action: str | None
    state: str | None
    organization: str | None
    management_account: str | None
    requested_at: datetime | None
    expires_at: datetime | None
    effect: str
    rules: tuple[str, ...]
    reason: str
    outcome: Outcome | None
    mode: str
    policy_sha256: str
    sender_text: Mapping[str, Any] | None = None
    answer_by: datetime | None = None

    @property
    def is_breach(self) -> bool:
        """True if somebody accepted a handshake that the policy does not allow."""
        return self.outcome == "already_closed" and self.state == "ACCEPTED" and self.effect == "decline"

    @property
    def kind(self) -> Kind:
        """The kind of event: the outcome, or `breach` or `undecided`. Raises `ValueError` if no outcome is known."""
        if self.is_breach:
            return "breach"
        if self.effect == "undecided" and (self.outcome != "already_closed" or self.state == "ACCEPTED"):
            return "undecided"
        if self.outcome is None:
            raise ValueError("an outcome that is not known yet is no news")
        return self.outcome

    def as_dict(self) -> dict[str, Any]:
        """The record under its public names, ready for JSON."""
        fields = asdict(self)
        for name in TIMES:
            fields[name] = fields[name] and write_time(fields[name])
        fields["receiver"] = self.receiver or None  # `responder run` may not know the receiver
        fields["rules"] = list(self.rules)
        if self.sender_text is None:
            del fields["sender_text"]
        return fields


def make_record(
    handshake: Handshake,
    decision: Decision,
    policy: Policy,
    *,
    outcome: Outcome | None,
    state: str | None,
    detail: str = "",
) -> Record:
    """The record of a decision and its outcome; `detail` is appended to the decision's reason."""
    return Record(
        handshake_id=handshake.id,
        receiver=handshake.receiver,
        action=handshake.action,
        state=state,
        organization=handshake.organization,
        management_account=handshake.management_account,
        requested_at=handshake.requested_at,
        expires_at=handshake.expires_at,
        effect=decision.effect,
        rules=decision.rules[:MAX_RULES_NAMED],
        reason=f"{decision.reason}; {detail}" if detail else decision.reason,
        outcome=outcome,
        mode=policy.mode,
        policy_sha256=policy.sha256,
        answer_by=handshake.answer_by,
    )


def sender_text_of(handshake: Handshake) -> dict[str, Any]:
    """The sender's text, escaped and cut, for a record's `sender_text`."""
    return {
        "emails": [printable(email, SENDER_TEXT_LIMIT) for email in handshake.emails[:MAX_SENDER_TEXTS]],
        "names": [printable(name, SENDER_TEXT_LIMIT) for name in handshake.names[:MAX_SENDER_TEXTS]],
        "notes": printable(handshake.notes, SENDER_TEXT_LIMIT),
    }
