"""The quotas: token buckets for an account and for its whole organization."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.control.quotas import Throttle
from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender


class Seconds:
    """A monotonic source that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def throttle(seconds: Seconds) -> Throttle:
    throttle = Throttle(seconds)
    throttle.enable()
    return throttle


@pytest.mark.parametrize(
    ("operation", "at_once", "a_second_later"),
    [
        pytest.param("DeclineHandshake", 1, 1, id="declining: one at once, one a second"),
        pytest.param("AcceptHandshake", 2, 1, id="accepting: two at once, one a second"),
        pytest.param("DescribeHandshake", 2, 1, id="describing: two at once, one a second"),
        pytest.param("ListHandshakesForAccount", 8, 5, id="listing: eight at once, five a second"),
        pytest.param("ListAccounts", 12, 8, id="listing accounts: twelve at once, eight a second"),
        pytest.param("DescribeOrganization", 2, 1, id="describing the organization: two at once, one a second"),
        pytest.param("ListRoots", 99, 99, id="an operation without a quota here is not held up"),
    ],
)
def test_an_account_is_held_to_its_quota(
    throttle: Throttle, seconds: Seconds, operation: str, at_once: int, a_second_later: int
) -> None:
    def allowed() -> int:
        return sum(throttle.allows(operation, "222222222222", None) for _ in range(99))

    assert allowed() == at_once
    seconds.now += 1
    assert allowed() == a_second_later
    seconds.now += 3600
    assert allowed() == at_once, "a bucket never holds more than the burst"


def test_the_accounts_of_an_organization_share_its_quota(throttle: Throttle) -> None:
    def allowed(organization: str | None) -> int:
        accounts = [f"{number:012}" for number in range(20)]
        return sum(
            throttle.allows("ListHandshakesForAccount", f"{organization}{account}", organization)
            for account in accounts
        )

    assert allowed("o-first") == 10
    assert allowed("o-second") == 10
    assert allowed(None) == 20


def test_a_call_that_is_refused_costs_nothing(throttle: Throttle, seconds: Seconds) -> None:
    for _ in range(50):
        throttle.allows("DeclineHandshake", "222222222222", "o-first")
    assert [throttle.allows("DeclineHandshake", f"account {n}", "o-first") for n in range(5)] == [True] * 4 + [False]


def test_quotas_can_be_switched_off_again(throttle: Throttle) -> None:
    throttle.disable()
    assert all(throttle.allows("DeclineHandshake", "222222222222", None) for _ in range(9))


def test_the_api_throttles_on_the_clock_of_the_world(
    aws: EmbeddedAws, corporation: Sender, refused: Callable[..., str]
) -> None:
    aws.quotas.enable()
    client = aws.client("organizations", "333333333333")
    client.describe_organization()
    client.describe_organization()
    assert refused(client.describe_organization) == "TooManyRequestsException"
    aws.clock.advance(timedelta(seconds=1))
    client.describe_organization()


def test_the_api_throttles_a_whole_organization(
    aws: EmbeddedAws, corporation: Sender, refused: Callable[..., str]
) -> None:
    aws.quotas.enable()
    member, management = aws.client("organizations", "333333333333"), aws.client("organizations", "111111111111")
    for _ in range(8):
        member.list_handshakes_for_account()
    management.list_handshakes_for_account()
    management.list_handshakes_for_account()
    assert refused(management.list_handshakes_for_account) == "TooManyRequestsException"
