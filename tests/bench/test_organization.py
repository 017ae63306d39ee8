"""The cost of a sweep over an organization, with few accounts: `python -m bench.organization` measures a thousand."""

import pytest

from bench.organization import MAX_GROWTH, MIN_RATIO, Cost, describe, main, measure


def test_memory_stays_and_an_account_costs_a_part_of_the_plain_way() -> None:
    ours, plain = measure("ours", 40, warm_up=10), measure("plain", 12, warm_up=4)
    assert ours.growth < MAX_GROWTH / 2
    assert plain.cpu / ours.cpu > MIN_RATIO / 2


def test_the_result_is_a_table_and_a_sentence() -> None:
    assert describe(Cost(12.5, 60.0, 64.0), Cost(150.0, 90.0, 96.5), 1000) == (
        "        CPU an account    RSS after 50      after 1000          growth\n"
        "ours           12.5 ms        60.0 MiB        64.0 MiB         4.0 MiB\n"
        "plain         150.0 ms        90.0 MiB        96.5 MiB         6.5 MiB\n"
        "The plain way takes 12.0 times our CPU (at least 6 times); our memory grows by 4.0 MiB (less than 20)."
    )


def test_too_few_accounts_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["50"])
    assert "the first 50 accounts warm up" in capsys.readouterr().err
