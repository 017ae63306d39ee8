"""The batches of a sweep, and the time that they take."""

from datetime import timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.organization.batches import (
    FUNCTION_TIMEOUT,
    TIME_FOR_LISTINGS,
    WORKERS,
    Batch,
    cut,
    longest_time_for,
    read_batch,
    time_for,
)
from support.strategies import NOW


def accounts(count: int) -> list[str]:
    return [f"{number:012}" for number in range(count)]


@pytest.mark.parametrize(
    ("count", "rate", "sizes"),
    [
        (0, 5.0, []),
        (1, 5.0, [1]),
        (4, 5.0, [1, 1, 1, 1]),
        (60, 5.0, [12] * 5),
        (2100, 5.0, [420] * 5),
        (2101, 5.0, [211] * 9 + [202]),
        (30, 0.001, [1] * 30),
    ],
)
def test_each_worker_has_an_equal_part_as_far_as_it_fits_into_its_time(
    count: int, rate: float, sizes: list[int]
) -> None:
    assert [len(batch) for batch in cut(accounts(count), rate)] == sizes


@given(st.integers(0, 3000), st.floats(0.1, 6))
def test_no_account_is_lost_or_swept_twice_and_the_order_stays(count: int, rate: float) -> None:
    batches = cut(accounts(count), rate)
    assert [account for batch in batches for account in batch] == accounts(count)
    for batch in batches:
        assert (
            len(batch) == 1 or timedelta(seconds=len(batch) / (rate / WORKERS)) <= TIME_FOR_LISTINGS < FUNCTION_TIMEOUT
        )


@given(st.integers(1, 10_000), st.floats(0.1, 6))
def test_no_worker_is_idle_while_another_one_has_a_batch_left(count: int, rate: float) -> None:
    sizes = [len(batch) for batch in cut(accounts(count), rate)]
    turns = ceil(len(sizes) / WORKERS)
    assert turns * sizes[0] < count / WORKERS + turns


def test_a_batch_passes_through_the_state_machine() -> None:
    batch = Batch("sweep-1", ("222222222222",), 1.25, NOW)
    assert read_batch(batch.as_item()) == batch


def test_a_sweep_takes_the_time_of_its_listings_and_ends_in_any_case() -> None:
    assert time_for(10_000, 5) == timedelta(seconds=2000)
    assert longest_time_for(10_000, 5) == timedelta(seconds=6600)
