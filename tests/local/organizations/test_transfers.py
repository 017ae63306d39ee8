"""The list of transfers of an organization's bill, and the organization that an account is in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.embedded.world import EmbeddedAws
from local.organizations.models import UnknownHandshakeError
from local.organizations.payloads import Sender

Refused = Callable[..., str]
PAYER, SOURCE = "111111111111", "999999999999"
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def source(aws: EmbeddedAws, corporation: Sender) -> Sender:
    """The organization whose bill the corporation asks for."""
    assert corporation.account == PAYER
    return aws.add_organization("o-source0000", management_account=SOURCE, email="source@example.com")


def ask(aws: EmbeddedAws) -> str:
    """Ask for the bill; the handshake's id."""
    aws.pin_ids("h-transfer00", "h-transfer01")
    sent = aws.client("organizations", PAYER).invite_organization_to_transfer_responsibility(
        Type="BILLING", Target={"Type": "ACCOUNT", "Id": SOURCE}, StartTimestamp=FEBRUARY, SourceName="Partner"
    )
    return str(sent["Handshake"]["Id"])


def outbound(aws: EmbeddedAws, account: str = SOURCE, **request: Any) -> list[dict[str, Any]]:
    """What an account is listed."""
    client = aws.client("organizations", account)
    listed: list[dict[str, Any]] = client.list_outbound_responsibility_transfers(Type="BILLING", **request)[
        "ResponsibilityTransfers"
    ]
    return listed


def test_a_transfer_is_outbound_for_who_was_asked_for_the_bill(aws: EmbeddedAws, source: Sender) -> None:
    assert outbound(aws) == []
    handshake_id = ask(aws)
    assert outbound(aws) == [
        {
            "Arn": f"arn:aws:organizations::{SOURCE}:transfer/o-source0000/billing/outbound/rt-transfer00",
            "Id": "rt-transfer00",
            "Type": "BILLING",
            "Status": "REQUESTED",
            "Source": {"ManagementAccountId": SOURCE, "ManagementAccountEmail": "source@example.com"},
            "Target": {"ManagementAccountId": PAYER, "ManagementAccountEmail": "boss@example.com"},
            "StartTimestamp": FEBRUARY,
            "ActiveHandshakeId": handshake_id,
        }
    ]
    assert outbound(aws, PAYER) == []


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_its_status_follows_the_handshake(aws: EmbeddedAws, source: Sender, answer: str) -> None:
    handshake_id = ask(aws)
    getattr(aws.client("organizations", SOURCE), f"{answer}_handshake")(HandshakeId=handshake_id)
    assert [transfer["Status"] for transfer in outbound(aws)] == [{"accept": "ACCEPTED", "decline": "DECLINED"}[answer]]


def test_nobodys_answer_lets_it_expire(aws: EmbeddedAws, source: Sender) -> None:
    ask(aws)
    aws.clock.advance(timedelta(days=20))
    assert [transfer["Status"] for transfer in outbound(aws)] == ["EXPIRED"]


def test_it_outlives_its_handshake_until_somebody_withdraws_it(aws: EmbeddedAws, source: Sender) -> None:
    handshake_id = ask(aws)
    aws.client("organizations", SOURCE).accept_handshake(HandshakeId=handshake_id)
    aws.clock.advance(timedelta(days=40))
    assert aws.received(SOURCE) == []
    assert [transfer["Status"] for transfer in outbound(aws)] == ["ACCEPTED"]
    end = aws.clock.now() + timedelta(days=20)
    aws.withdraw(handshake_id, ends_at=end)
    assert [(transfer["Status"], transfer["EndTimestamp"]) for transfer in outbound(aws)] == [("WITHDRAWN", end)]


def test_what_was_never_asked_for_can_not_be_withdrawn(aws: EmbeddedAws, source: Sender) -> None:
    ask(aws)
    with pytest.raises(UnknownHandshakeError):
        aws.withdraw("h-00000000", ends_at=FEBRUARY)


def test_a_seeded_handshake_is_a_transfer_without_a_start(aws: EmbeddedAws, source: Sender) -> None:
    arn = f"arn:aws:organizations::{PAYER}:handshake/o-corporation/transfer_responsibility/h-seeded0000"
    handshake = {"Id": "h-seeded0000", "Action": "TRANSFER_RESPONSIBILITY", "State": "ACCEPTED", "Arn": arn}
    aws.receive(SOURCE, handshake)
    [transfer] = outbound(aws)
    assert (transfer["Id"], transfer["Status"], "StartTimestamp" in transfer) == ("rt-seeded0000", "ACCEPTED", False)


def test_pages_go_on_where_the_last_one_ended(aws: EmbeddedAws, source: Sender) -> None:
    arn = f"arn:aws:organizations::{PAYER}:handshake/o-corporation/transfer_responsibility/h-"
    for number in range(3):
        members = {"Id": f"h-seeded{number:04}", "Action": "TRANSFER_RESPONSIBILITY", "State": "ACCEPTED"}
        aws.receive(SOURCE, {**members, "Arn": f"{arn}seeded{number:04}"})
    client = aws.client("organizations", SOURCE)
    first = client.list_outbound_responsibility_transfers(Type="BILLING", MaxResults=2)
    second = client.list_outbound_responsibility_transfers(Type="BILLING", MaxResults=2, NextToken=first["NextToken"])
    ids = [transfer["Id"] for page in (first, second) for transfer in page["ResponsibilityTransfers"]]
    assert ids == ["rt-seeded0000", "rt-seeded0001", "rt-seeded0002"]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("account", "request_", "error"),
    [
        pytest.param("222222222222", {}, "AWSOrganizationsNotInUseException", id="a standalone account"),
        pytest.param("333333333333", {}, "AccessDeniedException", id="a member"),
        pytest.param(SOURCE, {"Type": "KITCHEN"}, "InvalidInputException INVALID_ENUM", id="another responsibility"),
        pytest.param(SOURCE, {"MaxResults": 21}, "InvalidInputException MAX_VALUE_EXCEEDED", id="too many on a page"),
        pytest.param(SOURCE, {"NextToken": "x"}, "InvalidInputException INVALID_NEXT_TOKEN", id="another list's token"),
    ],
)
def test_who_may_list_what(
    aws: EmbeddedAws, *, source: Sender, refused: Refused, account: str, request_: dict[str, Any], error: str
) -> None:
    aws.account("333333333333", organization=source)
    list_outbound = aws.client("organizations", account).list_outbound_responsibility_transfers
    assert refused(list_outbound, **{"Type": "BILLING", **request_}) == error


def test_members_and_the_management_account_are_in_an_organization_until_they_leave(
    aws: EmbeddedAws, source: Sender, refused: Refused
) -> None:
    member = aws.client("organizations", "777777777777")
    assert refused(member.describe_organization) == "AWSOrganizationsNotInUseException"
    aws.account("777777777777", organization=source)
    assert member.describe_organization()["Organization"]["Id"] == "o-source0000"
    management = aws.client("organizations", SOURCE).describe_organization()["Organization"]
    assert (management["Id"], management["MasterAccountId"]) == ("o-source0000", SOURCE)
    aws.leave("777777777777")
    assert refused(member.describe_organization) == "AWSOrganizationsNotInUseException"
