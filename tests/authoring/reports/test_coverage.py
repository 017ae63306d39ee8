"""The coverage of an organization's accounts: their order, the sentence, the JSON, and the table at 80 columns."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from authoring.reports.coverage import as_json, make_table, summarize, worst_first
from invitation_responder.core.coverage import AccountCoverage, AccountOutcome

NOW = datetime(2026, 12, 1, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
REFUSED = (
    "arn:aws:iam::333333333333:role/InvitationResponder can't be assumed: AccessDenied: User: "
    "arn:aws:sts::111111111111:assumed-role/hub/batch is not authorized to perform: sts:AssumeRole"
)


def known(account: str, outcome: AccountOutcome = "swept", swept: int | None = 1, **changes: Any) -> AccountCoverage:
    """An account that was swept so many hours before NOW, and tried at NOW."""
    fields: dict[str, Any] = {
        "account": account,
        "outcome": outcome,
        "first_tried_at": NOW - 100 * HOUR,
        "last_tried_at": NOW,
        "last_swept_at": None if swept is None else NOW - swept * HOUR,
        "not_swept_since": None if outcome == "swept" else NOW - HOUR / 2,
        "sweep": "execution-1",
    }
    return AccountCoverage(**{**fields, **changes})


FINE = known("222222222222", name="payroll", last_swept_at=NOW - HOUR + timedelta(microseconds=123456))
LATE = known("333333333333", "no_role", 30, detail=REFUSED)
NEVER = known("444444444444", "denied", None, first_tried_at=NOW - 2 * HOUR)


def printed(accounts: list[AccountCoverage], **options: Any) -> str:
    """The table as on a terminal of 80 columns."""
    console = Console(width=80, file=io.StringIO(), highlight=False, **options)
    console.print(make_table(accounts))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_longest_without_a_sweep_is_first_and_never_swept_before_all() -> None:
    newer = known("111111111111", "denied", None, first_tried_at=NOW - HOUR)
    assert worst_first([FINE, newer, LATE, NEVER]) == [NEVER, newer, LATE, FINE]


def test_accounts_with_the_same_time_are_in_the_order_of_their_numbers() -> None:
    accounts = [known(f"{number}" * 12) for number in (3, 1, 2)]
    assert [one.account[0] for one in worst_first(accounts)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("accounts", "sentence"),
    [
        pytest.param([], "No account was swept yet: the table has no coverage.", id="an empty table"),
        pytest.param(
            [FINE],
            "1 of 1 account was swept at its last try; the longest without a sweep is 222222222222, since "
            "2026-12-01T12:00:00Z",
            id="one account",
        ),
        pytest.param(
            [LATE, FINE],
            "1 of 2 accounts were swept at their last try; the longest without a sweep is 333333333333, since "
            "2026-11-30T07:00:00Z",
            id="one that was swept before",
        ),
        pytest.param(
            [NEVER, LATE, FINE],
            "1 of 3 accounts were swept at their last try; the longest without a sweep is 444444444444, which was "
            "never swept, since 2026-12-01T11:00:00Z",
            id="one that was never swept counts from its first try",
        ),
    ],
)
def test_the_sentence_counts_and_names_the_worst(accounts: list[AccountCoverage], sentence: str) -> None:
    assert summarize(accounts) == sentence


def test_a_line_of_json_has_every_name() -> None:
    assert [json.loads(as_json(account)) for account in (FINE, NEVER)] == [
        {
            "account": "222222222222",
            "name": "payroll",
            "outcome": "swept",
            "last_swept_at": "2026-12-01T12:00:00Z",
            "not_swept_since": None,
            "last_tried_at": "2026-12-01T13:00:00Z",
            "detail": None,
            "sweep": "execution-1",
        },
        {
            "account": "444444444444",
            "name": None,
            "outcome": "denied",
            "last_swept_at": None,
            "not_swept_since": "2026-12-01T12:30:00Z",
            "last_tried_at": "2026-12-01T13:00:00Z",
            "detail": None,
            "sweep": "execution-1",
        },
    ]
    assert json.loads(as_json(LATE))["detail"] == REFUSED


def test_the_table_to_the_letter() -> None:
    assert printed([NEVER, LATE, FINE, FINE]) == (
        """\
┏━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Account              ┃ Last swept           ┃ Last try                       ┃
┡━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ 444444444444         │ never                │ denied since                   │
│                      │                      │ 2026-12-01T12:30:00Z           │
├──────────────────────┼──────────────────────┼────────────────────────────────┤
│ 333333333333         │ 2026-11-30T07:00:00Z │ no role since                  │
│                      │                      │ 2026-12-01T12:30:00Z           │
│                      │                      │ arn:aws:iam::333333333333:role │
│                      │                      │ /InvitationResponder can't be  │
│                      │                      │ assumed: AccessDenied: User:   │
│                      │                      │ arn:aws:sts::111111111111:assu │
│                      │                      │ med-role/hub/batch is not      │
│                      │                      │ authorized to perform:         │
│                      │                      │ sts:AssumeRole                 │
├──────────────────────┼──────────────────────┼────────────────────────────────┤
│ 222222222222 payroll │ 2026-12-01T12:00:00Z │ swept                          │
│ 222222222222 payroll │ 2026-12-01T12:00:00Z │ swept                          │
└──────────────────────┴──────────────────────┴────────────────────────────────┘
"""
    )


def test_a_long_name_takes_several_lines_and_leaves_the_time_whole() -> None:
    shown = printed([known("1" * 12, name="the payroll of all our subsidiaries in both Americas")])
    assert "2026-12-01T12:00:00Z" in shown
    assert "111111111111" in shown
    assert "Americas" in shown


def test_an_account_without_a_time_of_its_failure_is_shown_without_it() -> None:
    assert "│ out of time  " in printed([known("1" * 12, "out_of_time", not_swept_since=None)])


def test_text_of_aws_is_no_markup_and_can_not_write_on_the_terminal() -> None:
    shown = printed([known("1" * 12, "failed", detail="[bold red]x[/] \x1b[2J \u202e\nnext")], force_terminal=True)
    assert r"[bold red]x[/] \x1b[2J \u202e\nnext" in shown.replace("\x1b[39m", "")


@given(st.text(max_size=400), st.text(max_size=30), st.text(max_size=50), st.one_of(st.none(), st.integers(0, 99)))
def test_no_text_makes_a_line_longer_than_80_columns(detail: str, account: str, name: str, swept: int | None) -> None:
    shown = printed([known(account, "out_of_time", swept, detail=detail, name=name)])
    assert max(map(cell_len, shown.splitlines())) <= 80
