"""Lints of trust: a sender is who the ARN says, but the sender's text can say anything. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from invitation_responder.core.handshake import ACTIONS
from invitation_responder.core.policy import Policy, Rule

from ..diagnostics.catalog import (
    ACCEPTS_ANYBODY,
    EXAMPLE_SENDER,
    IMPLIED_LEAVE,
    IMPOSSIBLE_ADDRESS,
    STANDALONE_ONLY,
    UNATTENDED_MOVE,
    UNTRUSTED_SENDER_TEXT,
)
from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.wording import quote
from ..language.source_map import Source

# The example senders of the documentation, and of the policy that comes with the project.
_EXAMPLES: Final = {
    **dict.fromkeys(("organizations", "not_organizations"), ("o-exampleorgid",)),
    **dict.fromkeys(("management_accounts", "not_management_accounts"), ("111111111111",)),
}
_WHAT_ACCEPTING_DOES: Final = {
    "INVITE": "move the account into another organization",
    "TRANSFER_RESPONSIBILITY": "hand the account's bill to somebody else",
}


def untrusted_sender_texts(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Rules that let handshakes through by text that anybody can write, and rules that accept from anybody.

    An exclusion names no sender: another organization is quickly made.
    """
    for rule in _active_rules(source, now):
        if rule.effect == "decline" or rule.organizations is not None or rule.management_accounts is not None:
            continue
        text = [key for key in ("management_emails", "notes") if getattr(rule, key) is not None]
        what_to_do = "name `organizations` or `management_accounts` as well"
        if text:
            if _is_left_anyway(rule, source.policy):
                continue
            verb = "accepts what" if rule.effect == "accept" else "leaves to a person what"
            message = f"{verb} anybody can write: {' and '.join(map(quote, text))} come from the sender ({what_to_do})"
            severity = UNTRUSTED_SENDER_TEXT.severity if rule.effect == "accept" else "warning"
            yield source.diagnose(UNTRUSTED_SENDER_TEXT, rule.name, (text[0],), message, severity)
        elif rule.effect == "accept":
            out = [key for key in ("not_organizations", "not_management_accounts") if getattr(rule, key) is not None]
            but = f" but those in {' and '.join(map(quote, out))}" if out else ""
            message = f"accepts from anybody{but}: it names no sender ({what_to_do})"
            yield source.diagnose(ACCEPTS_ANYBODY, rule.name, ("effect",), message)


def _active_rules(source: Source, now: datetime) -> list[Rule]:
    """The rules that have not expired."""
    return [rule for rule in source.policy.rules if not rule.is_expired(now)]


def _is_left_anyway(rule: Rule, policy: Policy) -> bool:
    """True if the handshakes that an allow rule matches would be left to a person without it, too."""
    is_about_some = rule.actions is not None or rule.not_actions is not None
    is_protected = is_about_some and all(action in policy.protect for action in ACTIONS if rule.is_about(action))
    return rule.effect == "allow" and (policy.default == "allow" or is_protected)


def unattended_moves(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Rules by which the account, or its bill, can change hands without a person."""
    for rule in _active_rules(source, now):
        done = [what for action, what in _WHAT_ACCEPTING_DOES.items() if rule.is_about(action)]
        if rule.effect == "accept" and done:
            message = f"can {' and '.join(done)}, and nobody is asked (`effect: allow` leaves it to a person)"
            yield source.diagnose(UNATTENDED_MOVE, rule.name, ("effect",), message)


def members_that_leave(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Accept rules without `leave_organization`: AWS refuses members, or another rule's permission lets them leave."""
    # A rule that has expired gives the permission all the same.
    leaving = next((rule.name for rule in source.policy.rules if rule.leave_organization), None)
    for rule in _active_rules(source, now):
        if rule.effect != "accept" or rule.leave_organization or not rule.is_about("INVITE"):
            continue
        if leaving is None:
            alone = "" if rule.actions == ("INVITE",) else "`actions: [INVITE]` and "
            what_to_do = f"write {alone}`leave_organization: true` where members may leave theirs"
            message = f"works in a standalone account only: a member of another organization is refused ({what_to_do})"
            yield source.diagnose(STANDALONE_ONLY, rule.name, ("effect",), message)
        else:
            why = f"rule {quote(leaving)} gives that permission, and no resource narrows it"
            what_to_do = "write `leave_organization: true` here, too, or in no rule"
            message = f"lets members leave their organization without saying so: {why} ({what_to_do})"
            yield source.diagnose(IMPLIED_LEAVE, rule.name, ("effect",), message)


def example_senders(source: Source, _now: datetime) -> Iterator[Diagnostic]:
    """Senders of the documentation's example in a policy that answers (`mode: enforce`)."""
    if source.policy.mode != "enforce":
        return
    for place in source.rules.values():
        for key, examples in _EXAMPLES.items():
            for index, value in enumerate(getattr(place.authored, key)):
                if value in examples:
                    what_to_do = "put in your own: `aws organizations describe-organization` prints it"
                    message = f"names {quote(value)}, the documentation's example ({what_to_do})"
                    yield source.diagnose(EXAMPLE_SENDER, place.authored.name, (key, index), message)


def impossible_addresses(source: Source, _now: datetime) -> Iterator[Diagnostic]:
    """E-mail globs that match no address: they have no `@`, or nothing on one side of it."""
    for place in source.rules.values():
        for index, glob in enumerate(place.authored.management_emails):
            guess = _address_like(glob)
            if guess:
                message = f"asks for {quote(glob)}, which is like no e-mail address (did you mean {quote(guess)}?)"
                yield source.diagnose(IMPOSSIBLE_ADDRESS, place.authored.name, ("management_emails", index), message)


def _address_like(glob: str) -> str | None:
    """The glob that was probably meant instead of one that matches no address; None if it can match an address."""
    if glob.startswith("@"):
        return f"*{glob}"
    if glob.endswith("@"):
        return f"{glob}*"
    return None if set(glob) & set("@*?") else f"*@{glob}"
