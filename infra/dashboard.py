"""The dashboard: alarms, handshakes, sweeps and the last decisions on one page."""

from collections.abc import Sequence
from datetime import timedelta

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.alarms import sweep_metric
from infra.queries import QUERIES

_HALF, _WHOLE = 12, 24


def make_dashboard(
    scope: Construct,
    *,
    alarms: Sequence[cloudwatch.IAlarm],
    function: lambda_.IFunction,
    log_group: logs.ILogGroup,
    schedule: timedelta,
) -> None:
    """Create the dashboard: alarms on top, then pending and answered handshakes, sweeps, and the last decisions."""
    interval = Duration.seconds(int(schedule.total_seconds()))

    def line(*names: str) -> list[cloudwatch.IMetric]:
        return [sweep_metric(name, "Maximum", interval) for name in names]

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
            [
                cloudwatch.GraphWidget(
                    title="Sweeps", left=[*line("SweepsFinished"), function.metric_errors(period=interval)], width=_HALF
                ),
                cloudwatch.GraphWidget(
                    title="Duration of a sweep",
                    left=[function.metric_duration(period=interval, statistic="Maximum")],
                    width=_HALF,
                ),
            ],
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
