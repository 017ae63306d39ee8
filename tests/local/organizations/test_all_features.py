"""All features: requested by the management account, accepted by the invited members, approved at the end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender

Refused = Callable[..., str]
MANAGEMENT, INVITED, OTHER, CREATED = "111111111111", "222222222222", "333333333333", "444444444444"


@pytest.fixture
def consolidated(aws: EmbeddedAws) -> Sender:
    """An organization with consolidated billing, two invited members and one that it created."""
    sender = aws.add_organization("o-consolidated", management_account=MANAGEMENT, feature_set="CONSOLIDATED_BILLING")
    aws.account(INVITED, organization=sender, invited=True)
    aws.account(OTHER, organization=sender, invited=True)
    aws.account(CREATED, organization=sender)
    return sender


def pending(aws: EmbeddedAws, account: str) -> list[dict[str, Any]]:
    return [handshake for handshake in aws.received(account) if handshake["State"] in {"OPEN", "REQUESTED"}]


def answer(aws: EmbeddedAws, account: str, operation: str) -> None:
    [handshake] = pending(aws, account)
    getattr(aws.client("organizations", account), operation)(HandshakeId=handshake["Id"])


def feature_set(aws: EmbeddedAws) -> str:
    client = aws.client("organizations", MANAGEMENT)
    return str(client.describe_organization()["Organization"]["FeatureSet"])


def test_the_whole_way(aws: EmbeddedAws, consolidated: Sender) -> None:
    management = aws.client("organizations", MANAGEMENT)
    parent = management.enable_all_features()["Handshake"]
    assert (parent["Action"], parent["State"]) == ("ENABLE_ALL_FEATURES", "REQUESTED")
    assert parent["ExpirationTimestamp"] - parent["RequestedTimestamp"] == timedelta(days=90)
    children = management.list_handshakes_for_organization(Filter={"ParentHandshakeId": parent["Id"]})["Handshakes"]
    assert [child["Parties"][1]["Id"] for child in children] == [INVITED, OTHER]
    assert all({"Type": "PARENT_HANDSHAKE", "Value": parent["Id"]} in child["Resources"] for child in children)
    assert not aws.received(CREATED), "an account that the organization created is not asked"

    answer(aws, INVITED, "accept_handshake")
    assert not aws.received(MANAGEMENT), "not all have agreed"
    answer(aws, OTHER, "accept_handshake")
    assert aws.handshake(parent["Id"])["State"] == "OPEN"
    [approval] = aws.received(MANAGEMENT)
    assert approval["Action"] == "APPROVE_ALL_FEATURES"
    assert feature_set(aws) == "CONSOLIDATED_BILLING"

    answer(aws, MANAGEMENT, "accept_handshake")
    assert feature_set(aws) == "ALL"
    assert aws.handshake(parent["Id"])["State"] == "ACCEPTED"


def test_one_decline_ends_it_until_it_is_asked_for_again(aws: EmbeddedAws, consolidated: Sender) -> None:
    management = aws.client("organizations", MANAGEMENT)
    parent = management.enable_all_features()["Handshake"]
    answer(aws, INVITED, "decline_handshake")
    assert aws.handshake(parent["Id"])["State"] == "DECLINED"
    assert not pending(aws, OTHER)
    management.enable_all_features()
    assert len(pending(aws, INVITED)) == len(pending(aws, OTHER)) == 1


def test_declining_the_approval_ends_it_too(aws: EmbeddedAws, consolidated: Sender) -> None:
    parent = aws.client("organizations", MANAGEMENT).enable_all_features()["Handshake"]
    answer(aws, INVITED, "accept_handshake")
    answer(aws, OTHER, "accept_handshake")
    answer(aws, MANAGEMENT, "decline_handshake")
    assert aws.handshake(parent["Id"])["State"] == "DECLINED"
    assert feature_set(aws) == "CONSOLIDATED_BILLING"


def test_cancelling_it_withdraws_every_request(aws: EmbeddedAws, consolidated: Sender) -> None:
    management = aws.client("organizations", MANAGEMENT)
    management.cancel_handshake(HandshakeId=management.enable_all_features()["Handshake"]["Id"])
    assert [aws.received(account)[0]["State"] for account in (INVITED, OTHER)] == ["CANCELED", "CANCELED"]


def test_nobody_to_ask_means_that_only_the_approval_is_left(aws: EmbeddedAws) -> None:
    aws.add_organization("o-alone00000", management_account=MANAGEMENT, feature_set="CONSOLIDATED_BILLING")
    assert aws.client("organizations", MANAGEMENT).enable_all_features()["Handshake"]["State"] == "OPEN"
    answer(aws, MANAGEMENT, "accept_handshake")
    assert feature_set(aws) == "ALL"


def test_while_it_lasts_it_is_not_asked_for_twice_and_nobody_is_invited(
    aws: EmbeddedAws, consolidated: Sender, refused: Refused
) -> None:
    management = aws.client("organizations", MANAGEMENT)
    management.enable_all_features()
    stranger = {"Type": "ACCOUNT", "Id": "777777777777"}
    assert refused(management.enable_all_features).endswith("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
    assert refused(management.invite_account_to_organization, Target=stranger).endswith(
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES"
    )


def test_an_organization_with_all_features_has_no_use_for_it(
    aws: EmbeddedAws, corporation: Sender, refused: Refused
) -> None:
    management = aws.client("organizations", MANAGEMENT)
    assert refused(management.enable_all_features).endswith("ORGANIZATION_ALREADY_HAS_ALL_FEATURES")


def test_a_child_without_its_parent_is_answered_like_any_other(
    aws: EmbeddedAws, consolidated: Sender, letter: Callable[..., dict[str, Any]]
) -> None:
    parent = [{"Type": "PARENT_HANDSHAKE", "Value": "h-unknown0"}]
    aws.receive(INVITED, letter(Id="h-child000", Action="ENABLE_ALL_FEATURES", Resources=parent))
    answer(aws, INVITED, "decline_handshake")
    assert aws.handshake("h-child000")["State"] == "DECLINED"
