"""The benchmark of the functions' memory: its arithmetic."""

import pytest

from bench.memory import WAITING, report, seconds_of_an_account, usd_a_month
from bench.organization import AccountCost

COST = AccountCost(20.0, 40, 60.0, 62.0, 63.0)


def test_less_memory_makes_computing_slower_and_waiting_not() -> None:
    assert seconds_of_an_account(20.0, 1769) == seconds_of_an_account(20.0, 3008) == WAITING + 0.02
    assert seconds_of_an_account(20.0, 128) == pytest.approx(WAITING + 0.02 * 13.82, abs=0.001)


def test_an_account_is_paid_for_as_long_as_the_pace_takes() -> None:
    assert usd_a_month(0.5, 1024) == usd_a_month(1.0, 1024) == pytest.approx(2976 * 1000 * 0.0000133334)
    assert usd_a_month(2.0, 512) == pytest.approx(usd_a_month(1.0, 1024))


def test_the_table_marks_the_memory_that_the_functions_have() -> None:
    _, smallest, batch, others, *_ = report(COST).table
    assert smallest == ("128", "0.73", "4.96")
    assert batch == ("256 (a batch)", "0.59", "9.92")
    assert others == ("512 (the other functions)", "0.52", "19.84")


@pytest.mark.parametrize(
    ("cost", "broken"),
    [
        (AccountCost(55.0, 40, 60.0, 62.0, 63.0), "the time of an account with 256 MiB, of the second that it has"),
        (AccountCost(20.0, 40, 60.0, 62.0, 130.0), "the memory of a batch, of what it has"),
    ],
)
def test_a_batch_needs_no_more_than_it_has(cost: AccountCost, broken: str) -> None:
    assert all(claim.holds for claim in report(COST).claims)
    assert [claim.subject for claim in report(cost).claims if not claim.holds] == [broken]
