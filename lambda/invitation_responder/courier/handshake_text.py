"""A handshake in words: who asks whom for what, until when, and how a person answers it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from invitation_responder.core.handshake import HANDSHAKE_ID
from invitation_responder.core.policy import ACCOUNT_ID
from invitation_responder.courier.kinds import ANSWERABLE, BREACHES
from invitation_responder.courier.notice import NONE, Notice
from invitation_responder.courier.partitions import CONSOLES, HOME_REGIONS
from invitation_responder.courier.plain_text import harmless, quote_sender

# Action → what the sender asks of the account, which stands in the braces.
_REQUESTS: Final[Mapping[str, str]] = {
    "INVITE": "asked account {} to join it",
    "TRANSFER_RESPONSIBILITY": "asked to take over the bill of account {}",
    "ENABLE_ALL_FEATURES": "asked account {} to agree to all features",
    "APPROVE_ALL_FEATURES": "asked account {} to let all features be enabled",
    "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE": "asked account {} for a service-linked role",
}
_MAX_TEXTS: Final = 3
_SENDER_TEXTS: Final = (("names", "The sender calls itself"), ("emails", "It gives the address"))


@dataclass(frozen=True, slots=True)
class Reader:
    """The surroundings of a text: all that it depends on beside its notices.

    `account`, `region` and `partition` are those of the responder, `names` those that are known of accounts, and `now`
    is the time in UTC.
    """

    account: str
    region: str
    partition: str
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, account: str) -> str:
        """An account by its number, and by its name if that is known."""
        name = self.names.get(account)
        return f"{account} ({harmless(name)})" if name else account


def describe_handshake(notice: Notice, reader: Reader) -> list[str]:
    """The lines about a handshake: the request, the reason, what the sender wrote, and the deadline with its answers.

    What the sender wrote is in the notice only if the settings ask for it.
    """
    lines = [_request(notice, reader), f"Why: {notice.text('reason')}", *_sender_text(notice)]
    if notice.kind in ANSWERABLE:
        lines += _how_to_answer(notice, reader)
    elif notice.kind in BREACHES:
        if notice.kind == "breach_unresolved":
            lines.append(f"Days since it was found: {notice.text('days')}")
        lines += _how_to_undo(notice, reader)
    elif notice.kind == "waiting":
        lines.append(_deadline(notice, reader))
    return lines


def sender_of(notice: Notice) -> str:
    """The sender, by its organization and its management account."""
    organization, account = notice.text("organization"), notice.text("management_account")
    name = f"Organization {organization}" if organization != NONE else "A sender of an unknown organization"
    return f"{name} (management account {account})"


def write_moment(time: datetime) -> str:
    """A time in UTC to the minute, as in `2026-12-07 11:00 UTC`."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _request(notice: Notice, reader: Reader) -> str:
    action, requested_at = notice.text("action"), notice.time("requested_at")
    account = reader.name(notice.account)
    known = _REQUESTS.get(action)
    what = "without an action" if action == NONE else f"of the action {action}"
    request = known.format(account) if known else f"sent account {account} a handshake {what}"
    time = f" on {write_moment(requested_at)}" if requested_at else ""
    return f"{sender_of(notice)} {request}{time} ({notice.text('handshake_id')})."


def _sender_text(notice: Notice) -> list[str]:
    written = notice.detail.get("sender_text")
    if not isinstance(written, Mapping):
        return []
    lines = []
    for member, introduction in _SENDER_TEXTS:
        texts = written.get(member)
        if isinstance(texts, list) and texts:
            quoted = ", ".join(quote_sender(str(text)) for text in texts[:_MAX_TEXTS])
            lines.append(f"{introduction} {quoted} (the sender's own words).")
    notes = written.get("notes")
    if isinstance(notes, str) and notes:
        lines.append(f"Its notes say {quote_sender(notes)} (the sender's own words).")
    return lines


def _deadline(notice: Notice, reader: Reader) -> str:
    end = notice.time("answer_by") or notice.time("expires_at")
    return f"It can be answered until {write_moment(end)}, {_left(end - reader.now)}." if end else "It names no end."


def _left(time: timedelta) -> str:
    if time <= timedelta(0):
        return "which is over"
    if time >= timedelta(days=2):
        return f"{time.days} days from now"
    hours = int(time / timedelta(hours=1))
    return f"{hours} hours from now" if hours > 1 else "within two hours from now"


def _how_to_answer(notice: Notice, reader: Reader) -> list[str]:
    lines = [_deadline(notice, reader), f"Console: {_console(notice, reader)}"]
    if not _is_for_commands(notice):
        return lines
    command = f"aws organizations {{}}-handshake --handshake-id {notice.text('handshake_id')} {_profile(notice)}"
    return [
        *lines,
        f"Accept:  {command.format('accept')}",
        f"Decline: {command.format('decline')}",
    ]


def _how_to_undo(notice: Notice, reader: Reader) -> list[str]:
    if not _is_for_commands(notice):
        return [f"Console: {_console(notice, reader)}"]
    region = HOME_REGIONS.get(reader.partition, HOME_REGIONS["aws"])
    attributes = "--lookup-attributes AttributeKey=EventName,AttributeValue=AcceptHandshake"
    lines = [
        f"Who:     aws cloudtrail lookup-events {attributes} --region {region} {_profile(notice)}",
        f"Console: {_console(notice, reader)}",
    ]
    if notice.detail.get("action") == "INVITE":
        lines.append(f"Undo:    aws organizations leave-organization {_profile(notice)}")
    elif notice.detail.get("action") == "TRANSFER_RESPONSIBILITY":
        lines += [
            f"Find:    aws organizations list-outbound-responsibility-transfers --type BILLING {_profile(notice)}",
            f"Undo:    aws organizations terminate-responsibility-transfer --id TRANSFER-ID {_profile(notice)}",
        ]
    acknowledge = f"responder acknowledge {notice.text('handshake_id')} --account {notice.account} --reason 'REASON'"
    return [*lines, f"Or acknowledge it, as account {reader.account} in {reader.region}: {acknowledge}"]


def _is_for_commands(notice: Notice) -> bool:
    """True if the id and the receiver are what AWS gives out: nothing else gets into a command."""
    return bool(HANDSHAKE_ID.fullmatch(notice.text("handshake_id")) and ACCOUNT_ID.fullmatch(notice.account))


def _console(notice: Notice, reader: Reader) -> str:
    """The page of a handshake (AWS Organizations and AWS Billing user guides, "Responding to invitations")."""
    host = CONSOLES.get(reader.partition, CONSOLES["aws"])
    if notice.detail.get("action") == "TRANSFER_RESPONSIBILITY":
        return f"https://{host}/costmanagement/ (Billing transfers, Outbound billing)"
    page = "invitations" if notice.kind in ANSWERABLE else "dashboard"
    return f"https://{host}/organizations/v2/home/{page}"


def _profile(notice: Notice) -> str:
    """The option of the AWS CLI that acts as the account, with a name to fill in."""
    return f"--profile PROFILE-OF-{notice.account}"
