"""The alarms, and their descriptions for whoever receives one."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.function import in_seconds
from infra.notifications import Notifications
from invitation_responder.metrics import NAMESPACE, SERVICE

# Hours until a handshake that is left to a person expires.
ABOUT_TO_EXPIRE: Final = 72
# Intervals without a finished sweep before the alarm: one sweep may be late, and one may be lost.
SILENT_INTERVALS: Final = 3
# The alarms that somebody should be woken for.
URGENT: Final = frozenset(
    {"Breach", "Undecided", "AnswersFailed", "Silence", "DeadLetters", "AccountsNotSwept", "LongestWithoutSweep"}
)
# The alarms whose end is news. Those of a breach and of what can't be judged end with the next sweep, whatever became
# of it.
RECOVERING: Final = (
    *("AnswersFailed", "Deferred", "SweepErrors", "AboutToExpire", "DeadLetters", "Silence"),
    *("AccountsNotSwept", "LongestWithoutSweep", "ScheduleTooTight"),
)
# A sweep of an organization may take longer than its schedule: no alarm about silence comes earlier than that.
LONGEST_SWEEP: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Count:
    """An alarm that fires when one of a sweep's counts is over zero."""

    id: str
    metric: str
    description: str


COUNTS: Final = (
    Count(
        "Breach",
        "Breaches",
        "Somebody accepted a handshake that the policy does not allow: this account, or its bill, may be under a "
        "stranger's rules. Find the AcceptHandshake call in CloudTrail, and undo it (leave the organization, end the "
        "billing transfer). The message of the same time names the sender.",
    ),
    Count(
        "Undecided",
        "Undecided",
        "A handshake can't be judged (an action this version does not know, or a malformed one) and was left alone. "
        "Look at it in the AWS console, answer it, and upgrade Invitation Responder.",
    ),
    Count(
        "AnswersFailed",
        "Failed",
        "An answer to AWS failed; the handshake is still open and the next sweep tries again. If it goes on: the saved "
        "query `what failed` has the error; AccessDenied means that an SCP or a changed role is in the way.",
    ),
    Count(
        "Deferred",
        "Deferred",
        "More declines were due than one sweep may send (the policy's `declines_per_sweep`, or the time of the "
        "function). The next sweeps go on. Somebody floods the account with invitations, or a policy change declines "
        "more than was meant: look before it goes on.",
    ),
)


@dataclass(frozen=True, slots=True)
class Errors:
    """The alarm on sweeps that end with an error: what it says, and its metric."""

    description: str
    metric: cloudwatch.IMetric


class Alarms(Construct):
    """The alarms of both scopes; each publishes to the topic, the urgent ones to the urgent topic, too."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        notifications: Notifications,
        errors: Errors,
        dead_letters: sqs.IQueue,
        schedule: timedelta,
        longest_sweep: timedelta = timedelta(0),
    ) -> None:
        """Create the alarms for sweeps that start every `schedule`, and may take `longest_sweep`."""
        super().__init__(scope, id)
        self.all: list[cloudwatch.Alarm] = []
        self._notifications = notifications
        self._interval = in_seconds(schedule)
        for count in COUNTS:
            # Each sweep writes all counts, zeros too: between two sweeps the last one's counts hold.
            metric = sweep_metric(count.metric, "Sum", self._interval)
            self._add(count.id, count.description, metric, 1, missing=cloudwatch.TreatMissingData.IGNORE)
        self._add("SweepErrors", errors.description, errors.metric, 1)
        self._add_about_to_expire(max(schedule, longest_sweep))
        self._add_dead_letters(dead_letters)
        self._add_silence(in_seconds(max(schedule, longest_sweep)))

    def _add_about_to_expire(self, schedule: timedelta) -> None:
        # Two intervals, since an interval without a sweep must not look like one without handshakes. The longest
        # period is a day.
        period = Duration.seconds(min(2 * int(schedule.total_seconds()), 86_400))
        self._add(
            "AboutToExpire",
            f"A handshake that the policy leaves to a person can be accepted for {ABOUT_TO_EXPIRE} hours more at most. "
            "Answer it in the receiving account (the saved query `what waits for a person` names it); later the sender "
            "has to ask again.",
            sweep_metric("HoursToExpiry", "Minimum", period),
            ABOUT_TO_EXPIRE,
            operator=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
        )

    def _add_dead_letters(self, queue: sqs.IQueue) -> None:
        self._add(
            "DeadLetters",
            "A sweep, or a message to people, failed in all attempts. The messages in the dead-letter queue and the "
            "saved query `what failed` have the reason: fix it. Then start a redrive in the SQS console, to the queue "
            "whose name has CourierDigestQueue in it: people get what they have missed. What comes back was about a "
            "sweep, and the next sweep has caught up: purge it.",
            queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(5), statistic="Maximum"),
            1,
        )

    def _add_silence(self, interval: Duration) -> None:
        self._add(
            "Silence",
            f"No sweep has finished for {SILENT_INTERVALS} intervals: nobody answers. Look at the schedule (is it "
            "enabled?), the errors of the function or state machine, and the dead-letter queue.",
            # `SweepsFinished` is a heartbeat: the alarm fires when it stops. FILL makes missing data a zero, since an
            # alarm that misses data looks back beyond its periods and would find older sweeps (CloudWatch user guide,
            # "How alarm state is evaluated when data is missing").
            cloudwatch.MathExpression(
                expression="FILL(finished, 0)",
                using_metrics={"finished": sweep_metric("SweepsFinished", "Sum", interval)},
                label="Finished sweeps",
                period=interval,
            ),
            1,
            operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            periods=SILENT_INTERVALS,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _add(
        self,
        id: str,  # noqa: A002 - the CDK's own name
        description: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        *,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
        operator: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        periods: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_name=name_alarm(id),
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            comparison_operator=operator,
            evaluation_periods=periods,
            treat_missing_data=missing,
        )
        topics = [self._notifications.topic]
        if self._notifications.urgent and id in URGENT:
            topics.append(self._notifications.urgent)
        for topic in topics:
            alarm.add_alarm_action(actions.SnsAction(topic))
        self.all.append(alarm)


def name_alarm(id: str) -> str:  # noqa: A002 - the CDK's own name
    """The name that people read at night, as in `InvitationResponder answers failed`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", id).lower()
    return f"InvitationResponder {words}"


class OrganizationAlarms(Alarms):
    """The alarms of organization scope."""

    def __init__(self, scope: Construct, id: str, *, schedule: timedelta, **options: Any) -> None:  # noqa: A002 - the CDK's own name
        """Watch the coverage, too; `options` are those of `Alarms`."""
        super().__init__(scope, id, schedule=schedule, longest_sweep=LONGEST_SWEEP, **options)
        self._add_coverage(schedule)

    def _add_coverage(self, schedule: timedelta) -> None:
        self._add(
            "AccountsNotSwept",
            "Accounts of the organization were not swept: nobody answers for them. `responder coverage` names them and "
            "why; docs/organization.md says what to do about each reason.",
            sweep_metric("AccountsNotSwept", "Maximum", self._interval),
            1,
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
        hours = SILENT_INTERVALS * max(schedule, LONGEST_SWEEP) / timedelta(hours=1)
        self._add(
            "LongestWithoutSweep",
            f"An account has gone without a sweep for {hours:.0f} hours. `responder coverage` shows it first, and why.",
            sweep_metric("HoursWithoutSweep", "Maximum", self._interval),
            hours,
            missing=cloudwatch.TreatMissingData.IGNORE,
        )
        minutes = schedule / timedelta(minutes=1)
        self._add(
            "ScheduleTooTight",
            f"A sweep of the organization takes longer than the {minutes:.0f} minutes between two starts, so that some "
            "are skipped. Set a longer `schedule` in cdk.json; `responder estimate` says which one fits.",
            sweep_metric("SweepMinutes", "Maximum", self._interval),
            minutes,
            operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            missing=cloudwatch.TreatMissingData.IGNORE,
        )


def function_errors(function: lambda_.IFunction, schedule: timedelta) -> Errors:
    """The sweeps of one account that end with an error."""
    return Errors(
        "The function ended with an error: a listing that AWS refused, a ledger or bus that does not answer, an "
        "answer that failed, or a broken deployment. The saved query `what failed` has the reason. Lambda tries "
        "twice more, then the next scheduled sweep does the work.",
        function.metric_errors(period=in_seconds(schedule), statistic="Sum"),
    )


def execution_errors(machine: sfn.IStateMachine, schedule: timedelta) -> Errors:
    """The sweeps of an organization that end with an error."""
    period = in_seconds(schedule)
    return Errors(
        "A sweep of the organization ended as failed, was stopped or ran out of time. The execution's cause, in "
        "the Step Functions console, names the accounts that were not swept and why, or the step that failed; "
        "docs/organization.md says what to do about each reason. The next scheduled sweep tries all of them again.",
        cloudwatch.MathExpression(
            expression="failed + stopped + late",
            using_metrics={
                "failed": machine.metric_failed(period=period, statistic="Sum"),
                "stopped": machine.metric_aborted(period=period, statistic="Sum"),
                "late": machine.metric_timed_out(period=period, statistic="Sum"),
            },
            label="Failed sweeps",
            period=period,
        ),
    )


def sweep_metric(name: str, statistic: str, period: Duration) -> cloudwatch.Metric:
    """A metric of the function, by the namespace and dimensions that it writes."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": SERVICE},
        statistic=statistic,
        period=period,
    )
