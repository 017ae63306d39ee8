"""The costs of the hub in a month without a handshake, at list prices and without any free tier."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from invitation_responder.organization.batches import MEMORY_MIB

from .quotas import READ_UNIT
from .schedule import ScheduleEstimate
from .sweep import COVERAGE_BYTES, READS_BY_PLAN, READS_BY_SUMMARY, START, SweepEstimate

MONTH: Final = timedelta(days=31)
REGION: Final = "us-east-1"
NOTED_ON: Final = date(2026, 11, 26)  # each pricing page is the source, and may have changed since


@dataclass(frozen=True, slots=True)
class Price:
    """The list price in USD of `per` units; `page` is the name of AWS's pricing page."""

    usd: float
    per: int
    page: str

    @property
    def url(self) -> str:
        """The address of the pricing page."""
        return f"https://aws.amazon.com/{self.page}/pricing/"

    def of(self, amount: float) -> float:
        """The price of so many units, in USD."""
        return amount / self.per * self.usd


_MILLION: Final = 1_000_000
LAMBDA_TIME: Final = Price(0.0000133334, 1, "lambda")  # arm64
_LAMBDA_REQUESTS: Final = Price(0.20, _MILLION, "lambda")
_TRANSITIONS: Final = Price(0.025, 1_000, "step-functions")  # Standard
_WRITES: Final = Price(0.625, _MILLION, "dynamodb")  # on demand
_READS: Final = Price(0.125, _MILLION, "dynamodb")
_PUTS: Final = Price(0.005, 1_000, "s3")
_GETS: Final = Price(0.0004, 1_000, "s3")
_STARTS: Final = Price(1.00, _MILLION, "eventbridge")
_SQS: Final = Price(0.40, _MILLION, "sqs")
_LOGS: Final = Price(0.50, 1, "cloudwatch")
_METRICS: Final = Price(0.30, 1, "cloudwatch")
_ALARMS: Final = Price(0.10, 1, "cloudwatch")
_DASHBOARDS: Final = Price(3.00, 1, "cloudwatch")
TRAIL_EVENTS: Final = Price(2.00, 100_000, "cloudtrail")  # of each trail but the first
GUARDDUTY_EVENTS: Final = Price(4.00, _MILLION, "guardduty")

# An execution's start and states; a batch is an execution of its own with one state. Each start counts as a transition
# (Step Functions developer guide, "Transitions").
_TRANSITIONS_OF_A_SWEEP, _TRANSITIONS_OF_A_BATCH = 8, 2
# The lease, taken, extended and given back, and the end of the sweep.
_WRITES_OF_A_SWEEP: Final = 4
# The lease, before it is taken and extended; the end of the last sweep; eight days of the ledger's index at half a unit
# each; the campaigns.
_READS_OF_A_SWEEP: Final = 2 + 1 + 8 // 2 + 1
_GETS_OF_A_SWEEP: Final = 2  # by the map and by the summary
# Lambda polls each of the three queues of events five times at once, for 20 seconds each (Lambda developer guide,
# "Using Lambda with Amazon SQS").
_POLLS: Final = 3 * 5 * MONTH / timedelta(seconds=20)
_LOG_BYTES: Final = 2_000  # of a function: Lambda's own lines, and the metrics
_GB: Final = 1_000_000_000
METRICS: Final = 16
ALARM_METRICS: Final = 13  # an alarm on an expression costs as much as its metrics
_DASHBOARD_COUNT: Final = 1
# AssumeRole in the hub and in the account, and ListHandshakesForAccount.
_TRAIL_EVENTS_OF_AN_ACCOUNT: Final = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """The `amount` of a month, and its price. A cost that `is_fixed` does not depend on the accounts."""

    what: str
    amount: float
    price: Price
    is_fixed: bool = False

    @property
    def usd(self) -> float:
        """The cost in USD."""
        return self.price.of(self.amount)


@dataclass(frozen=True, slots=True)
class MonthlyCosts:
    """All costs of a month. `trail_events` are CloudTrail's, which cost nothing unless they are copied or analyzed."""

    costs: tuple[Cost, ...]
    sweeps: float
    trail_events: float

    @property
    def usd(self) -> float:
        """All of it, in USD."""
        return sum(cost.usd for cost in self.costs)

    @property
    def trail_usd(self) -> float:
        """The cost of each trail with management events but the first, in USD."""
        return TRAIL_EVENTS.of(self.trail_events)

    @property
    def guardduty_usd(self) -> float:
        """The cost of GuardDuty's analysis of the events, in USD."""
        return GUARDDUTY_EVENTS.of(self.trail_events)

    @property
    def fixed_usd(self) -> float:
        """The part that does not depend on the number of accounts, in USD."""
        return sum(cost.usd for cost in self.costs if cost.is_fixed)


def estimate_costs(sweep: SweepEstimate, schedule: ScheduleEstimate) -> MonthlyCosts:
    """The costs of a month of such sweeps. A start that is skipped runs the plan for a moment."""
    starts, sweeps = MONTH / schedule.schedule, MONTH / schedule.every
    skipped = starts - sweeps
    accounts, batches = sweep.accounts, len(sweep.batches)
    functions = sweeps * (batches + 2) + skipped
    gigabyte_seconds = sweeps * sweep.gigabyte_seconds + skipped * START.total_seconds() * MEMORY_MIB / 1024
    coverage = (READS_BY_PLAN + READS_BY_SUMMARY) * accounts * COVERAGE_BYTES / READ_UNIT
    reads = sweeps * (accounts + coverage + _READS_OF_A_SWEEP) + skipped
    transitions = starts * _TRANSITIONS_OF_A_SWEEP + sweeps * batches * _TRANSITIONS_OF_A_BATCH
    costs = (
        Cost("Lambda, GB-seconds", gigabyte_seconds, LAMBDA_TIME),
        Cost("Lambda, invocations", functions, _LAMBDA_REQUESTS),
        Cost("Step Functions, transitions", transitions, _TRANSITIONS),
        Cost("DynamoDB, writes", sweeps * (accounts + _WRITES_OF_A_SWEEP), _WRITES),
        Cost("DynamoDB, reads", reads, _READS),
        Cost("S3, PUT", sweeps, _PUTS),
        Cost("S3, GET", sweeps * _GETS_OF_A_SWEEP, _GETS),
        Cost("EventBridge Scheduler, starts", starts, _STARTS),
        Cost("SQS, polls for events", _POLLS, _SQS, is_fixed=True),
        Cost("CloudWatch Logs, GB (about)", functions * _LOG_BYTES / _GB, _LOGS),
        Cost("CloudWatch metrics", METRICS, _METRICS, is_fixed=True),
        Cost("CloudWatch alarms", ALARM_METRICS, _ALARMS, is_fixed=True),
        Cost("CloudWatch dashboards", _DASHBOARD_COUNT, _DASHBOARDS, is_fixed=True),
    )
    return MonthlyCosts(costs, sweeps, sweeps * accounts * _TRAIL_EVENTS_OF_AN_ACCOUNT)
