"""Faults, hooks and recorded calls, inside mock_aws and over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from local.control.faults import Call
from local.embedded.world import EmbeddedAws

Letter = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
ACCOUNT, HANDSHAKE = "222222222222", "h-letter0000"


def test_an_operation_fails_so_many_times(anywhere: EmbeddedAws, letter: Letter, refused: Refused) -> None:
    anywhere.receive(ACCOUNT, letter())
    anywhere.fail("DeclineHandshake", "ConcurrentModificationException", times=2)
    decline = anywhere.client("organizations", ACCOUNT).decline_handshake
    assert refused(decline, HandshakeId=HANDSHAKE) == "ConcurrentModificationException"
    assert refused(decline, HandshakeId=HANDSHAKE) == "ConcurrentModificationException"
    assert decline(HandshakeId=HANDSHAKE)["Handshake"]["State"] == "DECLINED"
    assert anywhere.count("DeclineHandshake", handshake=HANDSHAKE) == 3


@pytest.mark.parametrize(
    ("fault", "account", "handshake", "hit"),
    [
        pytest.param({}, ACCOUNT, HANDSHAKE, True, id="a fault hits every call of its operation"),
        pytest.param({"account": ACCOUNT}, ACCOUNT, HANDSHAKE, True, id="or of one account"),
        pytest.param({"account": "333333333333"}, ACCOUNT, HANDSHAKE, False, id="and no other account"),
        pytest.param({"handshake": HANDSHAKE}, ACCOUNT, HANDSHAKE, True, id="or about one handshake"),
        pytest.param({"handshake": "h-other000"}, ACCOUNT, HANDSHAKE, False, id="and no other handshake"),
    ],
)
def test_a_fault_can_be_narrowed(
    aws: EmbeddedAws,
    *,
    letter: Letter,
    refused: Refused,
    fault: dict[str, Any],
    account: str,
    handshake: str,
    hit: bool,
) -> None:
    aws.receive(account, letter(Id=handshake))
    aws.fail("DeclineHandshake", "ServiceException", times=None, status=500, **fault)
    decline = aws.client("organizations", account).decline_handshake
    if hit:
        assert refused(decline, HandshakeId=handshake) == "ServiceException"
        assert refused(decline, HandshakeId=handshake) == "ServiceException"
    else:
        decline(HandshakeId=handshake)


def test_an_answer_can_get_lost_after_the_deed(anywhere: EmbeddedAws, letter: Letter, refused: Refused) -> None:
    anywhere.receive(ACCOUNT, letter())
    anywhere.fail("DeclineHandshake", "ServiceException", status=503, takes_effect=True)
    decline = anywhere.client("organizations", ACCOUNT).decline_handshake
    assert refused(decline, HandshakeId=HANDSHAKE) == "ServiceException"
    assert refused(decline, HandshakeId=HANDSHAKE) == "HandshakeAlreadyInStateException"


def test_what_botocore_retries_is_retried_as_in_life(aws: EmbeddedAws) -> None:
    aws.fail("ListHandshakesForAccount", "TooManyRequestsException", times=1)
    client = aws.client("organizations", ACCOUNT, config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
    assert client.list_handshakes_for_account()["ResponseMetadata"]["RetryAttempts"] == 1
    assert [call.error for call in aws.calls] == ["TooManyRequestsException", None]


def test_codes_that_the_model_does_not_know_can_be_injected_into_any_operation(
    unchecked: EmbeddedAws, refused: Refused
) -> None:
    unchecked.fail("ListHandshakesForAccount", "ExpiredTokenException")
    unchecked.fail("ListAccounts", "UnrecognizedClientException")
    client = unchecked.client("organizations", ACCOUNT)
    assert refused(client.list_handshakes_for_account) == "ExpiredTokenException"
    assert refused(client.list_accounts) == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        pytest.param("ACCEPTED", "InvalidHandshakeTransitionException", id="somebody accepts it first"),
        pytest.param("CANCELED", "InvalidHandshakeTransitionException", id="the sender cancels it first"),
        pytest.param("DECLINED", "HandshakeAlreadyInStateException", id="another sweep declines it first"),
        pytest.param(None, "HandshakeNotFoundException", id="it vanishes first"),
    ],
)
def test_races(anywhere: EmbeddedAws, letter: Letter, refused: Refused, answered: Any, error: str) -> None:
    def meanwhile(call: Call) -> None:
        if answered is None:
            anywhere.forget(str(call.handshake_id))
        else:
            anywhere.close(str(call.handshake_id), answered)

    anywhere.receive(ACCOUNT, letter())
    anywhere.before("DeclineHandshake", meanwhile)
    decline = anywhere.client("organizations", ACCOUNT).decline_handshake
    assert refused(decline, HandshakeId=HANDSHAKE) == error


def test_a_hook_may_call_the_same_operation(anywhere: EmbeddedAws, letter: Letter, refused: Refused) -> None:
    anywhere.receive(ACCOUNT, letter())
    decline = anywhere.client("organizations", ACCOUNT).decline_handshake
    anywhere.before("DeclineHandshake", lambda call: decline(HandshakeId=call.handshake_id))
    assert refused(decline, HandshakeId=HANDSHAKE) == "HandshakeAlreadyInStateException"


def test_every_call_is_on_record(anywhere: EmbeddedAws, letter: Letter, refused: Refused) -> None:
    anywhere.receive(ACCOUNT, letter())
    client = anywhere.client("organizations", ACCOUNT)
    client.list_handshakes_for_account(MaxResults=5)
    client.accept_handshake(HandshakeId=HANDSHAKE)
    refused(client.describe_organization)
    assert anywhere.calls == [
        Call("ListHandshakesForAccount", ACCOUNT, {"MaxResults": 5}),
        Call("AcceptHandshake", ACCOUNT, {"HandshakeId": HANDSHAKE}),
        Call("DescribeOrganization", ACCOUNT, {}, error="AWSOrganizationsNotInUseException"),
    ]
    assert anywhere.count("AcceptHandshake", account=ACCOUNT, handshake=HANDSHAKE) == 1
    assert anywhere.count("AcceptHandshake", account="333333333333") == 0
