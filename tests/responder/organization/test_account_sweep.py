"""One account of an organization: how it is acted as, and which outcome each failure is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EndpointConnectionError

from invitation_responder.aws.member_roles import MemberRoles, RoleError
from invitation_responder.aws.pace import Pace
from invitation_responder.aws.pages import pages
from invitation_responder.organization.account_sweep import AccountResult, sweep_account, sweep_accounts

HUB, MEMBER = "111111111111", "222222222222"


class Sts:
    """Answers AssumeRole with an error, or with credentials; keeps what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters)
        if self.error:
            raise self.error
        return {"Credentials": {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}}


class Session:
    """A session whose STS is the given one; a call of any other client is answered with the credentials' key."""

    region_name = "eu-west-1"

    def __init__(self, sts: Sts, key: str) -> None:
        self._sts = sts
        self._credentials = Credentials(key, "secret")

    def get_credentials(self) -> Credentials:
        return self._credentials

    def client(self, service: str, **_: Any) -> Any:
        return self._sts if service == "sts" else lambda: self._credentials.get_frozen_credentials().access_key


def roles(sts: Sts, **options: Any) -> Any:
    chosen: dict[str, Any] = {"role_name": "path/responder", "sweep": "a1/b2", "pace": Pace(0), **options}
    return MemberRoles(Session(sts, "own"), Session(sts, ""), HUB, **chosen)  # type: ignore[arg-type] # all that is called of a session


def test_a_role_is_assumed_for_the_least_time_under_a_name_that_tells_the_sweep() -> None:
    sts = Sts()
    with roles(sts, external_id="x", partition="aws-cn").acting_as(MEMBER) as called_by:
        assert called_by() == "key"
    assert sts.asked == [
        {
            "RoleArn": f"arn:aws-cn:iam::{MEMBER}:role/path/responder",
            "DurationSeconds": 900,
            "RoleSessionName": "invitation-responder-a1-b2",
            "ExternalId": "x",
        }
    ]


def test_without_an_external_id_none_is_given_and_a_long_name_is_cut() -> None:
    sts = Sts()
    with roles(sts, sweep="s" * 100).acting_as(MEMBER):
        pass
    assert "ExternalId" not in sts.asked[0]
    assert len(sts.asked[0]["RoleSessionName"]) == 64


def test_the_own_account_needs_no_role() -> None:
    sts = Sts()
    with roles(sts).acting_as(HUB) as called_by:
        assert called_by() == "own"
    assert sts.asked == []


def test_an_account_that_fails_uses_up_no_retries_of_the_next_one() -> None:
    acting = roles(Sts())
    with acting.acting_as(MEMBER) as first, acting.acting_as(MEMBER) as same:
        pass
    with pytest.raises(ValueError), acting.acting_as(MEMBER) as failing:  # noqa: PT011 - any error
        raise ValueError
    with acting.acting_as(MEMBER) as other:
        pass
    assert first is same is failing
    assert other is not first


def test_nobody_is_acted_as_before_an_account_after_it_and_when_a_sweep_breaks() -> None:
    acting = roles(Sts())
    with pytest.raises(KeyboardInterrupt), acting.acting_as(MEMBER) as called_by:
        raise KeyboardInterrupt
    assert called_by() == ""
    acting = roles(Sts(error("AccessDenied")))
    with pytest.raises(RoleError), acting.acting_as(MEMBER):
        pytest.fail("swept")


def error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "AssumeRole")


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        pytest.param(error("AccessDenied"), "no_role", id="no role, or one that does not trust"),
        pytest.param(
            error("AccessDenied", "… with an explicit deny in a service control policy"), "denied", id="a denial"
        ),
        pytest.param(error("Throttling"), "throttled", id="too many calls"),
        pytest.param(error("RegionDisabledException"), "failed", id="another error"),
        pytest.param(EndpointConnectionError(endpoint_url="https://x.example"), "failed", id="no connection"),
    ],
)
def test_why_a_role_is_not_assumed(problem: Exception, outcome: str) -> None:
    result = sweep_account(MEMBER, roles(Sts(problem)), lambda *_: pytest.fail("swept"))
    assert (result.account, result.outcome, result.report) == (MEMBER, outcome, None)
    assert result.detail.startswith(f"arn:aws:iam::{MEMBER}:role/path/responder can't be assumed: ")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("TooManyRequestsException", "throttled"), ("AccessDeniedException", "denied"), ("ServiceException", "failed")],
)
def test_why_an_account_can_not_be_listed(code: str, outcome: str) -> None:
    class Listing:
        def run(self) -> Any:
            def call(**_: Any) -> Any:
                raise error(code)

            return list(pages(call, "ListHandshakesForAccount"))

    result = sweep_account(HUB, Own(), lambda *_: Listing())  # type: ignore[arg-type] # all that is called of them
    assert (result.outcome, result.detail) == (outcome, f"ListHandshakesForAccount failed: {code}: no")


class Own:
    """Roles without credentials."""

    @contextmanager
    def acting_as(self, _account: str) -> Iterator[None]:
        yield None


def attempts(outcomes: dict[str, list[Any]], *, over_after: int = 100) -> tuple[list[tuple[str, str]], list[str]]:
    """The results of accounts whose tries end like that, and the tries: no more than `over_after` are begun."""
    tried: list[str] = []

    def sweep(account: str) -> AccountResult:
        tried.append(account)
        return AccountResult(account, outcomes[account].pop(0))

    results = sweep_accounts(list(outcomes), sweep, is_over=lambda: len(tried) >= over_after)
    return [(result.account, result.outcome) for result in results], tried


def test_what_may_pass_gets_a_second_try_and_no_third() -> None:
    results, tried = attempts(
        {"a": ["throttled", "swept"], "b": ["no_role"], "c": ["failed", "failed"], "d": ["swept"]}
    )
    assert results == [("b", "no_role"), ("d", "swept"), ("a", "swept"), ("c", "failed")]
    assert tried == ["a", "b", "c", "d", "a", "c"]


def test_when_it_is_over_first_tries_count_and_the_rest_has_no_result() -> None:
    results, tried = attempts({"a": ["throttled"], "b": ["swept"], "c": ["swept"]}, over_after=2)
    assert results == [("b", "swept"), ("a", "throttled")]
    assert tried == ["a", "b"]
