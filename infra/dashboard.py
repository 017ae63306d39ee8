"""The dashboard: alarms, handshakes, sweeps and the last decisions on one page."""

from collections.abc import Sequence
from datetime import timedelta

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.alarms import sweep_metric
from infra.function import in_seconds
from infra.queries import QUERIES

_HALF, _WHOLE = 12, 24


def make_dashboard(
    scope: Construct,
    *,
    alarms: Sequence[cloudwatch.IAlarm],
    sweeps: Sequence[Sequence[cloudwatch.IWidget]],
    log_group: logs.ILogGroup,
    schedule: timedelta,
    statistic: str = "Maximum",
) -> None:
    """Create the dashboard: alarms on top, then pending and answered handshakes, `sweeps`, and the last decisions.

    `statistic` makes one number of the metrics that are written within one interval.
    """
    interval = in_seconds(schedule)

    def line(*names: str) -> list[cloudwatch.IMetric]:
        return [sweep_metric(name, statistic, interval) for name in names]

    cloudwatch.Dashboard(
        scope,
        "Dashboard",
        default_interval=Duration.days(7),
        widgets=[
            [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=alarms, width=_WHOLE, height=3)],
            [
                cloudwatch.GraphWidget(
                    title="Handshakes, at each sweep", left=line("Pending", "Left", "Waiting", "Deferred"), width=_HALF
                ),
                cloudwatch.GraphWidget(
                    title="Answers, and what went wrong",
                    left=line("Declined", "Accepted", "Failed", "Undecided", "Breaches"),
                    width=_HALF,
                ),
            ],
            *sweeps,
            [
                cloudwatch.LogQueryWidget(
                    title="Why was it declined",
                    log_group_names=[log_group.log_group_name],
                    query_string=QUERIES["why was it declined"],
                    width=_WHOLE,
                    height=9,
                )
            ],
        ],
    )


def account_sweeps(function: lambda_.IFunction, schedule: timedelta) -> list[list[cloudwatch.IWidget]]:
    """The widgets about the sweeps of one account."""
    interval = in_seconds(schedule)
    finished = sweep_metric("SweepsFinished", "Maximum", interval)
    return [
        [
            cloudwatch.GraphWidget(
                title="Sweeps", left=[finished, function.metric_errors(period=interval)], width=_HALF
            ),
            cloudwatch.GraphWidget(
                title="Duration of a sweep",
                left=[function.metric_duration(period=interval, statistic="Maximum")],
                width=_HALF,
            ),
        ]
    ]


def organization_sweeps(state_machine: sfn.IStateMachine, schedule: timedelta) -> list[list[cloudwatch.IWidget]]:
    """The widgets about the sweeps of an organization, and its coverage."""
    interval = in_seconds(schedule)

    def graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.IWidget:
        return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_HALF)

    def metric(name: str, statistic: str = "Maximum") -> cloudwatch.IMetric:
        return sweep_metric(name, statistic, interval)

    return [
        [
            graph("Accounts, at each sweep", metric("AccountsSwept"), metric("AccountsNotSwept")),
            graph("Hours since the last sweep of the account that waits longest", metric("HoursWithoutSweep")),
        ],
        [
            graph(
                "Sweeps",
                metric("SweepsFinished", "Sum"),
                metric("SweepsSkipped", "Sum"),
                state_machine.metric_failed(period=interval, statistic="Sum"),
            ),
            graph("Minutes of a sweep", metric("SweepMinutes")),
        ],
    ]
