"""Policies and handshakes for the benchmarks: shaped like real ones, and the same in every run.

A policy grows by rules about other senders. Of ten rules, five allow a partner's invitations, two of these only to some
accounts or with a keyword, one accepts the invitations of a buyer, two allow to take over the bill, and two decline
whatever a sender asks. Of ten handshakes, nine come from organizations that no rule names; of the others, half are what
the rule about their sender expects.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from invitation_responder.core.handshake import Handshake, Sender
from invitation_responder.core.policy import Keywords, Policy, Rule

SIZES: Final = (10, 50, 1_000, 10_000)
NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
MAX_NOTES: Final = 1_024  # characters; the API takes no more

_SEED: Final = 15
ACCOUNTS: Final = tuple(f"{number:012}" for number in range(200_000_000_000, 200_000_000_040))
_ACTIONS: Final = ("INVITE",) * 16 + ("TRANSFER_RESPONSIBILITY",) * 3 + ("ENABLE_ALL_FEATURES",)
_ANY: Final = Rule("any", "allow")
_TEXT: Final = (
    "please join our organization to consolidate the bill of your accounts before the end of this quarter thank you "
    "congratulations your account was selected for credits accept today Grüße 請接受 приглашение"
)


def make_policy(rules: int) -> Policy:
    """A policy with so many rules."""
    return Policy(mode="enforce", rules=tuple(_make_rule(position) for position in range(rules)))


def make_handshakes(policy: Policy, number: int) -> list[Handshake]:
    """Pending handshakes, of which one in ten comes from a sender that the policy names."""
    chance = random.Random(_SEED)  # noqa: S311 - the same handshakes in every run
    return [_make_handshake(chance, policy.rules, position) for position in range(number)]


def _make_rule(position: int) -> Rule:
    sender, name = _sender(position), f"rule-{position:05}"
    organizations, accounts = (sender.organization,), (ACCOUNTS[position % 40], ACCOUNTS[position * 7 % 40])
    match position % 10:
        case 3:
            return Rule(name, "allow", actions=("INVITE",), organizations=organizations, accounts=accounts)
        case 4:
            keywords = Keywords(any=(f"chg-{position:05}", "merger"))
            return Rule(name, "allow", actions=("INVITE",), organizations=organizations, notes=keywords)
        case 5:
            owner = (sender.management_account,)
            return Rule(name, "accept", actions=("INVITE",), organizations=organizations, management_accounts=owner)
        case 6 | 7:
            return Rule(name, "allow", actions=("TRANSFER_RESPONSIBILITY",), organizations=organizations)
        case 8 | 9:
            return Rule(name, "decline", organizations=organizations)
        case _:
            return Rule(name, "allow", actions=("INVITE",), organizations=organizations)


def _make_handshake(chance: random.Random, rules: Sequence[Rule], position: int) -> Handshake:
    named, expected = chance.random() < 1 / 10, chance.random() < 1 / 2
    number = chance.randrange(len(rules)) if named else chance.randrange(10**6, 10**7)
    sender, rule = _sender(number), rules[number] if named and expected else _ANY
    return Handshake(
        id=f"h-{position:010}",
        receiver=chance.choice(rule.accounts or ACCOUNTS),
        action=chance.choice(rule.actions or _ACTIONS),
        state="OPEN",
        sender=sender,
        requested_at=NOW - timedelta(hours=chance.randrange(1, 300)),
        expires_at=NOW + timedelta(hours=chance.randrange(1, 300)),
        emails=(f"owner@{sender.organization}.example",),
        notes=_make_notes(chance, rule.notes.any if rule.notes else ()),
    )


def _make_notes(chance: random.Random, keywords: Sequence[str]) -> str:
    """No notes at all, a sentence, or as long as the API allows; with a keyword, in capitals, if there are any."""
    words = [chance.choice(keywords).upper()] if keywords else []
    length = chance.choice((60, 200, MAX_NOTES) if keywords else (0, 0, 60, 200, MAX_NOTES))
    return " ".join([*words, *chance.choices(_TEXT.split(), k=length // 4)])[:length]


def _sender(number: int) -> Sender:
    """The sender of a number; identifiers look like AWS's, in which neighbours have nothing in common."""
    own = random.Random(f"{_SEED}-{number}")  # noqa: S311
    organization = "".join(own.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=10))
    return Sender(organization=f"o-{organization}", management_account="".join(own.choices("0123456789", k=12)))
