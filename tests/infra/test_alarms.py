"""Every alarm fires on its own cause, and on no other.

The function itself writes the data, each time in a new process; the tests write the metrics of Lambda and SQS as AWS
documents them. moto keeps the data points by namespace, name and dimensions: an alarm on any others stays silent.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from authoring.language.compiler import compile_sources
from local.cloud.embedded_metrics import metric_data
from local.demo.scenario import COMPANY, SUSAN, from_bills_company, from_stranger
from local.embedded.function import ACCOUNT_VARIABLE, create_ledger_table
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws

pytestmark = [pytest.mark.xdist_group("infra"), pytest.mark.untraced]

POLICY = f"""\
version: 1
mode: enforce
limits: {{declines_per_sweep: 2}}
rules:
  - {{name: ours, effect: allow, organizations: [{COMPANY}]}}
"""
STATISTICS: Mapping[str, Callable[[list[float]], float]] = {"Sum": sum, "Minimum": min, "Maximum": max}
CROSSES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
AlarmState = Literal["OK", "ALARM", "as it was"]


@dataclass(frozen=True)
class Account:
    """An account with the responder: its AWS, and the template, in which logical ids stand for names."""

    aws: EmbeddedAws
    cloudwatch: Any
    policy: Path
    resources: Mapping[str, Mapping[str, Any]]

    def sweep(self, *, ago: timedelta = timedelta(0)) -> None:
        """Invoke the function once, and write its metrics to CloudWatch, with Lambda's Errors."""
        run = subprocess.run(
            [sys.executable, "-m", "local.embedded.function"],
            env={
                "PATH": os.environ["PATH"],
                **self.aws.environment(SUSAN),
                ACCOUNT_VARIABLE: SUSAN,
                "POLICY_FILE": str(self.policy),
                "LEDGER_TABLE": "ledger",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        written = [each for line in run.stdout.splitlines() for each in metric_data(line)]
        for namespace, datum in written:
            self.put(namespace, {**datum, "Timestamp": datum["Timestamp"] - ago})
        # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        self.put("AWS/Lambda", self.about("ResponderFunction", "FunctionName", "Errors", run.returncode != 0))

    def lose_a_sweep(self) -> None:
        """Write SQS's metric of a message in the dead-letter queue."""
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
        metric = "ApproximateNumberOfMessagesVisible"
        self.put("AWS/SQS", self.about("DeadLetters", "QueueName", metric, 1))

    def about(self, logical_id: str, dimension: str, metric: str, value: float) -> dict[str, Any]:
        """A metric that AWS itself writes about a resource, by the beginning of its logical id."""
        [owner] = [name for name in self.resources if re.fullmatch(f"{logical_id}[0-9A-F]{{8}}", name)]
        return {"MetricName": metric, "Value": float(value), "Dimensions": [{"Name": dimension, "Value": owner}]}

    def put(self, namespace: str, datum: Mapping[str, Any]) -> None:
        """Write a data point."""
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def states(self, *, later: timedelta = timedelta(0)) -> dict[str, AlarmState]:
        """The states of all alarms after `later`, by the names of their metrics."""
        now = datetime.now(UTC) + timedelta(seconds=1) + later
        alarms = [each["Properties"] for each in self.resources.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
        return dict(self.state(alarm, now) for alarm in alarms)

    def state(self, alarm: Mapping[str, Any], now: datetime) -> tuple[str, AlarmState]:
        """The name of an alarm's metric, and the alarm's state at `now`.

        CloudWatch looks further back than the evaluation periods, takes the newest values that exist, and treats those
        still missing by the alarm's setting. ("How alarm state is evaluated when data is missing", CloudWatch user
        guide: five periods for an alarm on three.)
        """
        needed = alarm["EvaluationPeriods"]
        metric, filled = metric_of(alarm)
        values = [self.value(metric, now, ago) for ago in range(needed + 2)]
        if filled and any(value is not None for value in values):
            values = [0.0 if value is None else value for value in values]
        crosses = CROSSES[alarm["ComparisonOperator"]]
        verdicts = [crosses(value, alarm["Threshold"]) for value in values if value is not None][:needed]
        if alarm["TreatMissingData"] == "ignore" and len(verdicts) < needed:
            return metric["MetricName"], "as it was"
        verdicts += [alarm["TreatMissingData"] == "breaching"] * (needed - len(verdicts))
        return metric["MetricName"], "ALARM" if all(verdicts) else "OK"

    def value(self, metric: Mapping[str, Any], now: datetime, ago: int) -> float | None:
        """A metric's value in the period that ended so many periods ago; None if there are no data."""
        period = timedelta(seconds=metric["Period"])
        points = self.cloudwatch.get_metric_statistics(
            Namespace=metric["Namespace"],
            MetricName=metric["MetricName"],
            Dimensions=[{"Name": each["Name"], "Value": resolved(each["Value"])} for each in metric["Dimensions"]],
            StartTime=now - period * (ago + 1),
            EndTime=now - period * ago,
            Period=metric["Period"],
            Statistics=[metric["Statistic"]],
        )["Datapoints"]
        values = [point[metric["Statistic"]] for point in points]
        return STATISTICS[metric["Statistic"]](values) if values else None


def metric_of(alarm: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The metric that an alarm watches, and True if its missing data are filled with zeros."""
    if "Metrics" not in alarm:
        return alarm, False
    [watched] = [each for each in alarm["Metrics"] if "Expression" in each]
    [source] = [each for each in alarm["Metrics"] if "MetricStat" in each]
    assert watched["Expression"] == f"FILL({source['Id']}, 0)"
    statistic = source["MetricStat"]
    return {**statistic["Metric"], "Period": statistic["Period"], "Statistic": statistic["Stat"]}, True


def resolved(value: Any) -> str:
    """A template's value; a reference becomes its logical id."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case str():
            return value
    raise AssertionError(value)


@pytest.fixture
def account(template: dict[str, Any], tmp_path: Path) -> Iterator[Account]:
    """An account with nothing to answer."""
    policy = tmp_path / "policy.json"
    policy.write_bytes(compile_sources({"policy.yaml": POLICY.encode()}).to_json())
    with serve() as aws:
        create_ledger_table(aws.client("dynamodb", SUSAN), "ledger")
        yield Account(aws, aws.client("cloudwatch", SUSAN), policy, template["Resources"])


def accept_a_strangers(account: Account, *, ago: timedelta = timedelta(0)) -> None:
    account.aws.receive(SUSAN, from_stranger(1, datetime.now(UTC), hours=2, State="ACCEPTED"))
    account.sweep(ago=ago)


def receive_an_unknown_action(account: Account) -> None:
    account.aws.receive(SUSAN, from_stranger(1, datetime.now(UTC), hours=2, action="MERGE_ACCOUNT"))
    account.sweep()


def receive_more_than_are_declined_at_once(account: Account) -> None:
    for number in (1, 2, 3):
        account.aws.receive(SUSAN, from_stranger(number, datetime.now(UTC), hours=2))
    account.sweep()


def refuse_an_answer(account: Account) -> None:
    account.aws.receive(SUSAN, from_stranger(1, datetime.now(UTC), hours=2))
    account.aws.fail("DeclineHandshake", "AccessDeniedException", times=None)
    account.sweep()


def refuse_the_listing(account: Account) -> None:
    account.sweep()
    account.aws.fail("ListHandshakesForAccount", "AccessDeniedException", times=None)
    account.sweep()


def leave_one_to_a_person_until_its_last_days(account: Account) -> None:
    account.aws.receive(SUSAN, from_bills_company(1, datetime.now(UTC) - timedelta(days=11), "INVITE"))
    account.sweep()


def lose_a_sweep(account: Account) -> None:
    account.sweep()
    account.lose_a_sweep()


def do_nothing(account: Account) -> None:
    pass


# The name of an alarm's metric → its cause, and the other alarms that fire with it.
CAUSES: Mapping[str, tuple[Callable[[Account], None], set[str]]] = {
    "Breaches": (accept_a_strangers, set()),
    "Undecided": (receive_an_unknown_action, set()),
    "Deferred": (receive_more_than_are_declined_at_once, set()),
    "Failed": (refuse_an_answer, {"Errors"}),
    "Errors": (refuse_the_listing, set()),
    "HoursToExpiry": (leave_one_to_a_person_until_its_last_days, set()),
    "ApproximateNumberOfMessagesVisible": (lose_a_sweep, set()),
    "SweepsFinished": (do_nothing, set()),
}


@pytest.mark.parametrize("metric", CAUSES)
def test_an_alarm_goes_off_by_its_cause(account: Account, metric: str) -> None:
    happen, others = CAUSES[metric]
    happen(account)
    assert {name for name, state in account.states().items() if state == "ALARM"} == {metric, *others}


def test_each_alarm_has_its_cause_here(account: Account) -> None:
    assert set(account.states()) == set(CAUSES)


def test_a_quiet_sweep_sets_nothing_off(account: Account) -> None:
    account.aws.receive(SUSAN, from_bills_company(1, datetime.now(UTC), "INVITE"))
    account.sweep()
    assert set(account.states().values()) == {"OK"}


def test_silence_is_heard_three_intervals_after_the_last_sweep(account: Account) -> None:
    account.sweep()
    assert account.states(later=timedelta(minutes=44))["SweepsFinished"] == "OK"
    assert account.states(later=timedelta(minutes=46))["SweepsFinished"] == "ALARM"


def test_a_breach_is_not_over_because_a_sweep_is_late(account: Account) -> None:
    accept_a_strangers(account)
    assert account.states(later=timedelta(minutes=20))["Breaches"] == "ALARM"
    assert account.states(later=timedelta(hours=2))["Breaches"] == "as it was"


def test_a_breach_is_over_with_the_next_sweep(account: Account) -> None:
    accept_a_strangers(account, ago=timedelta(minutes=16))
    account.sweep()
    assert account.states()["Breaches"] == "OK"
