"""The messages by which events of AWS Organizations reach the hub."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from invitation_responder.organization.account_events import AccountEvent, read_account_event

OWN, OTHER, THIRD = "222222222222", "333333333333", "444444444444"
JOINED, DEPARTED = "AccountJoinedOrganization", "AccountDepartedOrganization"
IDENTITY = {"accountId": THIRD, "invokedBy": "organizations.amazonaws.com"}
NESTED = "[" * 100_000 + "]" * 100_000


def body(name: object, *, account: object = OWN, **detail: Any) -> str:
    return json.dumps(
        {"source": "aws.organizations", "account": account, "detail": {"eventName": name, **detail}},
    )


def read(text: str) -> AccountEvent | None:
    return read_account_event({"messageId": "m-1", "body": text, "attributes": {"SentTimestamp": "1795737600123"}})


def test_a_message_has_its_number_and_the_time_at_which_it_came() -> None:
    assert read(body("AcceptHandshake")) == AccountEvent("m-1", (OWN,), datetime(2026, 11, 27, 0, 0, 0, 123_000, UTC))


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        pytest.param(
            body("DeclineHandshake", responseElements={"handshake": {"parties": [{"id": OTHER}]}}),
            (OWN,),
            id="what a person calls is about their account",
        ),
        pytest.param(
            body(DEPARTED, userIdentity=IDENTITY, recipientAccountId=OWN, serviceEventDetails={"accountId": OTHER}),
            (OTHER,),
            id="a service event names another account",
        ),
        pytest.param(
            body(JOINED, serviceEventDetails={"MemberAccountId": OTHER, "managementAccountId": OWN}),
            (OTHER,),
            id="beside its own",
        ),
        pytest.param(
            body(JOINED, requestParameters={"account": {"id": OTHER, "joinedMethod": "INVITED"}}), (OTHER,), id="deeper"
        ),
        pytest.param(
            body(JOINED, resources=[{"ARN": f"arn:aws:organizations::{OWN}:account/o-exampleorgid/{OTHER}"}]),
            (OTHER,),
            id="by its ARN",
        ),
        pytest.param(body(JOINED, details=[OTHER, THIRD, OTHER]), (OTHER, THIRD), id="two of them, each once"),
        pytest.param(body(DEPARTED, userIdentity=IDENTITY, serviceEventDetails=None), (OWN,), id="none"),
        pytest.param(
            body(DEPARTED, requestID=f"11112222-3333-4444-5555-{OTHER}", eventTime=123456789012),
            (OWN,),
            id="other numbers are no accounts",
        ),
    ],
)
def test_the_accounts_that_an_event_is_about(text: str, accounts: tuple[str, ...]) -> None:
    message = read(text)
    assert message is not None
    assert message.accounts == accounts


def test_no_event_is_about_a_whole_organization() -> None:
    message = read(body(JOINED, details=[f"{number:012}" for number in range(1, 100)]))
    assert message is not None
    assert len(message.accounts) == 5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("hello", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no event"),
        pytest.param(body("AcceptHandshake", account="12345"), id="no account number"),
        pytest.param(body("AcceptHandshake", account=222222222222), id="a number"),
        pytest.param(body(["AcceptHandshake"]), id="no name"),
        pytest.param(json.dumps({"account": OWN, "detail": "x"}), id="no detail"),
        pytest.param(NESTED, id="nested too deep"),
        pytest.param(
            json.dumps({"account": OWN, "detail": {"eventName": JOINED, "x": 0}}).replace("0}", NESTED[49_900:-49_900]),
            id="JSON that breaks off",
        ),
    ],
)
def test_anything_else_is_no_message(text: str) -> None:
    assert read(text) is None
