"""An estimate in sentences, in tables at 80 columns, and as JSON."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from authoring.estimate.costs import estimate_costs
from authoring.estimate.estimate import Estimate, estimate_hub
from authoring.estimate.limits import Limit
from authoring.estimate.quotas import find_quotas
from authoring.estimate.schedule import ScheduleEstimate
from authoring.estimate.sweep import SweepEstimate
from authoring.reports.estimate import (
    as_json,
    describe_costs,
    describe_limits,
    describe_schedule,
    describe_sweep,
    make_cost_table,
    make_quota_table,
    write_schedule,
)

MINUTE = timedelta(minutes=1)
AWS = Limit("accounts_of_an_organization", 50_000)


def made(
    batches: tuple[int, ...] = (400,) * 25,
    *,
    rate: float = 5.0,
    minutes: int = 15,
    fits_at_most_rate: bool = False,
    limits: tuple[Limit, ...] = (Limit("schedule", 4211), AWS, Limit("longest_schedule", None)),
) -> Estimate:
    """An estimate with these batches, whatever batches the hub would cut."""
    sweep = SweepEstimate(sum(batches), rate, batches)
    schedule = ScheduleEstimate(minutes * MINUTE, sweep.total)
    return Estimate(sweep, schedule, fits_at_most_rate, find_quotas(sweep), limits, estimate_costs(sweep, schedule))


def printed(table: Table, **options: Any) -> str:
    """The table as on a terminal of 80 columns."""
    console = Console(width=80, file=io.StringIO(), highlight=False, **options)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        pytest.param(
            made(),
            "A sweep of 10,000 accounts has 25 batches of at most 400, 5 at a time, at 5 listings a second together. "
            "It takes 35.2 minutes: 1.5 to plan, 33.6 for the batches, 0.1 to summarize. However slow AWS is, it ends "
            "after 111.5.",
            id="a large organization",
        ),
        pytest.param(
            made((1,), rate=0.5),
            "A sweep of 1 account has 1 batch, 1 at a time, at 0.5 listings a second together. It takes 0.3 minutes: "
            "0.0 to plan, 0.2 for the batches, 0.0 to summarize. However slow AWS is, it ends after 10.1.",
            id="one account",
        ),
    ],
)
def test_a_sweep_in_words(estimate: Estimate, text: str) -> None:
    assert describe_sweep(estimate) == text


SKIPPED = "a start is skipped while a sweep runs, so that there is a sweep every"


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        pytest.param(
            made((80,) * 5), "The schedule of 15m fits; the tightest that does is 2m.", id="time is left for others"
        ),
        pytest.param(
            made(),
            f"The schedule of 15m does not fit: {SKIPPED} 45m. Set it to 36m or more.",
            id="another schedule would fit",
        ),
        pytest.param(
            made(minutes=35, fits_at_most_rate=True),
            f"The schedule of 35m does not fit: {SKIPPED} 70m. Set it to 36m or more. At 6 listings a second, the "
            "organization's whole quota, 35m would fit.",
            id="another rate would fit",
        ),
        pytest.param(
            made((25,) * 2000, rate=0.3, minutes=24 * 60),
            f"The schedule of 24h does not fit: {SKIPPED} 48h. No schedule up to 24h does: list faster, or sweep a "
            "part of the organization.",
            id="no schedule fits",
        ),
    ],
)
def test_a_schedule_that_does_not_fit_comes_with_advice(estimate: Estimate, text: str) -> None:
    assert describe_schedule(estimate) == text


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        pytest.param(
            (Limit("schedule", 4211), AWS, Limit("longest_schedule", None)),
            "The first limit is the schedule: 15m is enough for 4,211 accounts. The next one is AWS Organizations: it "
            "allows 50,000 accounts, by request.",
            id="two limits",
        ),
        pytest.param(
            (AWS, Limit("schedule", None)),
            "The first limit is AWS Organizations: it allows 50,000 accounts, by request.",
            id="one limit",
        ),
        pytest.param(
            (Limit("time_of_the_plan", 1), Limit("time_of_the_summary", 2)),
            "The first limit is the plan: its 15 minutes are enough for 1 account. The next one is the summary: its "
            "15 minutes are enough for 2 accounts.",
            id="the functions' time",
        ),
        pytest.param(
            (Limit("schedule", 900), Limit("longest_schedule", 8000)),
            "The first limit is the schedule: 15m is enough for 900 accounts. The next one is the longest schedule: "
            "24h is enough for 8,000 accounts.",
            id="the longest schedule",
        ),
    ],
)
def test_the_first_limits_are_named(limits: tuple[Limit, ...], text: str) -> None:
    assert describe_limits(made(limits=limits)) == text


def test_the_quotas_to_the_letter() -> None:
    assert printed(make_quota_table(made((2, 1), rate=5.5))) == (
        """\
┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃ Calls                    ┃       At most ┃ Quota ┃ Of                ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ ListHandshakesForAccount │  2.2 a second │     6 │ the organization  │
│ Lambda functions         │     2 at once │    10 │ a new account     │
│ ListAccounts             │    1 a second │     8 │ the hub's account │
│ AssumeRole               │  2.2 a second │   600 │ the hub's Region  │
│ DynamoDB writes          │  2.2 a second │ 1,000 │ a partition       │
│ DynamoDB reads           │ 0.18 a second │ 3,000 │ a partition       │
└──────────────────────────┴───────────────┴───────┴───────────────────┘
"""
    )


def test_what_is_nearly_used_up_has_a_colour() -> None:
    colour = "\x1b[33m"
    assert colour in printed(make_quota_table(made()), force_terminal=True)
    assert colour not in printed(make_quota_table(made(rate=4.0, batches=(2,))), force_terminal=True)


def test_the_costs_to_the_letter() -> None:
    assert printed(make_cost_table(made((80,) * 5).month)) == (
        """\
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━┓
┃ A month                       ┃    Amount ┃      Price in USD ┃   USD ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━┩
│ Lambda, GB-seconds            │   320,208 │      0.0000133334 │  4.27 │
│ Lambda, invocations           │    20,832 │  0.20 per million │  0.00 │
│ Step Functions, transitions   │    53,568 │   0.025 per 1,000 │  1.34 │
│ DynamoDB, writes              │ 1,202,304 │ 0.625 per million │  0.75 │
│ DynamoDB, reads               │ 1,432,177 │ 0.125 per million │  0.18 │
│ S3, PUT                       │     2,976 │   0.005 per 1,000 │  0.01 │
│ S3, GET                       │     5,952 │  0.0004 per 1,000 │  0.00 │
│ EventBridge Scheduler, starts │     2,976 │  1.00 per million │  0.00 │
│ SQS, polls for events         │ 2,008,800 │  0.40 per million │  0.80 │
│ CloudWatch Logs, GB (about)   │     0.042 │              0.50 │  0.02 │
│ CloudWatch metrics            │        16 │              0.30 │  4.80 │
│ CloudWatch alarms             │        13 │              0.10 │  1.30 │
│ CloudWatch dashboards         │         1 │              3.00 │  3.00 │
├───────────────────────────────┼───────────┼───────────────────┼───────┤
│ together                      │           │                   │ 16.49 │
└───────────────────────────────┴───────────┴───────────────────┴───────┘
"""
    )


def test_the_costs_in_words_say_what_they_mean_where_they_come_from_and_what_is_not_in_them() -> None:
    assert describe_costs(made((80,) * 5).month) == (
        "That is 16.49 USD a month when nothing happens, 9.90 of it for any number of accounts. A handshake adds less "
        "than 0.01.",
        "List prices of us-east-1, noted on 2026-11-26, without any free tier: https://aws.amazon.com/SERVICE/pricing/ "
        "with lambda, step-functions, dynamodb, s3, eventbridge, sqs, cloudwatch for SERVICE. The month has 31 days "
        "and 2,976 sweeps.",
        "Not in it: 3,571,200 events in CloudTrail. The first trail has them for nothing; each further one costs "
        "71.42 USD, and GuardDuty 14.28.",
    )


def test_the_json_has_every_number() -> None:
    fields = json.loads(as_json(made()))
    assert fields["accounts"] == 10_000
    assert fields["listings_a_second"] == 5.0
    assert fields["sweep"] == {
        "batches": 25,
        "accounts_of_a_batch": 400,
        "workers": 5,
        "minutes": 35.2,
        "minutes_to_plan": 1.5,
        "minutes_for_the_batches": 33.6,
        "minutes_to_summarize": 0.1,
        "minutes_at_most": 111.5,
    }
    assert fields["schedule"] == {"minutes": 15, "fits": False, "sweep_every_minutes": 45, "tightest_minutes": 36}
    assert fields["quotas"][0] == {
        "what": "ListHandshakesForAccount",
        "used": 5.0,
        "quota": 6.0,
        "unit": "a second",
        "of": "the organization",
    }
    assert fields["first_limit"] == fields["limits"][0] == {"limit": "schedule", "accounts": 4211}
    assert fields["limits"][-1] == {"limit": "longest_schedule", "accounts": None}
    month = fields["month"]
    assert (month["sweeps"], month["region"], month["prices_noted_on"]) == (992, "us-east-1", "2026-11-26")
    assert month["usd"] == pytest.approx(sum(cost["usd"] for cost in month["costs"]), abs=0.01)
    assert month["usd_for_any_number_of_accounts"] == 9.9
    assert month["cloudtrail_events"] == 29_760_000
    assert month["costs"][-1] == {
        "what": "CloudWatch dashboards",
        "amount": 1,
        "usd": 3.0,
        "price_usd": 3.0,
        "price_per": 1,
        "source": "https://aws.amazon.com/cloudwatch/pricing/",
    }


def test_no_schedule_that_fits_is_null() -> None:
    estimate = made((25,) * 2000, rate=0.3, minutes=24 * 60)
    assert json.loads(as_json(estimate))["schedule"]["tightest_minutes"] is None


def test_tables_of_the_largest_organization_fit_a_terminal() -> None:
    largest = estimate_hub(50_000, MINUTE, 6.0)
    for table in (make_quota_table(largest), make_cost_table(largest.month)):
        assert max(map(len, printed(table).splitlines())) <= 80


@pytest.mark.parametrize(("minutes", "text"), [(1, "1m"), (59, "59m"), (60, "1h"), (90, "90m"), (1440, "24h")])
def test_a_schedule_is_written_as_the_configuration_takes_it(minutes: int, text: str) -> None:
    assert write_schedule(minutes * MINUTE) == text
