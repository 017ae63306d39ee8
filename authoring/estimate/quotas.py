"""The calls of a sweep at their busiest, each beside its quota."""

from dataclasses import dataclass
from typing import Final, Literal

from invitation_responder.aws.accounts import CALLS_A_SECOND
from invitation_responder.organization.settings import MAX_LISTINGS_A_SECOND

from .sweep import COVERAGE_BYTES, TIME_TO_READ_ONE, SweepEstimate

# AWS Organizations user guide and AWS STS quotas in the IAM user guide; "Quotas" in the developer guides of DynamoDB
# and Lambda.
_LIST_ACCOUNTS: Final = 8
_STS: Final = 600
_PARTITION_WRITES, _PARTITION_READS = 1_000, 3_000
_FUNCTIONS: Final = 10
READ_UNIT: Final = 4096  # bytes


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """The `used` part of a `quota`, both in calls a second or at once; `of` is what the quota counts for."""

    what: str
    used: float
    quota: float
    of: str
    unit: Literal["a second", "at once"] = "a second"

    @property
    def share(self) -> float:
        """The part of the quota that is used, from 0 to 1."""
        return self.used / self.quota


def find_quotas(sweep: SweepEstimate) -> tuple[QuotaUse, ...]:
    """The quotas that a sweep uses, the scarcest first. Each account takes one call of each kind."""
    listings = sweep.workers * sweep.rate_of_a_worker
    read_in_a_second = min(sweep.accounts, 1 / TIME_TO_READ_ONE.total_seconds())
    uses = (
        QuotaUse("ListHandshakesForAccount", listings, MAX_LISTINGS_A_SECOND, "the organization"),
        QuotaUse("ListAccounts", min(CALLS_A_SECOND, sweep.pages), _LIST_ACCOUNTS, "the hub's account"),
        QuotaUse("Lambda functions", sweep.workers, _FUNCTIONS, "a new account", "at once"),
        QuotaUse("AssumeRole", listings, _STS, "the hub's Region"),
        QuotaUse("DynamoDB reads", read_in_a_second * COVERAGE_BYTES / READ_UNIT, _PARTITION_READS, "a partition"),
        QuotaUse("DynamoDB writes", listings, _PARTITION_WRITES, "a partition"),
    )
    return tuple(sorted(uses, key=lambda use: -use.share))
