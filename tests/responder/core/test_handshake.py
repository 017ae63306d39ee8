"""The API's dict → Handshake."""

import json
from datetime import UTC, datetime, timedelta, timezone
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given

from invitation_responder.core.handshake import ACTIONS, Handshake, Sender, read_handshake
from invitation_responder.core.resources import management_accounts_in
from support.strategies import NOW, RECEIVER, damaged_handshakes, json_values

ID = "h-examplehandshakeid111"
ARN = f"arn:aws:organizations::111111111111:handshake/o-exampleorgid/invite/{ID}"
SENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def raw(**members: Any) -> dict[str, Any]:
    """The documentation's invitation; `members` replace its members, None removes one."""
    whole = {
        "Id": ID,
        "Arn": ARN,
        "Parties": [{"Id": RECEIVER, "Type": "ACCOUNT"}, {"Id": "o-exampleorgid", "Type": "ORGANIZATION"}],
        "State": "OPEN",
        "Action": "INVITE",
        "RequestedTimestamp": SENT,
        "ExpirationTimestamp": SENT + timedelta(days=15),
        "Resources": [
            {
                "Type": "ORGANIZATION",
                "Value": "o-exampleorgid",
                "Resources": [
                    {"Type": "MASTER_EMAIL", "Value": "bill@example.com"},
                    {"Type": "MASTER_NAME", "Value": "Master Account"},
                ],
            },
            {"Type": "ACCOUNT", "Value": RECEIVER},
            {"Type": "NOTES", "Value": "This is an invitation to Susan's account."},
        ],
    }
    return {name: value for name, value in {**whole, **members}.items() if value is not None}


def test_the_documentations_example_is_read_whole() -> None:
    assert read_handshake(raw(), RECEIVER) == Handshake(
        id=ID,
        receiver=RECEIVER,
        action="INVITE",
        state="OPEN",
        sender=Sender("o-exampleorgid", "111111111111"),
        requested_at=SENT,
        expires_at=SENT + timedelta(days=15),
        emails=("bill@example.com",),
        names=("Master Account",),
        notes="This is an invitation to Susan's account.",
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_of_the_model_can_be_judged(action: str) -> None:
    handshake = read_handshake(raw(Action=action), RECEIVER)
    assert handshake.action == action
    assert handshake.problems == ()


@pytest.mark.parametrize(
    "partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
)
def test_a_sender_is_found_in_any_partition(partition: str) -> None:
    handshake = read_handshake(raw(Arn=ARN.replace("arn:aws:", f"arn:{partition}:")), RECEIVER)
    assert handshake.sender == Sender("o-exampleorgid", "111111111111")
    assert handshake.problems == ()


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        pytest.param({"Id": None}, "its Id is missing or malformed", id="no Id"),
        pytest.param({"Id": "h-SHOUTING1"}, "its Id is missing or malformed", id="an Id of another pattern"),
        pytest.param({"Id": f"{ID}\n"}, "its Id is missing or malformed", id="an Id with a line end behind it"),
        pytest.param({"Id": 7}, "its Id is missing or malformed", id="an Id that is a number"),
        pytest.param({"Arn": None}, "it names no sender", id="no Arn"),
        pytest.param({"Arn": ["x"]}, "it names no sender", id="an Arn that is a list"),
        pytest.param({"Arn": ARN + "\n"}, "it names no sender", id="an Arn with a line end behind it"),
        pytest.param({"Arn": ARN.replace("::1", "::\u0661")}, "it names no sender", id="an account in other digits"),
        pytest.param({"Arn": ARN.replace("/o-", "/ou-")}, "it names no sender", id="an Arn without an organization"),
        pytest.param({"Arn": ARN[:-1] + "2"}, "another handshake", id="an Arn of another handshake"),
        pytest.param({"Action": None}, "its Action is missing", id="no action"),
        pytest.param({"Action": "SELL_ACCOUNT"}, "SELL_ACCOUNT is not one that", id="an action of the future"),
        pytest.param({"Action": "invite"}, "its Action is missing or malformed", id="an action in lower case"),
        pytest.param({"Action": "X\x1b[2J"}, "its Action is missing or malformed", id="an action with an escape"),
        pytest.param({"State": None}, "its State is missing", id="no state"),
        pytest.param({"State": "PAUSED"}, "State PAUSED is not one that", id="a state of the future"),
        pytest.param({"RequestedTimestamp": "soon"}, "its RequestedTimestamp is malformed", id="a time in prose"),
        pytest.param({"RequestedTimestamp": datetime(2026, 1, 1)}, "is malformed", id="a time without a zone"),  # noqa: DTZ001 - the point
        pytest.param({"ExpirationTimestamp": "2026-01-01T00:00"}, "is malformed", id="a text without a zone"),
        pytest.param({"ExpirationTimestamp": True}, "is malformed", id="a time that is a truth value"),
        pytest.param({"ExpirationTimestamp": 1e300}, "is malformed", id="a time beyond all calendars"),
        pytest.param({"ExpirationTimestamp": float("nan")}, "is malformed", id="a time that is no number"),
        pytest.param({"Resources": "NOTES"}, "its Resources are malformed", id="resources that are text"),
        pytest.param({"Resources": [7]}, "its Resources are malformed", id="a resource that is a number"),
        pytest.param({"Resources": [{"Type": 7}]}, "its Resources are malformed", id="a type that is a number"),
        pytest.param({"Resources": [{"Type": "NOTES", "Value": 7}]}, "are malformed", id="notes that are a number"),
        pytest.param(
            {"Resources": [{"Type": "MANAGEMENT_ACCOUNT", "Value": [RECEIVER]}]},
            "are malformed",
            id="a list of accounts",
        ),
        pytest.param({"Resources": [{"Resources": {}}]}, "are malformed", id="inner resources that are an object"),
    ],
)
def test_what_is_missing_or_strange_is_named_and_never_raised(members: dict[str, Any], problem: str) -> None:
    handshake = read_handshake(raw(**members), RECEIVER)
    assert problem in "; ".join(handshake.problems)
    assert handshake.id
    assert handshake.is_pending(NOW) is True


def test_what_follows_from_a_missing_member_is_not_told_too() -> None:
    little = {"State": "OPEN", "Action": "INVITE", "Arn": ARN}
    assert read_handshake(little, RECEIVER).problems == ("its Id is missing or malformed",)
    assert read_handshake({**little, "Id": ID[:-1] + "2"}, RECEIVER).problems == (
        "its Arn names another handshake than its Id",
    )
    assert read_handshake({"Id": ID, "State": "OPEN", "Action": "INVITE"}, RECEIVER).problems == (
        "it names no sender: its Arn is missing or malformed",
    )


@pytest.mark.parametrize("thing", [None, 7, "h-examplehandshakeid111", [], [{}]])
def test_what_is_no_object_is_read_as_a_handshake_that_cannot_be_judged(thing: object) -> None:
    handshake = read_handshake(thing, RECEIVER)
    assert handshake.problems == ("it is not an object",)
    assert handshake.receiver == RECEIVER


def test_without_an_id_the_same_object_gets_the_same_name_and_another_one_another() -> None:
    first, again = read_handshake(raw(Id=None), RECEIVER), read_handshake(raw(Id=None), RECEIVER)
    other = read_handshake(raw(Id=None, State="REQUESTED"), RECEIVER)
    assert first.id == again.id != other.id
    assert first.id.startswith("malformed-")


def test_an_object_nested_too_deeply_for_a_name_still_gets_one() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert read_handshake(deep, RECEIVER).id.startswith("malformed-")
    assert read_handshake({"Id": 10**5000}, RECEIVER).id.startswith("malformed-")


@pytest.mark.parametrize(
    "member", ["Parties", "RequestedTimestamp", "ExpirationTimestamp", "Resources"], ids=lambda m: f"without {m}"
)
def test_a_handshake_without_this_member_can_still_be_judged(member: str) -> None:
    assert read_handshake(raw(**{member: None}), RECEIVER).problems == ()


@pytest.mark.parametrize(
    "parties",
    [
        pytest.param([{"Id": "susan@example.com", "Type": "EMAIL"}], id="the receiver appears as an address only"),
        pytest.param([{"Id": "exampleorgid", "Type": "ORGANIZATION"}], id="the organization lacks its prefix"),
        pytest.param([{"Id": "o-anotherorg99", "Type": "ORGANIZATION"}], id="a party names another organization"),
        pytest.param("nobody", id="parties are no list"),
    ],
)
def test_parties_identify_nobody(parties: object) -> None:
    handshake = read_handshake(raw(Parties=parties), RECEIVER)
    assert handshake.sender == Sender("o-exampleorgid", "111111111111")
    assert handshake.receiver == RECEIVER
    assert handshake.problems == ()


def nested(depth: int, *leaves: dict[str, Any]) -> list[dict[str, Any]]:
    """Resources, nested `depth` levels deep."""
    resources = list(leaves)
    for _ in range(depth):
        resources = [{"Type": "RESPONSIBILITY_TRANSFER", "Value": "rt-1", "Resources": resources}]
    return resources


@pytest.mark.parametrize("depth", [0, 1, 2, 5, 5000])
def test_notes_names_and_addresses_are_found_at_any_depth(depth: int) -> None:
    resources = nested(
        depth,
        {"Type": "NOTES", "Value": "hello"},
        {"Type": "MANAGEMENT_EMAIL", "Value": "m@example.com"},
        {"Type": "OWNER_EMAIL", "Value": "o@example.com"},
        {"Type": "MANAGEMENT_NAME", "Value": "M"},
        {"Type": "OWNER_NAME", "Value": "O"},
        {"Type": "A_TYPE_OF_THE_FUTURE", "Value": "?"},
    )
    handshake = read_handshake(raw(Resources=resources), RECEIVER)
    assert handshake.notes == "hello"
    assert handshake.emails == ("m@example.com", "o@example.com")
    assert handshake.names == ("M", "O")
    assert handshake.problems == ()


def test_all_notes_count() -> None:
    resources = nested(0, {"Type": "NOTES", "Value": "CHG-1"}) + nested(2, {"Type": "NOTES", "Value": "gift card"})
    assert read_handshake(raw(Resources=resources), RECEIVER).notes == "CHG-1\ngift card"


def email(value: str, kind: str = "MANAGEMENT_EMAIL") -> dict[str, Any]:
    """A resource with an e-mail address."""
    return {"Type": kind, "Value": value}


def of(kind: str, value: str, *resources: Any) -> dict[str, Any]:
    """A resource that holds others."""
    return {"Type": kind, "Value": value, "Resources": list(resources)}


SENDER_ACCOUNT = "111111111111"


@pytest.mark.parametrize(
    ("resources", "emails"),
    [
        pytest.param(
            [of("RESPONSIBILITY_TRANSFER", "rt-1", of("MANAGEMENT_ACCOUNT", RECEIVER), email("ours"))],
            (),
            id="beside the receiver's account it is the receiver's",
        ),
        pytest.param([email("ours"), of("MANAGEMENT_ACCOUNT", RECEIVER)], (), id="on the top level, in any order, too"),
        pytest.param(
            [of("ORGANIZATION", "o-exampleorgid", email("theirs", "MASTER_EMAIL")), of("MANAGEMENT_ACCOUNT", RECEIVER)],
            ("theirs",),
            id="inside of the organization it is the sender's",
        ),
        pytest.param([of("MANAGEMENT_ACCOUNT", RECEIVER, email("ours"))], (), id="held by the receiver's account"),
        pytest.param([of("ACCOUNT", RECEIVER, email("ours", "OWNER_EMAIL"))], (), id="held by an account of any type"),
        pytest.param([of("ACCOUNT", "333333333333", email("x"))], (), id="held by an account of somebody else"),
        pytest.param(
            [of("ACCOUNT", RECEIVER, of("CONTACT", "c", [email("ours")]))], (), id="held by it on a deeper level"
        ),
        pytest.param(
            [of("ACCOUNT", RECEIVER, of("ORGANIZATION", "o-exampleorgid", email("theirs")))],
            ("theirs",),
            id="held by the organization that it holds",
        ),
        pytest.param(
            [of("T", "t", of("MANAGEMENT_ACCOUNT", SENDER_ACCOUNT), email("theirs"))],
            ("theirs",),
            id="beside the sender's account",
        ),
        pytest.param(
            [of("MANAGEMENT_ACCOUNT", SENDER_ACCOUNT, email("theirs")), of("MANAGEMENT_ACCOUNT", RECEIVER, email("o"))],
            ("theirs",),
            id="each held by its account",
        ),
        pytest.param(
            [of("MANAGEMENT_ACCOUNT", SENDER_ACCOUNT), of("MANAGEMENT_ACCOUNT", RECEIVER), email("x")],
            (),
            id="beside both accounts nobody knows whose it is",
        ),
        pytest.param(
            [of("ORGANIZATION", "o-exampleorgid"), email("theirs", "MASTER_EMAIL"), of("ACCOUNT", RECEIVER)],
            ("theirs",),
            id="an ACCOUNT says who is asked, not whose the address beside it is",
        ),
        pytest.param(
            [of("MANAGEMENT_ACCOUNT", RECEIVER), of("T", "t", email("theirs"))],
            ("theirs",),
            id="where no account stands beside it or holds it, it is the sender's",
        ),
        pytest.param(
            [{"Type": "ACCOUNT", "Resources": [email("theirs")]}], ("theirs",), id="an account without number"
        ),
    ],
)
def test_an_address_that_stands_with_another_account_is_not_the_senders(
    resources: list[Any], emails: tuple[str, ...]
) -> None:
    names = json.loads(json.dumps(resources).replace("_EMAIL", "_NAME"))
    for receiver in (RECEIVER, ""):  # the receiver makes no difference
        assert read_handshake(raw(Resources=resources), receiver).emails == emails
        assert read_handshake(raw(Resources=names), receiver).names == emails


def test_the_management_accounts_of_resources_are_found_at_any_depth() -> None:
    resources = nested(3, of("MANAGEMENT_ACCOUNT", RECEIVER), of("ACCOUNT", "333333333333"))
    assert management_accounts_in(raw(Resources=resources)) == {RECEIVER}
    assert management_accounts_in([]) == management_accounts_in({}) == frozenset()


def test_a_hostile_tree_takes_no_longer_than_it_is_long() -> None:
    accounts = [of("MANAGEMENT_ACCOUNT", f"{number:012}") for number in range(20_000)]
    addresses = [email(f"{number}") for number in range(20_000)]
    begin = perf_counter()
    assert read_handshake(raw(Resources=nested(5000, *accounts, *addresses)), RECEIVER).emails == ()
    assert perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("resource", "problems"),
    [
        pytest.param({"Type": "ORGANIZATION", "Value": "o-exampleorgid"}, (), id="the same organization"),
        pytest.param({"Type": "ORGANIZATION", "Value": "exampleorgid"}, (), id="the same without its prefix"),
        pytest.param(
            {"Type": "ORGANIZATION", "Value": "o-anotherorg99"},
            ("its Arn and its Resources name different organizations",),
            id="another organization",
        ),
        pytest.param({"Type": "MANAGEMENT_ACCOUNT", "Value": "111111111111"}, (), id="the sender's account"),
        pytest.param({"Type": "MANAGEMENT_ACCOUNT", "Value": RECEIVER}, (), id="the receiver's own account"),
        pytest.param(
            {"Type": "MANAGEMENT_ACCOUNT", "Value": "333333333333"},
            ("its Arn and its Resources name different management accounts",),
            id="a third party's account",
        ),
    ],
)
def test_arn_and_resources_must_name_the_same_sender(resource: dict[str, Any], problems: tuple[str, ...]) -> None:
    assert read_handshake(raw(Resources=nested(2, resource)), RECEIVER).problems == problems


@pytest.mark.parametrize(
    ("state", "expires", "pending"),
    [
        pytest.param("REQUESTED", NOW + timedelta(seconds=1), True, id="REQUESTED and in time is pending"),
        pytest.param("OPEN", NOW + timedelta(seconds=1), True, id="OPEN and in time is pending"),
        pytest.param("OPEN", NOW, False, id="OPEN at the moment of its expiration is not"),
        pytest.param("REQUESTED", NOW - timedelta(days=1), False, id="REQUESTED and past its expiration is not"),
        pytest.param("OPEN", None, True, id="without an expiration it does not expire"),
        pytest.param("PAUSED", NOW + timedelta(days=1), True, id="an unknown state is not overlooked"),
        pytest.param("PAUSED", NOW - timedelta(days=1), True, id="not past its expiration either"),
        pytest.param("ACCEPTED", NOW + timedelta(days=1), False, id="ACCEPTED is closed"),
        pytest.param("DECLINED", NOW + timedelta(days=1), False, id="DECLINED is closed"),
        pytest.param("CANCELED", NOW + timedelta(days=1), False, id="CANCELED is closed"),
        pytest.param("EXPIRED", NOW + timedelta(days=1), False, id="EXPIRED is closed"),
    ],
)
def test_pending(state: str, expires: datetime | None, *, pending: bool) -> None:
    assert read_handshake(raw(State=state, ExpirationTimestamp=expires), RECEIVER).is_pending(NOW) is pending


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(SENT, id="as the SDK gives it"),
        pytest.param(SENT.astimezone(timezone(timedelta(hours=9))), id="in another zone"),
        pytest.param("2026-11-20T12:00:00Z", id="as the command line prints it"),
        pytest.param("2026-11-20T13:00:00.000+01:00", id="with an offset"),
        pytest.param(SENT.timestamp(), id="in seconds, as it comes over the wire"),
        pytest.param(int(SENT.timestamp()), id="in whole seconds"),
    ],
)
def test_times_come_in_several_forms(written: object) -> None:
    assert read_handshake(raw(RequestedTimestamp=written), RECEIVER).requested_at == SENT


@pytest.mark.parametrize(
    ("resources", "starts_at"),
    [
        pytest.param(
            [("TRANSFER_START_TIMESTAMP", "2026-12-01T00:00Z"), ("NOTES", "2026-11-30")], 1, id="no other text"
        ),
        pytest.param(
            [("TRANSFER_START_TIMESTAMP", "2026-12-02"), ("TRANSFER_START_TIMESTAMP", "2026-12-01")], 1, id="the first"
        ),
        pytest.param(
            [("TRANSFER_START_TIMESTAMP", "soon"), ("TRANSFER_START_TIMESTAMP", "2026-12-01")], 1, id="what is legible"
        ),
        pytest.param([("TRANSFER_START_TIMESTAMP", "20261202")], 2, id="eight digits are a day"),
        pytest.param([("NOTES", "2026-11-30")], None, id="none"),
    ],
)
def test_a_transfer_starts_at_the_first_time_that_it_names(
    resources: list[tuple[str, str]], starts_at: int | None
) -> None:
    listed = [{"Type": kind, "Value": value} for kind, value in resources]
    handshake = read_handshake(raw(Action="TRANSFER_RESPONSIBILITY", Resources=listed), RECEIVER)
    assert handshake.starts_at == (datetime(2026, 12, starts_at, tzinfo=UTC) if starts_at else None)


def test_what_the_sender_wrote_stays_out_of_repr() -> None:
    printed = repr(read_handshake(raw(), RECEIVER))
    assert "bill@" not in printed
    assert "Master Account" not in printed
    assert "invitation" not in printed


@given(json_values() | damaged_handshakes())
def test_no_json_makes_the_parser_raise(value: object) -> None:
    handshake = read_handshake(value, RECEIVER)
    assert handshake.id
    assert handshake.id.isprintable()
    assert handshake.action is None or handshake.action.isascii()
    assert isinstance(handshake.is_pending(NOW), bool)
    assert management_accounts_in(value) is not None


@given(json_values())
def test_what_came_through_json_reads_the_same(value: object) -> None:
    try:
        again = json.loads(json.dumps({"Id": ID, "Arn": ARN, "Resources": value}, allow_nan=False))
    except ValueError:
        return  # NaN and infinities do not exist in JSON
    assert read_handshake(again, RECEIVER) == read_handshake({"Id": ID, "Arn": ARN, "Resources": value}, RECEIVER)
