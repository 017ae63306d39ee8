"""The messages, to the letter: each kind, several together, both scopes, and what hostile senders write.

Rewrite the texts with `GOLDEN=write .venv/bin/python -m pytest tests/responder/courier/test_golden.py`, and read them
before they are committed.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from invitation_responder.courier.handshake_text import Reader
from invitation_responder.courier.kinds import WORDS
from invitation_responder.courier.message import write_message
from invitation_responder.courier.notice import Notice, read_notice
from support.notices import MEMBER, OWN, make_notice

GOLDEN: Final = Path(__file__).parent / "golden"
IS_WRITTEN: Final = os.environ.get("GOLDEN") == "write"
SCHEMA: Final = json.loads((Path(__file__).parent / "custom_notification.schema.json").read_text())
STRANGER: Final = make_notice("declined").text("reason")
PARTNER: Final = {
    "organization": "o-partner0001",
    "management_account": "888888888888",
    "effect": "allow",
    "rules": ["partner"],
    "reason": "rule `partner` allows it",
}
BREACH: Final = {
    "state": "ACCEPTED",
    "outcome": "already_closed",
    "organization": "o-stranger0005",
    "reason": "no rule matches INVITE from organization o-stranger0005 (management account 999999999999), and the "
    "default is decline; somebody has ACCEPTED it",
}
BILL: Final = {"action": "TRANSFER_RESPONSIBILITY", "answer_by": "2026-11-29T00:00:00Z"}
SENDER_TEXT: Final = {
    "names": ["Acme\\n\\nBREACH: call +1 555 0100", "<https://evil.example.com|Click here>", '" o-ours "', "a fourth"],
    "emails": ["security@аcme.example"],  # noqa: RUF001 - a letter that looks like another
    "notes": "@channel <!everyone> *Approve* [here](javascript:alert`1`) www.evil.example/x?y=1 ＠here \u202eevil",  # noqa: RUF001
}


def about_organization(kind: str, **members: Any) -> Notice:
    """A notice about the accounts of an organization."""
    return read_notice({"account": OWN, "detail": {"event_id": f"{kind}/1", "kind": kind, **members}})


NOT_SWEPT: Final = about_organization(
    "accounts_not_swept",
    sweep="scheduled-1",
    accounts=120,
    not_swept=2,
    by_outcome={"no_role": 1, "denied": 1},
    examples=[
        {"account": MEMBER, "outcome": "no_role", "detail": "AssumeRole failed: AccessDenied"},
        {"account": "333333333333", "outcome": "denied", "detail": None},
    ],
    reason="2 of 120 accounts were not swept: 1 no_role, 1 denied",
)
TOO_TIGHT: Final = about_organization(
    "schedule_too_tight",
    accounts=5000,
    minutes=17,
    starts_every_minutes=15,
    reason="the sweep takes 17 minutes and starts every 15",
)
CAMPAIGN: Final = about_organization(
    "campaign",
    organization="o-stranger0001",
    management_account="999999999999",
    accounts=12,
    handshakes=14,
    first_seen_at="2026-11-24T10:00:00Z",
)
EXPIRING: Final = about_organization(
    "rule_expiring",
    rule="partner",
    effect="allow",
    expires="2026-12-27",
    days=30,
    reason="it allows handshakes until then; from that day on, those that no other rule matches get the default, which "
    "is decline",
)

ALARM: Final = {
    "source": "aws.cloudwatch",
    "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
    "account": OWN,
    "time": "2026-11-27T11:58:12Z",
    "detail": {"alarmName": "InvitationResponder silence", "state": {"value": "OK"}},
}

# Name of the golden file → the notices that came together.
CASES: Final[dict[str, Sequence[Notice]]] = {
    **{kind: [make_notice(kind)] for kind in ("declined", "would_decline")},
    "waiting": [make_notice("waiting", reason=f"{STRANGER}; it is declined at 2026-11-28T11:00:00Z")],
    "deferred": [make_notice("deferred", reason=f"{STRANGER}; this sweep may decline no more than 25")],
    "already_closed": [make_notice("already_closed", state="CANCELED", reason=f"{STRANGER}; it is CANCELED")],
    "failed": [make_notice("failed", reason=f"{STRANGER}; DeclineHandshake failed: AccessDeniedException")],
    **{kind: [make_notice(kind, **PARTNER)] for kind in ("left", "accepted", "would_accept")},
    "answer_due": [make_notice("answer_due", **PARTNER, answer_by="2026-11-28T11:30:00Z", days=1)],
    "undecided": [
        make_notice("undecided", action=None, reason="it can't be judged: its Action is missing", organization=None)
    ],
    "undecided-malformed": [
        make_notice(
            "undecided",
            handshake_id="malformed-0123456789abcdef",
            action="SELL_ACCOUNT",
            reason="it can't be judged: its Id is missing or malformed",
        )
    ],
    "breach": [make_notice("breach", **BREACH)],
    "breach-of-the-bill": [make_notice("breach", **BREACH | {"action": "TRANSFER_RESPONSIBILITY"})],
    "breach-of-all-features": [make_notice("breach", **BREACH | {"action": "ENABLE_ALL_FEATURES"})],
    "breach_unresolved": [make_notice("breach_unresolved", **BREACH, days=2)],
    "breaches": [make_notice("breach", number, **BREACH, receiver=f"22222222222{number}") for number in (1, 2)],
    "accounts_not_swept": [NOT_SWEPT],
    "schedule_too_tight": [TOO_TIGHT],
    "campaign": [CAMPAIGN],
    "rule_expiring": [EXPIRING],
    "alarm_ended": [read_notice(ALARM)],
    "alarms_ended": [read_notice(ALARM), read_notice(ALARM | {"id": "2", "time": None})],
    "of-a-later-version": [make_notice("sold", reason=None)],
    "digest": [make_notice("declined", 1), make_notice("declined", 2), make_notice("left", 4, **PARTNER)],
    "several": [
        *(make_notice("declined", number) for number in (1, 2, 3)),
        make_notice("left", 4, **PARTNER),
        EXPIRING,
    ],
    "several-of-an-organization": [
        *(make_notice("declined", number, receiver=receiver) for number, receiver in enumerate((MEMBER, OWN), 1)),
        make_notice("left", 4, **PARTNER | BILL, receiver=MEMBER),
        CAMPAIGN,
        TOO_TIGHT,
    ],
    "urgent-together": [
        make_notice("failed", 1, reason=f"{STRANGER}; DeclineHandshake failed: AccessDeniedException"),
        make_notice("undecided", 2, **BILL, reason="it can't be judged: its Arn is missing or malformed"),
        NOT_SWEPT,
    ],
    "hostile": [make_notice("left", 1, **PARTNER, sender_text=SENDER_TEXT)],
}


def show(notices: Sequence[Notice], reader: Reader) -> str:
    """A message as an e-mail program shows it."""
    message = write_message(notices, reader)
    return f"Subject: {message.subject}\n\n{json.loads(message.body)['default']}"


@pytest.mark.parametrize("name", CASES)
def test_a_message_is_as_it_was_read(name: str, reader: Reader) -> None:
    shown, golden = show(CASES[name], reader), GOLDEN / f"{name}.txt"
    if IS_WRITTEN:
        golden.write_text(shown)
    assert shown == golden.read_text()


def test_every_kind_and_every_file_has_its_case() -> None:
    assert {notice.kind for notices in CASES.values() for notice in notices} > set(WORDS)
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_chat_takes_the_document(name: str, reader: Reader) -> None:
    document = json.loads(json.loads(write_message(CASES[name], reader).body)["https"])
    assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []


def test_in_other_partitions_the_links_lead_to_their_consoles(reader: Reader) -> None:
    shown = show(CASES["breach"], replace(reader, partition="aws-cn"))
    assert "https://console.amazonaws.cn/organizations/v2/home/dashboard" in shown
    assert "--region cn-northwest-1" in shown
    assert "https://console.amazonaws-us-gov.com/" in show(CASES["left"], replace(reader, partition="aws-us-gov"))
    assert "https://console.aws.amazon.com/" in show(CASES["breach"], replace(reader, partition="aws-new"))
