"""The benchmark of a sweep over an organization, with few accounts: `make bench` measures a thousand."""

import pytest

from bench.organization import MAX_GROWTH, MIN_RATIO, RATE, AccountCost, Way, report, sweep


def test_memory_stays_and_an_account_costs_a_part_of_the_plain_way() -> None:
    ours, plain = sweep("ours", 24, warm_up=8), sweep("plain", 8, warm_up=3)
    assert ours.growth < MAX_GROWTH / 2
    assert ours.peak >= ours.after
    assert plain.cpu / ours.cpu > MIN_RATIO / 2


def test_a_pace_is_kept() -> None:
    assert sweep("paced", 12, warm_up=4).a_second < 1.2 * RATE


COSTS: dict[Way, AccountCost] = {
    "ours": AccountCost(12.5, 50, 60.0, 64.0, 64.4),
    "plain": AccountCost(100.0, 8, 90.0, 96.5, 97.0),
    "c7n_org": AccountCost(200.0, 4, 90.0, 90.0, 91.0),
    "paced": AccountCost(12.5, 9.9, 60.0, 61.0, 61.0),
}


def test_the_table_has_the_ways_but_for_the_run_that_waits() -> None:
    assert report(COSTS).table == (
        ("", "CPU an account, times ours", "growth", "peak", "accounts"),
        ("ours", "1.0", "4.0 MiB", "64 MiB", "1,000"),
        ("a session and clients for each account", "8.0", "6.5 MiB", "97 MiB", "200"),
        ("c7n-org: sessions and listings alone", "16", "0.0 MiB", "91 MiB", "200"),
    )


@pytest.mark.parametrize(
    ("way", "cost", "broken"),
    [
        ("ours", AccountCost(12.5, 50, 60.0, 64.0, 101.0), "the sweep of 1,000 accounts at its peak"),
        ("ours", AccountCost(12.5, 50, 40.0, 64.0, 64.4), "its growth after 50 accounts"),
        ("plain", AccountCost(70.0, 8, 90.0, 96.5, 97.0), "a session and clients for each account, times our CPU"),
        ("c7n_org", AccountCost(12.0, 4, 90.0, 90.0, 91.0), "c7n-org's session and listing alone, times our CPU"),
        ("paced", AccountCost(12.5, 9.0, 60.0, 61.0, 61.0), "listings a second, in times of those asked for"),
    ],
)
def test_what_must_hold_is_claimed(way: Way, cost: AccountCost, broken: str) -> None:
    assert all(claim.holds for claim in report(COSTS).claims)
    assert [claim.subject for claim in report(COSTS | {way: cost}).claims if not claim.holds] == [broken]
