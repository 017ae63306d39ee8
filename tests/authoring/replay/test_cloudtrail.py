"""CloudTrail's records of calls about handshakes, and records that are not of this kind."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from authoring.replay.cloudtrail import Recorded, is_of_cloudtrail, read_cloudtrail
from authoring.replay.known_handshake import InvalidRecordError
from invitation_responder.core.handshake import ACTIONS, read_handshake
from support.strategies import RECEIVER, examples, json_values, raw_handshakes

RECORD: dict[str, Any] = json.loads((Path(__file__).parent / "inputs/cloudtrail-record.json").read_bytes())
HANDSHAKE: dict[str, Any] = RECORD["responseElements"]["handshake"]
SENT = datetime(2017, 1, 18, 21, 41, 16, tzinfo=UTC)


def one(fields: dict[str, Any]) -> Recorded:
    """The only handshake in a record."""
    assert is_of_cloudtrail(fields)
    (recorded,) = read_cloudtrail(fields)
    return recorded


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(RECORD, id="a record"),
        pytest.param({"Records": [{"eventName": "GetObject"}, 7, RECORD]}, id="a file of records"),
        pytest.param({"detail-type": "AWS API Call via CloudTrail", "detail": RECORD}, id="EventBridge's event"),
        pytest.param(RECORD["responseElements"], id="the answer alone"),
        pytest.param(HANDSHAKE, id="the handshake alone"),
        pytest.param({**HANDSHAKE, "parentHandshakeId": "h-1"}, id="with a member of the future"),
    ],
)
def test_the_handshake_is_the_one_that_the_api_gives(fields: dict[str, Any]) -> None:
    handshake = read_handshake(one(fields).handshake, RECEIVER)
    assert handshake.problems == ()
    assert (handshake.id, handshake.action, handshake.state) == ("h-examplehandshakeid111", "INVITE", "OPEN")
    assert (handshake.organization, handshake.management_account) == ("o-exampleorgid", "111111111111")
    assert (handshake.requested_at, handshake.expires_at) == (SENT, datetime(2017, 2, 2, 21, 41, 16, tzinfo=UTC))
    assert (handshake.emails, handshake.names, handshake.notes) == (("p@example.org",), ("N",), "n")


@pytest.mark.parametrize(
    ("members", "receiver"),
    [
        pytest.param({}, RECEIVER, id="the account that the sender asked for"),
        pytest.param({"requestParameters": {"target": {"type": "EMAIL", "id": "a@b"}}}, "", id="an address"),
        pytest.param({"requestParameters": {"target": {"type": "ACCOUNT", "id": "HIDDEN"}}}, "", id="hidden"),
        pytest.param({"requestParameters": {"target": "x"}}, "", id="a target that is text"),
        pytest.param({"requestParameters": None}, "", id="nothing asked"),
        pytest.param({"eventName": "AcceptHandshake", "recipientAccountId": "3" * 12}, "3" * 12, id="who accepted it"),
        pytest.param({"eventName": "DeclineHandshake", "recipientAccountId": "3" * 12}, "3" * 12, id="who declined it"),
        pytest.param({"eventName": "CancelHandshake", "requestParameters": {}}, "", id="canceled by its sender"),
    ],
)
def test_the_receiver_is_who_the_record_says(members: dict[str, Any], receiver: str) -> None:
    assert one({**RECORD, **members}).receiver == receiver


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2017-01-18T21:41:16Z", SENT),
        ("2017-01-18T21:41:16", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("noon", None),
        (7, None),
    ],
)
def test_when_it_was_recorded(time: object, expected: datetime | None) -> None:
    assert one({**RECORD, "eventTime": time}).at == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("Jan 18, 2017 9:41:16 PM", SENT, id="as documented"),
        pytest.param("Jan 18, 2017, 9:41:16 PM", SENT, id="with a comma"),
        pytest.param("Jan 18, 2017, 9:41:16\u202fPM", SENT, id="with a narrow space"),
        pytest.param("Jan 18, 2017 12:00:00 AM", datetime(2017, 1, 18, tzinfo=UTC), id="midnight"),
        pytest.param("Dec 1, 2017 12:00:00 PM", datetime(2017, 12, 1, 12, tzinfo=UTC), id="noon"),
        pytest.param("2017-01-18T21:41:16Z", SENT, id="ISO 8601"),
        pytest.param(SENT.timestamp(), SENT, id="epoch seconds"),
        pytest.param("Feb 30, 2017 9:41:16 PM", None, id="a day that there is not"),
        pytest.param("Jan 18, 2017 0:41:16 PM", None, id="an hour that there is not"),
        pytest.param("Jan 18, 2017 9:41:61 PM", None, id="a second that there is not"),
        pytest.param("jan 18, 2017 9:41:16 PM", None, id="another case"),
        pytest.param("Jan 18, 2017 9:41:16 PM\n", None, id="a line end behind it"),
    ],
)
def test_times_are_read_as_cloudtrail_writes_them_and_no_other_way(written: object, expected: datetime | None) -> None:
    handshake = read_handshake(one({**HANDSHAKE, "requestedTimestamp": written}).handshake, RECEIVER)
    assert handshake.requested_at == expected
    assert handshake.problems == (() if expected else ("its RequestedTimestamp is malformed",))


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_known_in_either_case(action: str) -> None:
    for written in (action, action.lower()):
        assert one({**HANDSHAKE, "action": written}).handshake["Action"] == action


@pytest.mark.parametrize(
    ("member", "value"),
    [("action", "Invite"), ("action", 7), ("action", "sell_account"), ("resources", "x"), ("resources", [{"type": 7}])],
)
def test_what_is_malformed_is_left_to_be_judged_as_it_is(member: str, value: object) -> None:
    assert read_handshake(one({**HANDSHAKE, member: value}).handshake, RECEIVER).problems


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"Records": [{"eventName": "GetObject", "responseElements": None}]},
            "none of its 1 records of CloudTrail holds a handshake",
            id="records of other services",
        ),
        pytest.param(
            {"eventName": "ListHandshakesForAccount", "responseElements": None},
            "CloudTrail's record of `ListHandshakesForAccount` has no `responseElements.handshake` "
            "(take the record of a call that sent, answered or canceled a handshake)",
            id="a call that only reads",
        ),
        pytest.param(
            {"detail": {"eventName": 7, "responseElements": {"handshake": "x"}}},
            "CloudTrail's record of a call has no",
            id="a handshake that is text",
        ),
    ],
)
def test_what_holds_no_handshake_is_told(fields: dict[str, Any], expected: str) -> None:
    assert is_of_cloudtrail(fields)
    with pytest.raises(InvalidRecordError) as caught:
        read_cloudtrail(fields)
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"action": "INVITE"}, id="a short form"),
        pytest.param({"id": "h-1", "organization": "o-exampleorgid"}, id="a short form with a strange key"),
        pytest.param({"Id": "h-12345678"}, id="the API's"),
        pytest.param({"handshake_id": "h-12345678", "state": "OPEN"}, id="a decision record"),
        pytest.param({"format": 1, "handshake": HANDSHAKE}, id="a recorded line"),
        pytest.param({}, id="nothing"),
    ],
)
def test_other_forms_are_not_cloudtrails(fields: dict[str, Any]) -> None:
    assert not is_of_cloudtrail(fields)


def spelled(value: Any) -> Any:
    """The API's object in CloudTrail's spelling."""
    if isinstance(value, list):
        return [spelled(each) for each in value]
    if not isinstance(value, dict):
        return value.isoformat() if isinstance(value, datetime) else value
    return {name[:1].lower() + name[1:]: spelled(inner) for name, inner in value.items()}


@given(raw_handshakes())
def test_every_handshake_comes_back(raw: dict[str, Any]) -> None:
    recorded = spelled(raw) | {"action": raw["Action"].lower()}
    before = json.dumps(recorded)
    assert read_handshake(one(recorded).handshake, RECEIVER) == read_handshake(raw, RECEIVER)
    assert json.dumps(recorded) == before


@examples(300)
@given(json_values())
def test_no_json_makes_the_reader_raise_anything_else(value: object) -> None:
    for fields in ({**HANDSHAKE, "resources": [value]}, {**RECORD, "responseElements": value}, {"Records": [value]}):
        try:
            handshakes = read_cloudtrail(spelled(fields))
        except InvalidRecordError:
            continue
        assert all(read_handshake(each.handshake, RECEIVER).id for each in handshakes)


def test_resources_may_nest_deeper_than_any_stack() -> None:
    resources: list[Any] = [{"type": "NOTES", "value": "deep"}]
    for _ in range(20_000):
        resources = [{"type": "T", "resources": resources}]
    assert read_handshake(one({**HANDSHAKE, "resources": resources}).handshake, RECEIVER).notes == "deep"
