"""The summary of a sweep, for people and for the next round."""

from dataclasses import replace
from datetime import timedelta

from invitation_responder.core.coverage import AccountCoverage, AccountOutcome
from invitation_responder.organization.summary import (
    MAX_EXAMPLES,
    longest_without_sweep,
    summarize,
    without_word,
)
from support.strategies import NOW

SWEPT = AccountCoverage(
    account="222222222222",
    first_tried_at=NOW - timedelta(days=9),
    last_tried_at=NOW,
    sweep="sweep-1",
    outcome="swept",
    last_swept_at=NOW,
)


def known(**outcomes: AccountOutcome) -> dict[str, AccountCoverage]:
    """The coverage of accounts a, b, c and so on."""
    return {
        name: replace(SWEPT, account=name, outcome=outcome, last_swept_at=NOW if outcome == "swept" else None)
        for name, outcome in outcomes.items()
    }


def test_the_cause_names_the_reasons_what_a_person_has_to_mend_first() -> None:
    coverage = known(a="swept", b="throttled", c="no_role", d="failed")
    summary = summarize(list(coverage), coverage)
    assert summary.cause() == ("3 of 4 accounts were not swept: 1 no role (c), 1 failed (d), 1 throttled (b)")
    assert summary.to_try_again == ["b", "d"]


def test_many_accounts_are_counted_and_some_are_named() -> None:
    names = [f"{number:012}" for number in range(30)]
    summary = summarize(names, {name: replace(SWEPT, account=name, outcome="no_role") for name in names})
    assert summary.cause().endswith(
        "30 no role (000000000000, 000000000001, 000000000002, 000000000003, 000000000004 and 25 more)"
    )
    assert len(summary.examples()) == MAX_EXAMPLES


def test_an_account_of_which_this_sweep_said_nothing_is_found() -> None:
    coverage = known(a="swept", b="swept") | {"b": replace(SWEPT, account="b", sweep="sweep-0")}
    assert without_word(["a", "b", "c"], coverage, "sweep-1") == ["b", "c"]


def test_only_an_account_that_was_swept_before_is_news() -> None:
    old = replace(SWEPT, outcome="no_role", not_swept_since=NOW - timedelta(hours=1))
    summary = summarize([old.account], {old.account: old})
    assert not summary.newly_not_swept(NOW - timedelta(hours=1))
    assert summary.newly_not_swept(NOW - timedelta(hours=2))
    assert summary.newly_not_swept(None)
    assert not summarize([SWEPT.account], {SWEPT.account: SWEPT}).newly_not_swept(None)


def test_the_account_that_has_gone_longest_without_a_sweep_counts() -> None:
    never = replace(SWEPT, account="b", outcome="failed", last_swept_at=None)
    assert longest_without_sweep({"a": SWEPT, "b": never}, NOW) == timedelta(days=9)
    assert longest_without_sweep({"a": SWEPT}, NOW) == timedelta(0)
    assert longest_without_sweep({}, NOW) == timedelta(0)
