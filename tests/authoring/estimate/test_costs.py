"""The costs of a month: the estimate counts what the functions of the hub do."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.handlers
import pytest
from moto import mock_aws

from authoring.estimate import costs
from authoring.estimate.costs import MONTH, MonthlyCosts, estimate_costs
from authoring.estimate.quotas import READ_UNIT
from authoring.estimate.schedule import ScheduleEstimate
from authoring.estimate.sweep import COVERAGE_BYTES, estimate_sweep
from local.embedded.world import EmbeddedAws
from support.hub import HUB, TABLE, Hub

MEMBERS = tuple(f"{number}" * 12 for number in range(2, 9))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The calls of the responder's clients that are created from now on, by name."""
    counted: Counter[str] = Counter()

    def note(model: Any, params: Any, **_: Any) -> None:
        if "invitation-responder" not in params["headers"]["User-Agent"]:
            return
        index = b"IndexName" in (params["body"] if isinstance(params["body"], bytes) else b"")
        counted[f"{model.name} of the index" if index else model.name] += 1

    handlers = [*botocore.handlers.BUILTIN_HANDLERS, ("before-call", note)]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", handlers)
    return counted


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, calls: Counter[str]) -> Iterator[Hub]:
    """A hub with seven members, after its first sweep."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with mock_aws():
        hub = Hub(EmbeddedAws.install(), monkeypatch, tmp_path)
        hub.members(*MEMBERS)
        hub.execute()
        calls.clear()
        yield hub


def costs_of(accounts: int, *, schedule: timedelta = MONTH, sweep: timedelta = timedelta(0)) -> MonthlyCosts:
    """The costs of a month; of one sweep unless `schedule` says otherwise."""
    sweep_estimate = estimate_sweep(accounts, 6.0)
    return estimate_costs(sweep_estimate, ScheduleEstimate(schedule, sweep or sweep_estimate.total))


def amounts(month: MonthlyCosts) -> dict[str, float]:
    return {cost.what: cost.amount for cost in month.costs}


def test_a_sweep_makes_the_calls_that_are_estimated(
    hub: Hub, calls: Counter[str], capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = 1 + len(MEMBERS)
    estimated, sweep = amounts(costs_of(accounts)), estimate_sweep(accounts, 6.0)
    capsys.readouterr()
    hub.execute()
    assert calls["ListAccounts"] == sweep.pages
    assert (calls["ListHandshakesForAccount"], calls["AssumeRole"]) == (accounts, accounts - 1)
    assert calls["PutItem"] + calls["UpdateItem"] + calls["DeleteItem"] == estimated["DynamoDB, writes"]
    by_the_map = 1
    assert (calls["PutObject"], calls["GetObject"] + by_the_map) == (estimated["S3, PUT"], estimated["S3, GET"])
    coverage = 3  # how often it is read
    small = calls["GetItem"] + calls["Query"] - coverage + calls["Query of the index"] / 2
    assert estimated["DynamoDB, reads"] == small + coverage * accounts * COVERAGE_BYTES / READ_UNIT
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    assert estimated["Lambda, invocations"] == len(printed) == len(sweep.batches) + 2


def test_the_metrics_are_those_that_the_functions_write(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.invite(MEMBERS[0], 1, "o-exampleorgid")  # what is left to a person has a metric of its own
    capsys.readouterr()
    hub.execute()
    names = {
        metric["Name"]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith('{"_aws"')
        for metric in json.loads(line)["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert "HoursToExpiry" in names
    assert len(names) == costs.METRICS


def test_an_accounts_coverage_is_as_large_as_estimated(hub: Hub) -> None:
    items = hub.client("dynamodb").scan(TableName=TABLE)["Items"]
    (own,) = (item for item in items if item["id"]["S"] == HUB)
    size = sum(len(name) + len(value["S"]) for name, value in own.items())
    # The scheduler's executions have names of 73 characters: two UUIDs and an underscore.
    assert 0.9 < (size - len(own["sweep"]["S"]) + 73) / COVERAGE_BYTES < 1.1


def test_what_is_swept_more_often_costs_more() -> None:
    monthly, hourly = costs_of(400), costs_of(400, schedule=timedelta(hours=1))
    assert (monthly.sweeps, hourly.sweeps) == (1, 744)
    assert hourly.usd - hourly.fixed_usd == pytest.approx(744 * (monthly.usd - monthly.fixed_usd))
    assert hourly.fixed_usd == monthly.fixed_usd


def test_a_start_that_is_skipped_costs_its_plan_alone() -> None:
    slow = timedelta(minutes=90)
    skipping, fitting = (costs_of(400, schedule=timedelta(hours=hours), sweep=slow) for hours in (1, 2))
    assert skipping.sweeps == fitting.sweeps == 372
    before = amounts(fitting)
    differences = {what: round(amount - before[what], 2) for what, amount in amounts(skipping).items()}
    assert {what: difference for what, difference in differences.items() if difference} == {
        "Lambda, GB-seconds": 372,  # two seconds of half a GB each
        "Lambda, invocations": 372,
        "Step Functions, transitions": 372 * 8,
        "DynamoDB, reads": 372,
        "EventBridge Scheduler, starts": 372,
    }


def test_a_price_is_that_of_so_many_units() -> None:
    (writes,) = (cost for cost in costs_of(9996).costs if cost.what == "DynamoDB, writes")
    assert (writes.amount, writes.usd) == (10_000, 0.00625)
    assert writes.price.url == "https://aws.amazon.com/dynamodb/pricing/"


def test_lambda_takes_the_gigabyte_seconds_of_each_sweep() -> None:
    assert amounts(costs_of(400))["Lambda, GB-seconds"] == pytest.approx(estimate_sweep(400, 6.0).gigabyte_seconds)


def test_events_of_cloudtrail_are_no_part_of_the_sum() -> None:
    month = costs_of(100_000 // 3 + 1)
    assert month.trail_events == 100_002
    assert month.trail_usd == pytest.approx(2.00, abs=0.001)
    assert month.guardduty_usd == pytest.approx(0.40, abs=0.001)
    assert month.usd == sum(cost.usd for cost in month.costs)
