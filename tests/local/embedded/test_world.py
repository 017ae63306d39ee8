"""The embedded AWS's interface: seeding malformed handshakes, accounts and their credentials."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from local.embedded.world import EmbeddedAws
from local.organizations.models import UnknownHandshakeError

Letter = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
ACCOUNT = "222222222222"


@pytest.mark.parametrize(
    "handshake",
    [
        pytest.param({}, id="an empty one"),
        pytest.param({"Id": "h-12345678"}, id="one with nothing but an id"),
        pytest.param({"Action": "SELL_ACCOUNT", "State": "PONDERING"}, id="an unknown action in an unknown state"),
        pytest.param({"Arn": "not an ARN", "Parties": [], "Resources": []}, id="a malformed ARN"),
        pytest.param({"Parties": [{"Id": "susan@example.com", "Type": "EMAIL"}]}, id="a receiver by e-mail"),
        pytest.param({"Parties": [{"Id": "exampleorgid", "Type": "CARTEL"}]}, id="a party of an unknown type"),
        pytest.param(
            {"Resources": [{"Type": "NOTES", "Value": "\x1b[2J\u202e\x00\r\n\U0001f4a9\ud800"}]},
            id="notes with escapes, overrides, zeros, newlines and half a character",
        ),
        pytest.param(
            {"Resources": [{"Type": "A", "Resources": [{"Type": "B", "Resources": [{"Value": "deep"}]}]}]},
            id="resources nested deeper than the model's samples",
        ),
        pytest.param(
            {
                "RequestedTimestamp": datetime(1969, 7, 20, 20, 17, 40, 123000, UTC),
                "ExpirationTimestamp": datetime(9999, 1, 1, tzinfo=UTC),
            },
            id="timestamps before the epoch and beyond all plans",
        ),
    ],
)
def test_strange_handshakes_come_through_as_they_are(unchecked: EmbeddedAws, handshake: dict[str, Any]) -> None:
    unchecked.receive(ACCOUNT, handshake)
    assert unchecked.client("organizations", ACCOUNT).list_handshakes_for_account()["Handshakes"] == [handshake]


def test_members_that_the_model_does_not_know_are_on_the_wire(unchecked: EmbeddedAws) -> None:
    bodies = []
    unchecked.receive(ACCOUNT, {"Id": "h-12345678", "Mood": "hopeful"})
    client = unchecked.client("organizations", ACCOUNT)
    client.meta.events.register("before-parse", lambda response_dict, **_: bodies.append(response_dict["body"]))
    client.describe_handshake(HandshakeId="h-12345678")
    assert b'"Mood": "hopeful"' in bodies[0]


def test_what_json_can_not_carry_is_refused_where_it_is_seeded(unchecked: EmbeddedAws) -> None:
    with pytest.raises(TypeError, match="can't go over the wire"):
        unchecked.receive(ACCOUNT, {"Id": object()})


def test_what_is_seeded_and_what_is_shown_are_copies(aws: EmbeddedAws, letter: Letter) -> None:
    handshake = letter(Parties=[])
    aws.receive(ACCOUNT, handshake)
    handshake["Parties"].append("later")
    aws.received(ACCOUNT)[0]["Parties"].append("later still")
    assert aws.handshake("h-letter0000")["Parties"] == []


def test_aws_may_be_late_in_expiring_a_handshake(aws: EmbeddedAws, letter: Letter) -> None:
    aws.receive(ACCOUNT, letter(ExpirationTimestamp=datetime(2020, 1, 1, tzinfo=UTC)), expires=False)
    [handshake] = aws.client("organizations", ACCOUNT).list_handshakes_for_account()["Handshakes"]
    assert handshake["State"] == "OPEN"


def test_credentials_say_whose_they_are_and_stay_the_same(anywhere: EmbeddedAws) -> None:
    identity = anywhere.client("sts", ACCOUNT).get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert anywhere.credentials(ACCOUNT) == anywhere.credentials(ACCOUNT) != anywhere.credentials("333333333333")


def test_a_hub_declines_in_another_account_by_assuming_its_role(anywhere: EmbeddedAws, letter: Letter) -> None:
    sender = anywhere.add_organization("o-corporation", management_account="111111111111")
    anywhere.account("333333333333", organization=sender)
    anywhere.account(ACCOUNT, organization=sender)
    anywhere.receive(ACCOUNT, letter())
    assumed = anywhere.client("sts", "333333333333").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/invitation-responder", RoleSessionName="sweep"
    )["Credentials"]
    hub = anywhere.session("333333333333")
    member = hub.client(
        "organizations",
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
        endpoint_url=anywhere.endpoint_url,
    )
    [handshake] = member.list_handshakes_for_account()["Handshakes"]
    member.decline_handshake(HandshakeId=handshake["Id"])
    assert member.describe_organization()["Organization"]["Id"] == "o-corporation"
    assert (
        hub.client("organizations", endpoint_url=anywhere.endpoint_url).list_handshakes_for_account()["Handshakes"]
        == []
    )
    assert {call.account for call in anywhere.calls[:3]} == {ACCOUNT}


def test_no_role_of_a_locked_account_can_be_assumed(anywhere: EmbeddedAws, refused: Refused) -> None:
    anywhere.lock(ACCOUNT)
    hub = anywhere.client("sts", "333333333333")
    role = "arn:aws:iam::{}:role/invitation-responder"
    assert refused(hub.assume_role, RoleArn=role.format(ACCOUNT), RoleSessionName="sweep") == "AccessDenied"
    hub.assume_role(RoleArn=role.format("444444444444"), RoleSessionName="sweep")


def test_the_environment_of_a_process_leads_to_the_server(anywhere: EmbeddedAws) -> None:
    variables = anywhere.environment(ACCOUNT)
    assert variables["AWS_ACCESS_KEY_ID"] == anywhere.credentials(ACCOUNT)["aws_access_key_id"]
    assert variables.get("AWS_ENDPOINT_URL") == anywhere.endpoint_url


def test_a_large_organization_is_listed_whole(aws: EmbeddedAws) -> None:
    sender = aws.add_organization("o-corporation", management_account="100000000000")
    members = {aws.account(f"{number:012}", organization=sender) for number in range(250)}
    paginator = aws.client("organizations", "100000000000").get_paginator("list_accounts")
    listed = [account["Id"] for page in paginator.paginate() for account in page["Accounts"]]
    assert sorted(listed) == sorted({*members, "100000000000"})


def test_a_handshake_that_nobody_seeded_is_unknown(aws: EmbeddedAws) -> None:
    with pytest.raises(UnknownHandshakeError):
        aws.handshake("h-unknown0")
