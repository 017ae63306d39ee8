"""Installation, moto's resets, and partitions; every test enters mock_aws for itself."""

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
        aws = EmbeddedAws.install()
        aws.add_organization("o-corporation", management_account="111111111111")
        aws.account(ACCOUNT, organization=aws.add_organization("o-other00000", management_account="333333333333"))
        aws.clock.set(datetime(2030, 1, 1, tzinfo=UTC))
        aws.receive(ACCOUNT, letter())
        aws.fail("DescribeOrganization", "ServiceException", times=None)
        aws.pin_ids("h-pinned000")
        aws.quotas.enable()
    with mock_aws():
        client = aws.client("organizations", ACCOUNT)
        assert client.list_handshakes_for_account()["Handshakes"] == []
        with pytest.raises(client.exceptions.AWSOrganizationsNotInUseException):
            client.describe_organization()
        assert len(aws.calls) == 2
        assert aws.clock.now().year != 2030


def test_installing_keeps_what_else_moto_holds() -> None:
    with mock_aws():
        table = boto3.client("dynamodb", "us-east-1")
        table.create_table(
            TableName="ledger",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        aws = EmbeddedAws.install()
        aws.add_organization("o-corporation", management_account="111111111111")
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
        aws = EmbeddedAws.install(partition)
        aws.add_organization("o-corporation", management_account="111111111111")
        sent = aws.client("organizations", "111111111111").invite_account_to_organization(
            Target={"Type": "ACCOUNT", "Id": ACCOUNT}
        )["Handshake"]
        client = aws.client("organizations", ACCOUNT)
        assert f"organizations.{region}." in client.meta.endpoint_url
        assert sent["Arn"].startswith(f"arn:{partition}:organizations::111111111111:handshake/")
        client.accept_handshake(HandshakeId=sent["Id"])
        assert client.describe_organization()["Organization"]["Id"] == "o-corporation"
        assert EmbeddedAws().received(ACCOUNT) == []
