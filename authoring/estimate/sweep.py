"""One sweep over an organization: its batches, as the hub cuts them, and its time.

Nothing arrives in it: each account has one page of handshakes, and none of them is answered. There is no second round.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from invitation_responder.aws.accounts import CALLS_A_SECOND
from invitation_responder.aws.pages import PAGE_SIZE
from invitation_responder.organization.batches import BATCH_MEMORY_MIB, MEMORY_MIB, WORKERS, cut, longest_time_for

# By request; 10 is the default (AWS Organizations user guide, "Quotas and service limits").
MAX_ACCOUNTS: Final = 50_000
# The start of a function in a new execution environment, and of the state before it.
START: Final = timedelta(seconds=2)
START_OF_A_BATCH: Final = timedelta(seconds=3)  # with less memory, and so less of a vCPU
# Reads of the whole coverage: one by the plan, two by the summary.
READS_BY_PLAN, READS_BY_SUMMARY = 1, 2
# One account's coverage takes 0.08 ms to parse on a whole vCPU, and 512 MiB have 0.29 of one.
TIME_TO_READ_ONE: Final = timedelta(microseconds=300)
COVERAGE_BYTES: Final = 250  # of an account that was swept


@dataclass(frozen=True, slots=True)
class SweepEstimate:
    """One sweep at `rate` listings a second. `batches` are the numbers of accounts in each, in their order."""

    accounts: int
    rate: float
    batches: tuple[int, ...]

    @property
    def workers(self) -> int:
        """The batches that run at the same time."""
        return min(WORKERS, len(self.batches))

    @property
    def rate_of_a_worker(self) -> float:
        """Listings a second."""
        return self.rate / WORKERS

    @property
    def pages(self) -> int:
        """The calls of ListAccounts."""
        return ceil(self.accounts / PAGE_SIZE)

    @property
    def plan(self) -> timedelta:
        """The time of the plan: it lists the accounts, and reads their coverage."""
        listing = timedelta(seconds=self.pages / CALLS_A_SECOND)
        return START + listing + READS_BY_PLAN * self.accounts * TIME_TO_READ_ONE

    @property
    def work(self) -> timedelta:
        """The time of the batches, from the start of the first to the end of the last."""
        return _time_of([self._time_of(batch) for batch in self.batches], WORKERS)

    @property
    def summary(self) -> timedelta:
        """The time of the summary: it reads the coverage."""
        return START + READS_BY_SUMMARY * self.accounts * TIME_TO_READ_ONE

    @property
    def total(self) -> timedelta:
        """The time of the sweep."""
        return self.plan + self.work + self.summary

    @property
    def gigabyte_seconds(self) -> float:
        """The memory of all functions, for as long as they have it."""
        batches = sum((self._time_of(batch) for batch in self.batches), timedelta(0))
        return (
            batches.total_seconds() * BATCH_MEMORY_MIB + (self.plan + self.summary).total_seconds() * MEMORY_MIB
        ) / 1024

    @property
    def longest(self) -> timedelta:
        """The time after which no account's sweep begins any more, however slow AWS is."""
        return self.plan + longest_time_for(self.accounts, self.rate)

    def _time_of(self, batch: int) -> timedelta:
        return START_OF_A_BATCH + timedelta(seconds=batch / self.rate_of_a_worker)


def estimate_sweep(accounts: int, rate: float) -> SweepEstimate:
    """The sweep of so many accounts at `rate` listings a second, all workers together."""
    return SweepEstimate(accounts, rate, tuple(map(len, cut([""] * accounts, rate))))


def _time_of(batches: Sequence[timedelta], workers: int) -> timedelta:
    """The time of all batches, each begun in its order as soon as a worker is free."""
    free_at = [timedelta(0)] * workers
    for batch in batches:
        heapq.heapreplace(free_at, free_at[0] + batch)
    return max(free_at)
