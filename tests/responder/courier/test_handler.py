"""The Lambda entry point of the courier."""

import importlib
import json
import logging
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.marks import MarksError
from invitation_responder.aws.organization_table import OrganizationTable
from local.embedded.function import Context, create_marks_table
from support.notices import OWN, make_detail

REGION = "eu-west-1"
MODULE = "invitation_responder.courier.handler"


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The handler, imported anew, with its topic and its table; the table of the organization does not exist."""
    monkeypatch.setenv("ORGANIZATION_TABLE", "organization")
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        create_marks_table(dynamodb, "marks")
        topic = boto3.client("sns", region_name=REGION).create_topic(Name="all")["TopicArn"]
        for name, value in {"AWS_DEFAULT_REGION": REGION, "MARKS_TABLE": "marks", "TOPIC": topic}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, MODULE, raising=False)
        logging.Logger.manager.loggerDict.pop("invitation-responder", None)  # it keeps the stdout of its first test
        yield importlib.import_module(MODULE)


def batch(*bodies: str) -> dict[str, Any]:
    """What Lambda hands over for these messages of a queue."""
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


def event(number: int) -> str:
    return json.dumps({"account": OWN, "detail": make_detail("declined", number)})


def subjects() -> list[str]:
    [topic] = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
    return [subject for _, _, subject, *_ in topic.sent_notifications]


def body() -> str:
    [topic] = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
    [(_, sent, *_)] = topic.sent_notifications
    return str(sent)


def test_a_batch_becomes_one_message(handler: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    events = [event(number) for number in range(1, 41)]
    assert handler.handle(batch(*events), Context(OWN)) == {"batchItemFailures": []}
    assert subjects() == ["40 handshakes declined"]
    assert vars(caplog.records[-1])["subject"] == "40 handshakes declined"


@pytest.mark.parametrize("body", ["", "[", "null", '{"detail": {}}', '"text"', "[" * 100_000])
def test_what_is_no_event_goes_back_and_hinders_nothing(
    handler: ModuleType, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = handler.handle(batch(event(1), body, event(2)), Context(OWN))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert subjects() == ["2 handshakes declined"]
    assert (caplog.messages[0], caplog.messages[-1]) == ("no event of the responder", "sent")


def test_what_can_not_be_sent_goes_back(handler: ModuleType) -> None:
    boto3.client("dynamodb", region_name=REGION).delete_table(TableName="marks")
    with pytest.raises(MarksError):
        handler.handle(batch(event(1)), Context(OWN))
    assert subjects() == []


def test_the_names_of_accounts_are_in_the_message(handler: ModuleType) -> None:
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    keys = ("kind", "HASH"), ("id", "RANGE")
    dynamodb.create_table(
        TableName="organization",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],  # type: ignore[typeddict-item]
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    Coverage(OrganizationTable(dynamodb, "organization")).set_name(OWN, "payments-prod")
    handler.handle(batch(event(1)), Context(OWN))
    assert f"{OWN} (payments-prod)" in body()


def test_without_the_names_the_message_goes_all_the_same(handler: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    handler.handle(batch(event(1)), Context(OWN))
    assert f"account {OWN} to join it" in body()
    assert "organization can't be read" in caplog.messages[0]


def test_an_account_without_an_organization_asks_for_no_names(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(handler, "coverage", None)
    handler.handle(batch(event(1)), Context(OWN))
    assert caplog.messages == ["sent"]
