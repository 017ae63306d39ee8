"""The operations of senders: invite, cancel, and list the sent handshakes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config

from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender

Refused = Callable[..., str]
INVITED = {"Type": "ACCOUNT", "Id": "222222222222"}
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)


def transfer(**changes: Any) -> dict[str, Any]:
    ordinary = {"Type": "BILLING", "Target": INVITED, "StartTimestamp": FEBRUARY, "SourceName": "Partner"}
    return ordinary | changes


def test_an_invitation_reaches_the_account_with_all_that_aws_writes_into_it(
    aws: EmbeddedAws, corporation: Sender
) -> None:
    sent = aws.client("organizations", "111111111111").invite_account_to_organization(Target=INVITED, Notes="Join us")
    [received] = aws.client("organizations", "222222222222").list_handshakes_for_account()["Handshakes"]
    notes = received["Resources"].pop()
    assert received == sent["Handshake"], "the sender's answer shows everything but the notes"
    assert notes == {"Type": "NOTES", "Value": "Join us"}
    assert received["Arn"].endswith(f"::111111111111:handshake/o-corporation/invite/{received['Id']}")
    assert received["ExpirationTimestamp"] - received["RequestedTimestamp"] == timedelta(days=15)
    assert received["Parties"] == [{"Id": "o-corporation", "Type": "ORGANIZATION"}, INVITED]
    assert received["Resources"] == [
        {
            "Type": "ORGANIZATION",
            "Value": "o-corporation",
            "Resources": [
                {"Type": "MASTER_EMAIL", "Value": "boss@example.com"},
                {"Type": "MASTER_NAME", "Value": "Boss"},
                {"Type": "ORGANIZATION_FEATURE_SET", "Value": "ALL"},
            ],
        },
        {"Type": "ACCOUNT", "Value": "222222222222"},
    ]


@pytest.mark.parametrize(
    ("email", "receiver"),
    [
        pytest.param("susan@example.com", "222222222222", id="a standalone account is found by its address"),
        pytest.param("Susan@EXAMPLE.com", "222222222222", id="in any case"),
        pytest.param("member@example.com", "555555555555", id="a member of another organization too"),
        pytest.param("nobody@example.com", None, id="an unknown address reaches nobody, and the invitation exists"),
    ],
)
def test_invitations_by_email(aws: EmbeddedAws, corporation: Sender, email: str, receiver: str | None) -> None:
    aws.account("222222222222", email="susan@example.com")
    other = aws.add_organization("o-other00000", management_account="444444444444", email="other@example.com")
    aws.account("555555555555", email="member@example.com", organization=other)
    client = aws.client("organizations", "111111111111")
    client.invite_account_to_organization(Target={"Type": "EMAIL", "Id": email})
    assert len(client.list_handshakes_for_organization()["Handshakes"]) == 1
    found = [account for account in ("222222222222", "444444444444", "555555555555") if aws.received(account)]
    assert found == ([receiver] if receiver else [])


def test_an_account_that_moto_created_is_found_by_its_address(aws: EmbeddedAws, corporation: Sender) -> None:
    aws.add_organization("o-other00000", management_account="444444444444")
    status = aws.client("organizations", "444444444444").create_account(AccountName="New", Email="new@example.com")
    aws.client("organizations", "111111111111").invite_account_to_organization(
        Target={"Type": "EMAIL", "Id": "new@example.com"}
    )
    assert len(aws.received(status["CreateAccountStatus"]["AccountId"])) == 1


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        pytest.param(
            {"Target": {"Type": "ACCOUNT", "Id": "12345"}},
            "InvalidInputException INVALID_PATTERN",
            id="an account has twelve digits",
        ),
        pytest.param(
            {"Target": {"Type": "ACCOUNT", "Id": "٠١٢٣٤٥٦٧٨٩٠١"}},
            "InvalidInputException INVALID_PATTERN",
            id="and they are ASCII digits",
        ),
        pytest.param(
            {"Target": {"Type": "EMAIL", "Id": "susan"}},
            "InvalidInputException INVALID_EMAIL_ADDRESS_TARGET",
            id="an e-mail address has an @",
        ),
        pytest.param(
            {"Target": {"Type": "ORGANIZATION", "Id": "o-other00000"}},
            "InvalidInputException INVALID_PARTY_TYPE_TARGET",
            id="an organization can't be invited",
        ),
        pytest.param(
            {"Target": {"Type": "PERSON", "Id": "susan"}},
            "InvalidInputException INVALID_ENUM",
            id="a target's type is one of the model's",
        ),
        pytest.param(
            {"Target": INVITED, "Notes": "x" * 1025},
            "InvalidInputException MAX_LENGTH_EXCEEDED",
            id="notes have 1024 characters at most",
        ),
        pytest.param(
            {"Target": {"Type": "ACCOUNT", "Id": "333333333333"}},
            "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION",
            id="a member can't be invited by its own organization",
        ),
        pytest.param(
            {"Target": {"Type": "ACCOUNT", "Id": "111111111111"}},
            "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION",
            id="nor can the management account",
        ),
    ],
)
def test_invitations_that_are_refused(
    aws: EmbeddedAws, corporation: Sender, refused: Refused, request_: dict[str, Any], error: str
) -> None:
    client = aws.client("organizations", "111111111111")
    assert refused(client.invite_account_to_organization, **request_) == error


def test_notes_may_be_1024_characters_of_anything(aws: EmbeddedAws, corporation: Sender) -> None:
    text = ("\x1b[31m\n\u202e" * 256)[:1024]
    aws.client("organizations", "111111111111").invite_account_to_organization(Target=INVITED, Notes=text)
    [received] = aws.client("organizations", "222222222222").list_handshakes_for_account()["Handshakes"]
    assert received["Resources"][-1]["Value"] == text


def test_a_member_of_another_organization_may_be_invited(aws: EmbeddedAws, corporation: Sender) -> None:
    other = aws.add_organization("o-other00000", management_account="444444444444")
    aws.account("222222222222", organization=other)
    aws.client("organizations", "111111111111").invite_account_to_organization(Target=INVITED)
    assert len(aws.received("222222222222")) == 1


@pytest.mark.parametrize(
    ("operation", "request_", "reason"),
    [
        pytest.param("invite_account_to_organization", {}, "INPUT_REQUIRED", id="an invitation needs a target"),
        pytest.param(
            "list_handshakes_for_organization", {"MaxResults": 0}, "MIN_VALUE_EXCEEDED", id="a page holds something"
        ),
    ],
)
def test_what_sdks_check_themselves_is_checked_here_too(
    aws: EmbeddedAws, *, corporation: Sender, refused: Refused, operation: str, request_: dict[str, Any], reason: str
) -> None:
    unvalidated = Config(parameter_validation=False)
    client = aws.client("organizations", "111111111111", config=unvalidated)
    assert refused(getattr(client, operation), **request_) == f"InvalidInputException {reason}"


def test_the_same_invitation_is_not_sent_twice_while_it_is_pending(
    aws: EmbeddedAws, corporation: Sender, refused: Refused
) -> None:
    aws.account("222222222222", email="susan@example.com")
    by_email = {"Type": "EMAIL", "Id": "susan@example.com"}
    client = aws.client("organizations", "111111111111")
    first = client.invite_account_to_organization(Target=INVITED)["Handshake"]["Id"]
    assert refused(client.invite_account_to_organization, Target=INVITED) == "DuplicateHandshakeException"
    assert refused(client.invite_account_to_organization, Target=by_email) == "DuplicateHandshakeException"
    aws.client("organizations", "222222222222").decline_handshake(HandshakeId=first)
    client.invite_account_to_organization(Target=by_email)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        pytest.param("invite_account_to_organization", {"Target": INVITED}, id="inviting an account"),
        pytest.param("invite_organization_to_transfer_responsibility", transfer(), id="inviting to a transfer"),
        pytest.param("enable_all_features", {}, id="enabling all features"),
        pytest.param("list_handshakes_for_organization", {}, id="listing what was sent"),
    ],
)
@pytest.mark.parametrize(
    ("account", "error"),
    [
        pytest.param("333333333333", "AccessDeniedException", id="is not for members"),
        pytest.param("777777777777", "AWSOrganizationsNotInUseException", id="needs an organization"),
    ],
)
def test_only_the_management_account_sends(
    aws: EmbeddedAws,
    *,
    corporation: Sender,
    refused: Refused,
    account: str,
    error: str,
    operation: str,
    request_: dict[str, Any],
) -> None:
    assert refused(getattr(aws.client("organizations", account), operation), **request_) == error


def test_a_delegated_administrator_may_list_what_was_sent(aws: EmbeddedAws, corporation: Sender) -> None:
    client = aws.client("organizations", "111111111111")
    client.register_delegated_administrator(AccountId="333333333333", ServicePrincipal="ssm.amazonaws.com")
    client.invite_account_to_organization(Target=INVITED)
    seen = aws.client("organizations", "333333333333").list_handshakes_for_organization()
    assert len(seen["Handshakes"]) == 1


def test_a_transfer_reaches_the_other_management_account(aws: EmbeddedAws, corporation: Sender) -> None:
    aws.pin_ids("h-transfer00", "h-handshake0")
    sent = aws.client("organizations", "111111111111").invite_organization_to_transfer_responsibility(
        **transfer(Notes="Cheaper")
    )["Handshake"]
    [received] = aws.client("organizations", "222222222222").list_handshakes_for_account()["Handshakes"]
    assert received["Action"] == "TRANSFER_RESPONSIBILITY"
    assert sent["Id"] == received["Id"] == "h-handshake0"
    assert received["Resources"][0]["Value"] == "rt-transfer00"
    assert received["Resources"][0]["Resources"] == [
        {"Type": "TRANSFER_TYPE", "Value": "BILLING"},
        {"Type": "TRANSFER_START_TIMESTAMP", "Value": "2026-02-01T00:00:00Z"},
    ]
    assert {"Type": "NOTES", "Value": "Cheaper"} in received["Resources"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param(
            {"StartTimestamp": datetime(2026, 2, 2, tzinfo=UTC)},
            "InvalidInputException START_DATE_NOT_BEGINNING_OF_MONTH",
            id="it starts on the first of a month",
        ),
        pytest.param(
            {"StartTimestamp": datetime(2026, 2, 1, 1, tzinfo=UTC)},
            "InvalidInputException START_DATE_NOT_BEGINNING_OF_DAY",
            id="at midnight",
        ),
        pytest.param(
            {"StartTimestamp": datetime(2026, 1, 1, tzinfo=UTC)},
            "InvalidInputException START_DATE_TOO_EARLY",
            id="in the future",
        ),
        pytest.param({"Type": "SUPPORT"}, "InvalidInputException INVALID_ENUM", id="it is about the bill"),
        pytest.param({"SourceName": "é"}, "InvalidInputException INVALID_PATTERN", id="its name is ASCII"),
        pytest.param(
            {"SourceName": "x" * 129}, "InvalidInputException MAX_LENGTH_EXCEEDED", id="and has 128 characters at most"
        ),
        pytest.param(
            {"Target": {"Type": "ACCOUNT", "Id": "111111111111"}},
            "HandshakeConstraintViolationException SOURCE_AND_TARGET_CANNOT_MATCH",
            id="it goes to another organization",
        ),
    ],
)
def test_transfers_that_are_refused(
    aws: EmbeddedAws, corporation: Sender, refused: Refused, changes: dict[str, Any], error: str
) -> None:
    client = aws.client("organizations", "111111111111")
    assert refused(client.invite_organization_to_transfer_responsibility, **transfer(**changes)) == error


def test_only_the_sender_cancels_and_only_once(aws: EmbeddedAws, corporation: Sender, refused: Refused) -> None:
    sender, receiver = aws.client("organizations", "111111111111"), aws.client("organizations", "222222222222")
    sent = sender.invite_account_to_organization(Target=INVITED)["Handshake"]["Id"]
    assert refused(receiver.cancel_handshake, HandshakeId=sent) == "AccessDeniedException"
    assert sender.cancel_handshake(HandshakeId=sent)["Handshake"]["State"] == "CANCELED"
    assert refused(sender.cancel_handshake, HandshakeId=sent) == "HandshakeAlreadyInStateException"
    assert refused(receiver.accept_handshake, HandshakeId=sent) == "InvalidHandshakeTransitionException"


def test_an_organization_can_be_deleted_whatever_its_management_account_is_called(
    aws: EmbeddedAws, corporation: Sender, refused: Refused
) -> None:
    client = aws.client("organizations", "111111111111")
    assert refused(client.delete_organization) == "OrganizationNotEmptyException"
    client.remove_account_from_organization(AccountId="333333333333")
    client.delete_organization()
    assert refused(client.describe_organization) == "AWSOrganizationsNotInUseException"
