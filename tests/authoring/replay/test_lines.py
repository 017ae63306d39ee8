"""Files of recorded handshakes and of decision records, and every line in them that can't be read."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.replay.known_handshake import KnownHandshake
from authoring.replay.lines import InvalidHistory, listed_line, read_lines
from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import Handshake, read_handshake
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import make_record, sender_text_of
from support.embedded import POLICY, invitation
from support.strategies import NOW, RECEIVER, examples, handshakes, json_values, policies, raw_handshakes

HANDSHAKE = read_handshake(invitation(), RECEIVER)
TEXT_UNKNOWN = {"management_emails", "notes"}


def record(handshake: Handshake = HANDSHAKE, policy: Policy = POLICY, **members: Any) -> dict[str, Any]:
    """A decision record as it is logged; `members` replace its members, None removes one."""
    decision = Decider(policy).decide(handshake, NOW)
    whole = make_record(handshake, decision, policy, outcome="left", state="OPEN").as_dict() | members
    return {name: value for name, value in whole.items() if value is not None}


def read(*lines: Any) -> list[KnownHandshake]:
    """Read lines: text as it is, other values as JSON."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return read_lines("\n".join(texts).encode(), "h.jsonl")


def diagnostics(*lines: Any) -> list[str]:
    """The diagnostics of lines that can't all be read."""
    with pytest.raises(InvalidHistory) as caught:
        read(*lines)
    return str(caught.value).splitlines()


def test_a_recorded_line_holds_what_aws_listed_in_ascii() -> None:
    hostile = invitation(1, Resources=[{"Type": "NOTES", "Value": "\x1b[2J日\u202e\n"}])
    line = listed_line(hostile, RECEIVER, NOW.astimezone(timezone(timedelta(hours=2))))
    assert line.isascii()
    assert line[:-1].isprintable()
    assert json.loads(line) == {
        "format": 1,
        "receiver": RECEIVER,
        "listed_at": "2026-11-22T12:00:00Z",
        "handshake": {
            **hostile,
            "RequestedTimestamp": "2026-11-22T11:00:00+00:00",
            "ExpirationTimestamp": "2026-12-06T12:00:00+00:00",
        },
    }


@given(raw_handshakes())
def test_a_recorded_handshake_comes_back_as_it_was_listed(raw: dict[str, Any]) -> None:
    assert read(listed_line(raw, RECEIVER, NOW)) == [KnownHandshake(read_handshake(raw, RECEIVER), judged_at=NOW)]


@examples(400)
@given(json_values())
def test_no_object_of_aws_keeps_a_line_from_being_written_and_read(raw: object) -> None:
    (known,) = read(listed_line(raw, RECEIVER, NOW))
    assert known.handshake == read_handshake(json.loads(json.dumps(raw)), RECEIVER)


def test_what_is_no_json_is_recorded_as_text() -> None:
    assert json.loads(listed_line({"Id": {1}}, "", NOW))["handshake"] == {"Id": "{1}"}


def test_a_handshake_that_was_listed_for_nobody_in_particular_says_nothing_about_accounts() -> None:
    (known,) = read(listed_line(invitation(), "", NOW))
    assert (known.handshake.receiver, set(known.unknown)) == ("", {"accounts", "not_accounts"})


def test_a_record_tells_what_was_decided_and_nothing_that_the_sender_wrote() -> None:
    (known,) = read(record())
    assert known.handshake == replace(HANDSHAKE, expires_at=None, emails=(), names=(), notes="")
    assert known.unknown == TEXT_UNKNOWN
    assert known.was == Decider(POLICY).decide(HANDSHAKE, NOW)
    assert (known.judged_at, known.judged_by) == (None, POLICY.sha256)


@examples(400)
@given(handshakes(), policies())
def test_with_whole_sender_text_a_record_tells_everything_that_is_decided_by(
    handshake: Handshake, policy: Policy
) -> None:
    (known,) = read(record(handshake, policy, sender_text=sender_text_of(handshake)))
    assert not known.unknown
    assert Decider(policy).decide(known.handshake, NOW) == Decider(policy).decide(handshake, NOW)


@pytest.mark.parametrize(
    ("sender_text", "unknown"),
    [
        pytest.param({"emails": [], "names": [], "notes": "x" * 1023 + "…"}, {"notes"}, id="notes that were cut"),
        pytest.param({"emails": ["x" * 1023 + "…"], "notes": ""}, {"management_emails"}, id="an address that was cut"),
        pytest.param({"emails": ["a"] * 10, "notes": ""}, {"management_emails"}, id="as many as are recorded"),
        pytest.param({"emails": ["a…"] * 9, "notes": "x" * 1024}, set(), id="all of it"),
        pytest.param({"emails": [], "notes": "x" * 1023 + "\\…"}, {"notes"}, id="cut within an escape"),
    ],
)
def test_sender_text_that_was_cut_is_not_known(sender_text: dict[str, Any], unknown: set[str]) -> None:
    assert read(record(sender_text=sender_text))[0].unknown == unknown


def test_the_ledger_says_when_it_was_judged() -> None:
    (known,) = read(record(updated_at="2026-11-22T14:00:00+02:00"))
    assert known.judged_at == NOW


def test_what_a_closing_left_as_it_was_is_judged_as_when_it_was_first_seen() -> None:
    times = {"first_seen_at": "2026-11-22T12:00:00Z", "updated_at": "2026-12-24T12:00:00Z"}
    kept, judged = record(effect="allow"), record(handshake_id="h-00000002")
    known_handshakes = read(*({**each, **times, "outcome": "already_closed"} for each in (kept, judged)))
    assert [known.judged_at for known in known_handshakes] == [NOW, datetime(2026, 12, 24, 12, tzinfo=UTC)]


def test_a_log_line_and_an_export_of_the_ledger_are_records_too() -> None:
    log_line = {"level": "INFO", "message": "left", "timestamp": "2026-11-22 12:00:00,000+0000", **record()}
    names = ("handshake_id", "receiver", "action", "organization", "management_account", "effect", "policy_sha256")
    typed = {name: {"S": record()[name]} for name in names}
    typed |= {"rules": {"L": [{"S": "corporate"}]}, "news": {"N": "1"}, "expires_at": {"NULL": True}}
    typed["sender_text"] = {"M": {"emails": {"L": []}, "notes": {"S": ""}}}
    logged, exported = read(log_line), read({"Item": typed})
    assert logged == read(record())
    assert (exported[0].key, exported[0].unknown) == (logged[0].key, frozenset())
    assert exported[0].was == Decision("decline", "the record gives no reason", ("corporate",))


def test_what_was_undecided_stays_undecided() -> None:
    strange = read_handshake(invitation(1, Action="SELL_ACCOUNT", Arn=None), RECEIVER)
    (known,) = read(record(strange))
    assert Decider(POLICY).decide(known.handshake, NOW) == Decider(POLICY).decide(strange, NOW)


def test_an_action_that_another_version_decided_about_is_undecided_here() -> None:
    (known,) = read(record(action="SELL_ACCOUNT"))
    decision = Decider(POLICY).decide(known.handshake, NOW)
    assert decision == Decision(
        "undecided", "it can't be judged: its Action SELL_ACCOUNT is not one that this program knows"
    )


def test_all_that_is_said_of_a_handshake_becomes_one_case() -> None:
    listed, decided = listed_line(invitation(), RECEIVER, NOW).strip(), record()
    whole = KnownHandshake(HANDSHAKE, judged_at=NOW, was=read(decided)[0].was, judged_by=POLICY.sha256)
    assert read(listed, decided) == read(decided, listed) == [whole]
    later = record(effect="allow", reason="another")
    assert [known.was for known in read(decided, later)] == [Decision("allow", "another")]
    assert len(read(decided, record(receiver="333333333333"))) == 2


def test_what_a_record_says_is_shown_escaped() -> None:
    (known,) = read(record(reason="\x1b[2Jcleared"))
    assert known.was is not None
    assert known.was.reason == "\\x1b[2Jcleared"


EXPECTED = "(expected a line of `responder run --record`, or a decision record)"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("{", f"it is not JSON {EXPECTED}", id="no JSON"),
        pytest.param("[" * 100_000, f"it is not JSON {EXPECTED}", id="too deep"),
        pytest.param([], f"it has neither `handshake` nor `handshake_id` {EXPECTED}", id="no object"),
        pytest.param({"a": 1}, f"it has neither `handshake` nor `handshake_id` {EXPECTED}", id="another object"),
        pytest.param(
            {"format": 2, "handshake": {}},
            "`format` is not 1: another version of `responder run --record` wrote this line",
            id="another format",
        ),
        pytest.param(
            {"format": True, "handshake": {}},
            "`format` is not 1: another version of `responder run --record` wrote this line",
            id="true is no number",
        ),
        pytest.param(
            {"format": 1, "handshake": {}},
            "`listed_at` is missing (expected ISO 8601 with an offset)",
            id="nobody knows when it was listed",
        ),
        pytest.param(
            {"format": 1, "handshake": {}, "listed_at": "2026-11-22"},
            "`listed_at` is `2026-11-22` (expected ISO 8601 with an offset)",
            id="a time somewhere in the world",
        ),
        pytest.param(
            {"format": 1, "handshake": {}, "listed_at": "2026-11-22T00:00Z", "receiver": "me"},
            "`receiver` is `me` (expected 12 digits)",
            id="no account",
        ),
        pytest.param(
            record(effect="maybe"), "`effect` is `maybe` (expected decline, allow, accept or undecided)", id="e"
        ),
        pytest.param(
            record(effect=None), "`effect` is missing (expected decline, allow, accept or undecided)", id="no e"
        ),
        pytest.param(record(handshake_id="x"), "`handshake_id` is `x` (expected a handshake's id)", id="no id"),
        pytest.param(record(receiver=222222222222), "`receiver` is of type int (expected 12 digits)", id="a number"),
        pytest.param(
            record(organization="o-\x1b[2J"),
            r"`organization` is `o-\x1b[2J` (expected `o-` and 10 to 32 lowercase letters or digits)",
            id="a terminal escape",
        ),
        pytest.param(record(action=None), "`action` is missing (expected an action such as `INVITE`)", id="no action"),
        pytest.param(record(rules="all"), "`rules` is not a list of rule names", id="rules that are none"),
        pytest.param(record(rules=["\n"]), "`rules` is not a list of rule names", id="a rule's name that is none"),
        pytest.param(
            record(updated_at="9999-12-31T23:59-23:59"),
            "`updated_at` is `9999-12-31T23:59-23:59` (expected ISO 8601 with an offset)",
            id="the end of time",
        ),
        pytest.param(
            record(requested_at=1), "`requested_at` is of type int (expected ISO 8601 with an offset)", id="a timestamp"
        ),
        pytest.param(
            record(sender_text="x"),
            "`sender_text` is not an object with the list `emails` and the text `notes`",
            id="sender text that is none",
        ),
        pytest.param(
            record(sender_text={"emails": [1], "notes": ""}),
            "`sender_text` is not an object with the list `emails` and the text `notes`",
            id="an address that is none",
        ),
        pytest.param(
            record(sender_text={"emails": [], "notes": "\\"}),
            "`sender_text` is not escaped as in a decision record: it holds a backslash that escapes nothing",
            id="sender text that nobody escaped",
        ),
    ],
)
def test_a_bad_line_is_told_with_its_place_and_what_was_expected(line: Any, message: str) -> None:
    assert diagnostics("", line) == [f"h.jsonl:2: {message}"]


def test_every_bad_line_is_told() -> None:
    assert [line.split(": ")[0] for line in diagnostics("{", record(), "", "}")] == ["h.jsonl:1", "h.jsonl:4"]


def test_lines_end_at_line_ends_alone_and_may_begin_with_a_mark() -> None:
    content = "\ufeff" + json.dumps(record(reason="a\u2028b"), ensure_ascii=False) + "\r\n"
    assert len(read_lines(content.encode(), "h.jsonl")) == 1


@examples(400)
@given(st.binary() | json_values().map(lambda value: json.dumps(value).encode()))
def test_no_input_crashes_the_reader(content: bytes) -> None:
    if content.strip() and b"handshake" not in content:
        with pytest.raises(InvalidHistory, match=r"^h\.jsonl:"):
            read_lines(content, "h.jsonl")
        return
    with suppress(InvalidHistory):
        assert content.strip() or read_lines(content, "h.jsonl") == []
