"""Beginnings and ends: installing, moto's resets, partitions; every test enters mock_aws for itself."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.embedded.world import EmbeddedAws
from local.organizations import responses

Letter = Callable[..., dict[str, Any]]
ACCOUNT = "222222222222"


def test_every_reset_of_moto_empties_everything(letter: Letter) -> None:
    with mock_aws():
        world = EmbeddedAws.install()
        world.add_organization("o-corporation", management_account="111111111111")
        world.account(ACCOUNT, organization=world.add_organization("o-other00000", management_account="333333333333"))
        world.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
        world.receive(ACCOUNT, letter())
        world.fail("DescribeOrganization", "ServiceException", times=None)
        world.pin_ids("h-pinned000")
        world.quotas.enable()
    with mock_aws():
        client = world.client("organizations", ACCOUNT)
        assert client.list_handshakes_for_account()["Handshakes"] == []
        with pytest.raises(client.exceptions.AWSOrganizationsNotInUseException):
            client.describe_organization()
        assert len(world.calls) == 2
        assert world.clock.now().year != 2030


def test_installing_keeps_what_else_moto_holds() -> None:
    with mock_aws():
        table = boto3.client("dynamodb", "us-east-1")
        table.create_table(
            TableName="ledger",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        world = EmbeddedAws.install()
        world.add_organization("o-corporation", management_account="111111111111")
        assert EmbeddedAws.install().received(ACCOUNT) == []
        assert table.list_tables()["TableNames"] == ["ledger"]


def test_installing_twice_is_harmless_and_works_for_clients_that_were_there_before() -> None:
    with mock_aws():
        client = boto3.client("organizations", "us-east-1")
        responses.install()
        responses.install()
        assert client.list_handshakes_for_account()["Handshakes"] == []
        client.create_organization()


@pytest.mark.parametrize(
    ("partition", "region"),
    [pytest.param("aws-cn", "cn-northwest-1", id="China"), pytest.param("aws-us-gov", "us-gov-west-1", id="GovCloud")],
)
def test_other_partitions_have_handshakes_of_their_own(partition: str, region: str) -> None:
    with mock_aws():
        world = EmbeddedAws.install(partition)
        world.add_organization("o-corporation", management_account="111111111111")
        sent = world.client("organizations", "111111111111").invite_account_to_organization(
            Target={"Type": "ACCOUNT", "Id": ACCOUNT}
        )["Handshake"]
        client = world.client("organizations", ACCOUNT)
        assert f"organizations.{region}." in client.meta.endpoint_url
        assert sent["Arn"].startswith(f"arn:{partition}:organizations::111111111111:handshake/")
        client.accept_handshake(HandshakeId=sent["Id"])
        assert client.describe_organization()["Organization"]["Id"] == "o-corporation"
        assert EmbeddedAws().received(ACCOUNT) == []
