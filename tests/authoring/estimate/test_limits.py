"""The numbers of accounts at which a sweep meets its limits and quotas."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.estimate.limits import Limit, find_limits
from authoring.estimate.quotas import find_quotas
from authoring.estimate.schedule import MAX_SCHEDULE
from authoring.estimate.sweep import MAX_ACCOUNTS, estimate_sweep

QUARTER = timedelta(minutes=15)
AWS = Limit("accounts_of_an_organization", MAX_ACCOUNTS)


@settings(max_examples=50)  # one looks at some 70 organizations
@given(st.integers(1, 60), st.floats(0.1, 6))
def test_the_schedule_fits_up_to_its_limit_and_not_beyond(minutes: int, rate: float) -> None:
    schedule = timedelta(minutes=minutes)
    first = find_limits(rate, schedule)[0]
    assert first.name == "schedule"
    assert first.accounts is not None
    assert estimate_sweep(first.accounts, rate).total <= schedule < estimate_sweep(first.accounts + 1, rate).total


def test_the_first_limit_comes_first_and_those_out_of_reach_last() -> None:
    schedule, next_one, *others = find_limits(5.0, QUARTER)
    assert schedule.name == "schedule"
    assert schedule.accounts is not None
    assert 4000 < schedule.accounts < 4500  # 15 minutes of 5 listings a second are 4500
    assert next_one == AWS
    assert {(limit.name, limit.accounts) for limit in others} == {
        ("longest_schedule", None),
        ("time_of_the_plan", None),
        ("time_of_the_summary", None),
    }


def test_the_longest_schedule_is_a_limit_of_its_own_only_beside_a_shorter_one() -> None:
    assert [limit.name for limit in find_limits(0.1, QUARTER)][:2] == ["schedule", "longest_schedule"]
    assert [limit.name for limit in find_limits(0.1, MAX_SCHEDULE)][:2] == ["schedule", "accounts_of_an_organization"]


def test_nothing_but_aws_itself_limits_a_day_at_full_speed() -> None:
    assert find_limits(6.0, MAX_SCHEDULE)[0] == AWS


@pytest.mark.parametrize(
    ("accounts", "rate", "listings"),
    [
        pytest.param(10_000, 5.0, 5.0, id="all workers together list at the rate"),
        pytest.param(2, 5.0, 2.0, id="two workers list at two fifths of it"),
        pytest.param(10_000, 6.0, 6.0, id="the whole quota"),
    ],
)
def test_each_account_takes_one_call_of_each_kind(accounts: int, rate: float, listings: float) -> None:
    uses = {use.what: use for use in find_quotas(estimate_sweep(accounts, rate))}
    assert {uses[what].used for what in ("ListHandshakesForAccount", "AssumeRole", "DynamoDB writes")} == {listings}
    assert uses["ListHandshakesForAccount"].share == listings / 6


def test_no_organization_uses_more_than_a_quota() -> None:
    for accounts in (1, 20, 500, 10_000, MAX_ACCOUNTS):
        uses = find_quotas(estimate_sweep(accounts, 6.0))
        shares = [use.share for use in uses]
        assert shares == sorted(shares, reverse=True)
        assert max(shares) <= 1


def test_a_small_organization_is_listed_in_one_call_and_read_at_once() -> None:
    uses = {use.what: use.used for use in find_quotas(estimate_sweep(20, 5.0))}
    assert uses["ListAccounts"] == 1
    assert 1 < uses["DynamoDB reads"] < 2
