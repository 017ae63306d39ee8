"""The time of a sweep: never less than its listings take, and what the workers take one after the other."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.estimate.sweep import MAX_ACCOUNTS, START_OF_A_BATCH, SweepEstimate, estimate_sweep
from invitation_responder.organization.batches import (
    FUNCTION_TIMEOUT,
    TIME_FOR_LISTINGS,
    WORKERS,
    cut,
    longest_time_for,
    time_for,
)

SECOND = timedelta(seconds=1)


def test_the_batches_are_those_that_the_hub_cuts() -> None:
    accounts = [f"{number:012}" for number in range(2500)]
    assert list(estimate_sweep(2500, 4.0).batches) == [len(batch) for batch in cut(accounts, 4.0)]


@pytest.mark.parametrize(
    ("batches", "seconds"),
    [
        pytest.param((10,), 10, id="one batch leaves four workers idle"),
        pytest.param((10,) * 5, 10, id="a batch for each worker"),
        pytest.param((10,) * 5 + (1,), 11, id="the sixth batch waits for a worker"),
        pytest.param((10, 1, 1, 1, 1, 5), 10, id="it takes the worker that is free first"),
    ],
)
def test_a_batch_begins_as_soon_as_a_worker_is_free(batches: tuple[int, ...], seconds: int) -> None:
    waves = (len(batches) - 1) // WORKERS + 1 if max(batches) == min(batches[:5]) else 1
    sweep = SweepEstimate(sum(batches), 5.0, batches)
    assert sweep.work == seconds * SECOND + waves * START_OF_A_BATCH


def test_a_batch_pays_for_a_quarter_of_a_gigabyte_and_the_other_functions_for_half_of_one() -> None:
    sweep = SweepEstimate(20, 5.0, (10, 10))
    batches = 20 * SECOND + 2 * START_OF_A_BATCH
    assert sweep.gigabyte_seconds == pytest.approx((batches / 4 + (sweep.plan + sweep.summary) / 2) / SECOND)


@given(st.integers(1, 5000), st.floats(0.1, 6))
def test_a_sweep_takes_the_time_of_its_listings_and_of_one_more_batch_at_most(accounts: int, rate: float) -> None:
    sweep = estimate_sweep(accounts, rate)
    longest_batch = START_OF_A_BATCH + timedelta(seconds=max(sweep.batches) / sweep.rate_of_a_worker)
    waves = -(-len(sweep.batches) // WORKERS)
    assert time_for(accounts, rate) <= sweep.work + SECOND / 1000
    assert sweep.work <= time_for(accounts, rate) + waves * START_OF_A_BATCH + longest_batch
    assert sweep.work <= sweep.longest
    assert sweep.total == sweep.plan + sweep.work + sweep.summary


@given(st.integers(1, 5000), st.floats(0.1, 6))
def test_one_account_more_never_takes_less_time(accounts: int, rate: float) -> None:
    fewer, more = estimate_sweep(accounts, rate), estimate_sweep(accounts + 1, rate)
    assert fewer.work <= more.work
    assert fewer.plan <= more.plan
    assert fewer.summary <= more.summary


def test_the_largest_organization_fits_into_the_functions() -> None:
    sweep = estimate_sweep(MAX_ACCOUNTS, 6.0)
    assert max(sweep.batches) / sweep.rate_of_a_worker * SECOND <= TIME_FOR_LISTINGS
    assert sweep.plan < FUNCTION_TIMEOUT
    assert sweep.summary < FUNCTION_TIMEOUT


def test_the_plan_lists_twenty_accounts_a_call_and_six_calls_a_second() -> None:
    few, many = estimate_sweep(20, 5.0), estimate_sweep(12_001, 5.0)
    assert (few.pages, many.pages) == (1, 601)
    assert few.plan < 3 * SECOND
    assert timedelta(seconds=100) < many.plan < timedelta(seconds=110)


def test_a_sweep_ends_in_any_case_when_the_hub_says_so() -> None:
    sweep = estimate_sweep(10_000, 5.0)
    assert sweep.longest == sweep.plan + longest_time_for(10_000, 5.0)


@pytest.mark.parametrize(("accounts", "workers"), [(1, 1), (4, 4), (5, 5), (9000, 5)])
def test_there_are_no_more_workers_than_batches(accounts: int, workers: int) -> None:
    assert estimate_sweep(accounts, 5.0).workers == workers
