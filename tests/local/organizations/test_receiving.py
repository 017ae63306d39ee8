"""The operations of receivers (list, describe, decline, accept), and their permissions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender

Letter = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
HANDSHAKE = "h-letter0000"


@pytest.fixture
def stranger(aws: EmbeddedAws) -> Sender:
    """The organization that writes the letters."""
    return aws.add_organization("o-stranger000", management_account="999999999999", name="Stranger")


def arn(action: str, organization: str = "o-stranger000", account: str = "999999999999") -> str:
    return f"arn:aws:organizations::{account}:handshake/{organization}/{action.lower()}/{HANDSHAKE}"


@pytest.mark.parametrize(
    ("operation", "account", "error"),
    [
        pytest.param("describe_handshake", "222222222222", None, id="the receiver may look"),
        pytest.param("describe_handshake", "999999999999", None, id="the sender may look"),
        pytest.param("describe_handshake", "777777777777", "HandshakeNotFoundException", id="nobody else may look"),
        pytest.param("decline_handshake", "999999999999", "AccessDeniedException", id="the sender can't decline"),
        pytest.param("decline_handshake", "777777777777", "HandshakeNotFoundException", id="others can't decline"),
        pytest.param("accept_handshake", "999999999999", "AccessDeniedException", id="the sender can't accept"),
        pytest.param("accept_handshake", "777777777777", "HandshakeNotFoundException", id="others can't accept"),
        pytest.param("cancel_handshake", "222222222222", "AccessDeniedException", id="the receiver can't cancel"),
        pytest.param("cancel_handshake", "777777777777", "HandshakeNotFoundException", id="others can't cancel"),
    ],
)
def test_who_may_do_what(
    aws: EmbeddedAws,
    *,
    stranger: Sender,
    letter: Letter,
    refused: Refused,
    operation: str,
    account: str,
    error: str | None,
) -> None:
    aws.receive("222222222222", letter())
    call = getattr(aws.client("organizations", account), operation)
    if error is None:
        assert call(HandshakeId=HANDSHAKE)["Handshake"]["Id"] == HANDSHAKE
    else:
        assert refused(call, HandshakeId=HANDSHAKE) == error
        assert aws.handshake(HANDSHAKE)["State"] == "OPEN"


@pytest.mark.parametrize(
    "operation", ["describe_handshake", "decline_handshake", "accept_handshake", "cancel_handshake"]
)
@pytest.mark.parametrize(
    ("handshake_id", "error"),
    [
        pytest.param("h-unknown000", "HandshakeNotFoundException", id="is not found"),
        pytest.param("h-short", "InvalidInputException INVALID_PATTERN", id="is too short"),
        pytest.param("h-UPPERCASE", "InvalidInputException INVALID_PATTERN", id="is in capitals"),
        pytest.param("h-letter0000\n", "InvalidInputException INVALID_PATTERN", id="ends in a newline"),
    ],
)
def test_ids_that_name_no_handshake(
    aws: EmbeddedAws, *, letter: Letter, refused: Refused, operation: str, handshake_id: str, error: str
) -> None:
    aws.receive("222222222222", letter())
    client = aws.client("organizations", "222222222222")
    assert refused(getattr(client, operation), HandshakeId=handshake_id) == error


@pytest.mark.parametrize(
    ("state", "decline", "accept"),
    [
        pytest.param(
            "DECLINED", "HandshakeAlreadyInStateException", "InvalidHandshakeTransitionException", id="was declined"
        ),
        pytest.param(
            "ACCEPTED", "InvalidHandshakeTransitionException", "HandshakeAlreadyInStateException", id="was accepted"
        ),
        pytest.param(
            "CANCELED", "InvalidHandshakeTransitionException", "InvalidHandshakeTransitionException", id="was cancelled"
        ),
        pytest.param(
            "EXPIRED", "InvalidHandshakeTransitionException", "InvalidHandshakeTransitionException", id="has expired"
        ),
    ],
)
def test_a_closed_handshake_takes_no_answer(
    aws: EmbeddedAws, *, letter: Letter, refused: Refused, state: str, decline: str, accept: str
) -> None:
    aws.receive("222222222222", letter(State=state))
    client = aws.client("organizations", "222222222222")
    assert refused(client.decline_handshake, HandshakeId=HANDSHAKE) == decline
    assert refused(client.accept_handshake, HandshakeId=HANDSHAKE) == accept


def test_an_expired_handshake_is_shown_as_expired_and_then_no_more(aws: EmbeddedAws, letter: Letter) -> None:
    aws.receive("222222222222", letter())
    client = aws.client("organizations", "222222222222")
    aws.clock.advance(timedelta(days=15))
    assert client.describe_handshake(HandshakeId=HANDSHAKE)["Handshake"]["State"] == "EXPIRED"
    aws.clock.advance(timedelta(days=30))
    assert client.list_handshakes_for_account()["Handshakes"] == []


def test_accepting_an_invitation_moves_a_standalone_account(aws: EmbeddedAws, stranger: Sender, letter: Letter) -> None:
    aws.account("222222222222", email="susan@example.com", name="Susan")
    aws.receive("222222222222", letter())
    client = aws.client("organizations", "222222222222")
    assert client.accept_handshake(HandshakeId=HANDSHAKE)["Handshake"]["State"] == "ACCEPTED"
    assert client.describe_organization()["Organization"]["Id"] == "o-stranger000"
    [_, member] = aws.client("organizations", "999999999999").list_accounts()["Accounts"]
    assert [member[key] for key in ("Id", "Name", "Email", "JoinedMethod")] == [
        "222222222222",
        "Susan",
        "susan@example.com",
        "INVITED",
    ]


def test_accepting_an_invitation_moves_a_member_out_of_its_old_organization(
    aws: EmbeddedAws, corporation: Sender, stranger: Sender, letter: Letter
) -> None:
    management = aws.client("organizations", "111111111111")
    management.register_delegated_administrator(AccountId="333333333333", ServicePrincipal="ssm.amazonaws.com")
    aws.receive("333333333333", letter())
    member = aws.client("organizations", "333333333333")
    member.accept_handshake(HandshakeId=HANDSHAKE)
    assert member.describe_organization()["Organization"]["Id"] == "o-stranger000"
    assert [account["Id"] for account in management.list_accounts()["Accounts"]] == ["111111111111"]
    assert management.list_delegated_administrators()["DelegatedAdministrators"] == []


def test_an_account_that_moto_created_keeps_its_address_when_it_moves(
    aws: EmbeddedAws, corporation: Sender, stranger: Sender, letter: Letter
) -> None:
    status = aws.client("organizations", "111111111111").create_account(AccountName="New", Email="new@example.com")
    account = status["CreateAccountStatus"]["AccountId"]
    aws.receive(account, letter())
    aws.client("organizations", account).accept_handshake(HandshakeId=HANDSHAKE)
    [_, member] = aws.client("organizations", "999999999999").list_accounts()["Accounts"]
    assert (member["Id"], member["Email"], member["Name"]) == (account, "new@example.com", "New")


def test_accepting_an_invitation_of_an_undeclared_organization_moves_nothing(
    aws: EmbeddedAws, corporation: Sender, letter: Letter
) -> None:
    aws.receive("333333333333", letter())
    member = aws.client("organizations", "333333333333")
    assert member.accept_handshake(HandshakeId=HANDSHAKE)["Handshake"]["State"] == "ACCEPTED"
    assert member.describe_organization()["Organization"]["Id"] == "o-corporation"


MANAGEMENT, MEMBER, STANDALONE = "111111111111", "333333333333", "777777777777"


@pytest.mark.parametrize(
    ("action", "account", "error"),
    [
        pytest.param(
            "INVITE",
            MANAGEMENT,
            "MasterCannotLeaveOrganizationException",
            id="a management account can't join another organization",
        ),
        pytest.param("INVITE", MEMBER, None, id="a member can"),
        pytest.param("INVITE", STANDALONE, None, id="a standalone account can"),
        pytest.param("TRANSFER_RESPONSIBILITY", MANAGEMENT, None, id="a management account can hand over its bill"),
        pytest.param("TRANSFER_RESPONSIBILITY", MEMBER, "AccessDeniedException", id="a member can't"),
        pytest.param(
            "TRANSFER_RESPONSIBILITY",
            STANDALONE,
            "AWSOrganizationsNotInUseException",
            id="a standalone account has no organization to hand over",
        ),
        pytest.param(
            "APPROVE_ALL_FEATURES",
            MANAGEMENT,
            "HandshakeConstraintViolationException ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            id="all features are not enabled twice",
        ),
        pytest.param("APPROVE_ALL_FEATURES", MEMBER, "AccessDeniedException", id="a member does not approve them"),
        pytest.param("ENABLE_ALL_FEATURES", MEMBER, None, id="a member agrees to them"),
        pytest.param("ENABLE_ALL_FEATURES", MANAGEMENT, "AccessDeniedException", id="its management does not"),
        pytest.param(
            "ENABLE_ALL_FEATURES", STANDALONE, "AWSOrganizationsNotInUseException", id="nor does a standalone account"
        ),
        pytest.param(
            "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE", MEMBER, None, id="what is not documented is just accepted"
        ),
    ],
)
def test_who_may_accept_what(
    aws: EmbeddedAws,
    *,
    corporation: Sender,
    stranger: Sender,
    letter: Letter,
    refused: Refused,
    action: str,
    account: str,
    error: str | None,
) -> None:
    aws.receive(account, letter(Action=action, Arn=arn(action[:20])))
    client = aws.client("organizations", account)
    if error is None:
        assert client.accept_handshake(HandshakeId=HANDSHAKE)["Handshake"]["State"] == "ACCEPTED"
    else:
        assert refused(client.accept_handshake, HandshakeId=HANDSHAKE) == error
        assert aws.handshake(HANDSHAKE)["State"] == "OPEN"


@pytest.mark.parametrize(
    ("action", "account", "reason"),
    [
        pytest.param("INVITE", MEMBER, "ALREADY_IN_AN_ORGANIZATION", id="joining it once more"),
        pytest.param(
            "TRANSFER_RESPONSIBILITY", MANAGEMENT, "SOURCE_AND_TARGET_CANNOT_MATCH", id="handing its bill to itself"
        ),
    ],
)
def test_what_an_account_can_not_accept_from_its_own_organization(
    aws: EmbeddedAws, *, corporation: Sender, letter: Letter, refused: Refused, action: str, account: str, reason: str
) -> None:
    aws.receive(account, letter(Action=action, Arn=arn(action, "o-corporation", "111111111111")))
    client = aws.client("organizations", account)
    error = refused(client.accept_handshake, HandshakeId=HANDSHAKE)
    assert error == f"HandshakeConstraintViolationException {reason}"


def test_a_management_account_can_join_once_its_own_organization_is_deleted(
    aws: EmbeddedAws, stranger: Sender, letter: Letter
) -> None:
    aws.add_organization("o-small00000", management_account="222222222222", name="Small")
    aws.receive("222222222222", letter())
    client = aws.client("organizations", "222222222222")
    client.delete_organization()
    client.accept_handshake(HandshakeId=HANDSHAKE)
    assert client.describe_organization()["Organization"]["Id"] == "o-stranger000"
