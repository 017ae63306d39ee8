"""What holds for messages of any number and size."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from invitation_responder.courier.handshake_text import Reader
from invitation_responder.courier.kinds import WORDS
from invitation_responder.courier.message import split_by_urgency, write_message
from support.notices import MEMBER, NOW, OWN, make_notice
from support.strategies import examples

SCHEMA: Final = json.loads((Path(__file__).parent / "custom_notification.schema.json").read_text())
READER: Final = Reader(OWN, "eu-west-1", "aws", NOW)
SNS_LIMIT: Final = 256 * 1024
text = st.text(max_size=60)
sender_texts = st.fixed_dictionaries(
    {"names": st.lists(text, max_size=4), "emails": st.lists(text, max_size=4), "notes": text}
)
notices = st.builds(
    make_notice,
    st.sampled_from([*WORDS, "unknown"]),
    st.integers(1, 99),
    reason=text,
    organization=st.none() | text,
    action=st.none() | text,
    handshake_id=text,
    receiver=st.none() | text,
    sender_text=st.none() | text | sender_texts,
    answer_by=st.none() | text,
)


@examples(300)
@given(st.lists(notices, min_size=1, max_size=8))
def test_any_message_fits_sns_and_the_chats_schema(several: list[object]) -> None:
    message = write_message(several, READER)  # type: ignore[arg-type] # built above
    assert 0 < len(message.subject) <= 100
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert len(message.body.encode()) < SNS_LIMIT
    forms = json.loads(message.body)
    assert set(forms) == {"default", "http", "https", "sms"}
    assert (forms["sms"], forms["http"]) == (message.subject, forms["https"])
    Draft202012Validator(SCHEMA).validate(json.loads(forms["https"]))


def test_the_longest_message_fits(reader: Reader) -> None:
    words = {"names": ["名" * 5000] * 10, "emails": ["名" * 5000] * 10, "notes": "名" * 5000}
    longest = [
        make_notice("left", number, reason="名" * 5000, action="名" * 5000, organization="名" * 5000, sender_text=words)
        for number in range(1, 100)
    ]
    assert len(write_message(longest, reader).body.encode()) < SNS_LIMIT


def test_forty_declines_are_one_message_with_all_of_them() -> None:
    message = write_message([make_notice("declined", number) for number in range(1, 41)], READER)
    assert message.subject == "40 handshakes declined"
    assert all(f"h-0a1b2c3d4e{number:02}" in message.body for number in range(1, 41))


def test_a_letter_says_how_many_it_leaves_out_and_leaves_out_nothing_that_needs_somebody() -> None:
    several = [*(make_notice("declined", number) for number in range(1, 61)), make_notice("left", 99)]
    letter = json.loads(write_message(several, READER).body)["default"]
    assert "h-0a1b2c3d4e99" in letter
    assert letter.count("asked account") == 50
    assert "And 11 more: the ledger and the function's log have all of it." in letter


def test_a_chat_says_that_the_rest_is_in_the_email() -> None:
    several = [make_notice("declined", number) for number in range(1, 51)]
    content = json.loads(json.loads(write_message(several, READER).body)["https"])["content"]
    assert content["description"].endswith("\n… the e-mail has all of it")
    assert len(content["description"]) > 7000


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("2026-11-27T12:00:00Z", "2026-11-27 12:00 UTC, which is over"),
        ("2026-11-27T13:30:00Z", "2026-11-27 13:30 UTC, within two hours from now"),
        ("2026-11-28T11:59:59Z", "2026-11-28 11:59 UTC, 23 hours from now"),
        ("2026-11-29T12:00:00Z", "2026-11-29 12:00 UTC, 2 days from now"),
    ],
)
def test_a_deadline_says_how_much_time_is_left(end: str, says: str) -> None:
    assert says in write_message([make_notice("left", answer_by=end)], READER).body


def test_without_a_deadline_the_expiration_counts_and_without_both_there_is_none() -> None:
    assert "2026-12-07 11:00" in write_message([make_notice("left", answer_by=None)], READER).body
    assert "names no end" in write_message([make_notice("left", answer_by=None, expires_at=None)], READER).body


def test_the_senders_words_are_only_there_if_the_event_has_them() -> None:
    assert "own words" not in write_message([make_notice("left")], READER).body
    written = {"names": [], "emails": "none", "notes": ""}
    assert "own words" not in write_message([make_notice("left", sender_text=written)], READER).body


@pytest.mark.parametrize("accounts", [None, [None, 7, {"account": None}]])
def test_examples_that_are_none_are_left_out(accounts: object) -> None:
    assert "not swept" in write_message([make_notice("accounts_not_swept", examples=accounts)], READER).body


def test_breaches_have_a_message_of_their_own_and_urgent_ones_another() -> None:
    kinds = ["declined", "breach", "failed", "left", "breach_unresolved", "undecided", "accounts_not_swept"]
    parts = split_by_urgency([make_notice(kind) for kind in kinds])
    assert [[notice.kind for notice in part] for part in parts] == [
        ["breach", "breach_unresolved"],
        ["failed", "undecided", "accounts_not_swept"],
        ["declined", "left"],
    ]
    assert split_by_urgency([]) == []


def test_a_breach_of_an_unknown_organization_names_the_management_account() -> None:
    subject = write_message([make_notice("breach", organization=None, receiver=MEMBER)], READER).subject
    assert subject == "BREACH in 222222222222: 999999999999's INVITE was accepted"


@pytest.mark.parametrize("kind", ["left", "breach"])
def test_only_ids_that_aws_gives_out_get_into_commands(kind: str) -> None:
    letter = write_message([make_notice(kind, handshake_id="h-1; reboot")], READER).body
    assert "Console: https://" in letter
    assert "--profile" not in letter


def test_the_accounts_stand_in_the_subject_unless_it_is_the_responders_own() -> None:
    own, member = make_notice("declined", 1), make_notice("declined", 2, receiver=MEMBER)
    assert write_message([own], READER).subject == "1 handshake declined"
    assert write_message([member], READER).subject == "1 handshake declined in 222222222222"
    assert write_message([own, member], READER).subject == "2 handshakes declined in 2 accounts"
    elsewhere = replace(READER, account=MEMBER)
    assert write_message([own], elsewhere).subject == "1 handshake declined in 123456789012"
