"""One handshake as far as a record gives it, with the decision about it, from every kind of record. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, cast, get_args

from invitation_responder.core.decision import Decision
from invitation_responder.core.escaping import escape
from invitation_responder.core.handshake import ACTIONS, ENUM_VALUE, HANDSHAKE_ID, Handshake, Sender, read_handshake
from invitation_responder.core.policy import ACCOUNT_ID, ORGANIZATION_ID, RULE_NAME, Effect
from invitation_responder.core.record import MAX_SENDER_TEXTS, SENDER_TEXT_LIMIT
from invitation_responder.core.resources import management_accounts_in

from ..diagnostics.wording import quote
from .escapes import may_be_cut, unescape

# The pattern of each member of a record, and its description in messages.
_MEMBERS: Final = {
    "handshake_id": (re.compile(rf"{HANDSHAKE_ID.pattern}|malformed-[0-9a-f]{{16}}"), "a handshake's id"),
    "receiver": (ACCOUNT_ID, "12 digits"),
    "action": (ENUM_VALUE, "an action such as `INVITE`"),
    "state": (ENUM_VALUE, "a state such as `OPEN`"),
    "organization": (ORGANIZATION_ID, "`o-` and 10 to 32 lowercase letters or digits"),
    "management_account": (ACCOUNT_ID, "12 digits"),
    "effect": (re.compile("|".join((*get_args(Effect), "undecided"))), "decline, allow, accept or undecided"),
    "policy_sha256": (re.compile("[0-9a-f]{64}"), "64 hexadecimal digits"),
}
UNJUDGED: Final = "it can't be judged: "
# The conditions that can't be evaluated if the receiver is unknown.
OF_THE_RECEIVER: Final = frozenset({"accounts", "not_accounts"})


class InvalidRecordError(ValueError):
    """The value is no record of a handshake; the message says what was expected, and is safe to print."""


@dataclass(frozen=True, slots=True)
class KnownHandshake:
    """One handshake, as far as it is known.

    `unknown` names the conditions that can't be evaluated, since the values that they look at were not recorded.
    `judged_at` is when it was judged or listed (timezone-aware), `was` the decision then, and `judged_by` the policy's
    SHA-256; each is None if it was not recorded either.

    If the receiver is unknown, `handshake` holds for every account but the account, if any, that the Resources name as
    management account in contradiction to the Arn. `as_own` is the handshake as received by that account, without the
    contradiction.
    """

    handshake: Handshake
    unknown: frozenset[str] = frozenset()
    judged_at: datetime | None = None
    was: Decision | None = None
    judged_by: str | None = None
    as_own: Handshake | None = None

    @property
    def lacks_receiver(self) -> bool:
        """True if the receiver is unknown."""
        return not self.handshake.receiver

    def received_by(self, account: str) -> "KnownHandshake":
        """The handshake as received by an account; the empty account stands for all accounts that nothing names."""
        is_own = self.as_own is not None and self.as_own.receiver == account
        handshake = self.as_own if self.as_own and is_own else replace(self.handshake, receiver=account)
        return replace(self, handshake=handshake, unknown=self.unknown - OF_THE_RECEIVER, as_own=None)

    @property
    def key(self) -> tuple[str, str]:
        """The handshake's key among all accounts' handshakes: receiver and id."""
        return self.handshake.receiver, self.handshake.id

    def with_later(self, later: "KnownHandshake") -> "KnownHandshake":
        """The handshake merged with a later record of it; the earlier record fills in what the later one lacks."""
        whole = self if len(self.unknown) < len(later.unknown) else later
        decided = later if later.was else self
        judged_at = later.judged_at or self.judged_at
        return replace(whole, judged_at=judged_at, was=decided.was, judged_by=decided.judged_by)


def as_listed(raw: object, receiver: str, listed_at: datetime | None = None) -> KnownHandshake:
    """A handshake as AWS lists it; `receiver` is empty if it is unknown."""
    handshake = read_handshake(raw, receiver)
    if receiver:
        return KnownHandshake(handshake, judged_at=listed_at)
    own = _as_own(raw, handshake)
    if own and own.problems:  # no receiver makes it valid; a contradiction to its Arn stays open
        handshake, own = replace(own, receiver=""), None
    return KnownHandshake(handshake, OF_THE_RECEIVER, listed_at, as_own=own)


def _as_own(raw: object, handshake: Handshake) -> Handshake | None:
    """The handshake as received by the only other management account in its Resources; None unless there is one."""
    if handshake.sender is None:
        return None
    others = management_accounts_in(raw) - {handshake.sender.management_account}
    account = next(iter(others), "")
    return read_handshake(raw, account) if len(others) == 1 and ACCOUNT_ID.fullmatch(account) else None


def read_listed_line(fields: Mapping[str, Any]) -> KnownHandshake:
    """Read one line of `run --record`; raises `InvalidRecordError`."""
    if type(fields.get("format")) is not int or fields["format"] != 1:
        raise InvalidRecordError("`format` is not 1: another version of `responder run --record` wrote this line")
    listed_at = _time(fields, "listed_at")
    if listed_at is None:
        raise InvalidRecordError("`listed_at` is missing (expected ISO 8601 with an offset)")
    return as_listed(fields["handshake"], _text(fields, "receiver") or "", listed_at)


def read_record(fields: Mapping[str, Any]) -> KnownHandshake:
    """Read a decision record, whatever else its object holds; raises `InvalidRecordError`."""
    effect = cast("Effect", _needed(fields, "effect"))
    rules = fields.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, str) and RULE_NAME.fullmatch(rule) for rule in rules):
        raise InvalidRecordError("`rules` is not a list of rule names")
    was = Decision(effect, escape(str(fields.get("reason") or "the record gives no reason")), tuple(rules))
    handshake, unknown = _known(fields, was)
    return KnownHandshake(handshake, unknown, _judged_at(fields, effect), was, _text(fields, "policy_sha256"))


def _known(fields: Mapping[str, Any], was: Decision) -> tuple[Handshake, frozenset[str]]:
    """The handshake as far as a record gives it, and the conditions that can't be evaluated."""
    needed = _text if was.effect == "undecided" else _needed
    action, organization, account = (needed(fields, name) for name in ("action", "organization", "management_account"))
    emails, notes = _sender_text(fields)
    handshake = Handshake(
        id=_needed(fields, "handshake_id"),
        receiver=_text(fields, "receiver") or "",
        action=action,
        state=_text(fields, "state"),
        sender=Sender(organization, account) if organization and account else None,
        requested_at=_time(fields, "requested_at"),
        emails=emails or (),
        notes=notes or "",
        problems=_problems(action, was),
    )
    texts = {"management_emails": emails, "notes": notes}
    unknown = frozenset(name for name, value in texts.items() if value is None)
    return handshake, unknown if handshake.receiver else unknown | OF_THE_RECEIVER


def _judged_at(fields: Mapping[str, Any], effect: str) -> datetime | None:
    """The time of a decision in the ledger: its last update, or its first sight if closing the handshake kept it."""
    is_kept = fields.get("outcome") == "already_closed" and effect in ("allow", "accept")
    return (_time(fields, "first_seen_at") if is_kept else None) or _time(fields, "updated_at")


def _problems(action: str | None, was: Decision) -> tuple[str, ...]:
    if was.effect == "undecided":
        return (was.reason.removeprefix(UNJUDGED),)
    return () if action in ACTIONS else (f"its Action {action} is not one that this program knows",)


def _sender_text(fields: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, str | None]:
    """The sender's text: e-mail addresses and notes, each None unless it was recorded whole."""
    written = fields.get("sender_text")
    if written is None:
        return None, None
    emails, notes = (written.get("emails"), written.get("notes")) if isinstance(written, dict) else (None, None)
    if not (isinstance(notes, str) and isinstance(emails, list) and all(isinstance(email, str) for email in emails)):
        raise InvalidRecordError("`sender_text` is not an object with the list `emails` and the text `notes`")
    try:
        are_whole = len(emails) < MAX_SENDER_TEXTS and not any(may_be_cut(each, SENDER_TEXT_LIMIT) for each in emails)
        return (
            tuple(unescape(email) for email in emails) if are_whole else None,
            None if may_be_cut(notes, SENDER_TEXT_LIMIT) else unescape(notes),
        )
    except ValueError as error:
        raise InvalidRecordError(f"`sender_text` is not escaped as in a decision record: it holds {error}") from error


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    pattern, expected = _MEMBERS[name]
    if value is None or (isinstance(value, str) and pattern.fullmatch(value)):
        return value
    raise InvalidRecordError(f"`{name}` is {_describe(value)} (expected {expected})")


def _needed(fields: Mapping[str, Any], name: str) -> str:
    value = _text(fields, name)
    if value is None:
        raise InvalidRecordError(f"`{name}` is missing (expected {_MEMBERS[name][1]})")
    return value


def _time(fields: Mapping[str, Any], name: str) -> datetime | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
        if time.utcoffset() is not None:
            return time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise InvalidRecordError(f"`{name}` is {_describe(value)} (expected ISO 8601 with an offset)")


def _describe(value: object) -> str:
    return quote(value) if isinstance(value, str) else f"of type {type(value).__name__}"
