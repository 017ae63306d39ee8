"""The numbers of accounts at which a sweep meets its limits."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from invitation_responder.organization.batches import FUNCTION_TIMEOUT

from .schedule import MAX_SCHEDULE
from .sweep import MAX_ACCOUNTS, SweepEstimate, estimate_sweep

LimitName = Literal[
    "schedule", "longest_schedule", "time_of_the_plan", "time_of_the_summary", "accounts_of_an_organization"
]


@dataclass(frozen=True, slots=True)
class Limit:
    """The most accounts that a limit allows; None if `MAX_ACCOUNTS` are within it."""

    name: LimitName
    accounts: int | None


def find_limits(rate: float, schedule: timedelta) -> tuple[Limit, ...]:
    """All limits that a growing organization meets, the first one first."""
    limits = [
        _find("schedule", rate, lambda sweep: sweep.total <= schedule),
        _find("time_of_the_plan", rate, lambda sweep: sweep.plan <= FUNCTION_TIMEOUT),
        _find("time_of_the_summary", rate, lambda sweep: sweep.summary <= FUNCTION_TIMEOUT),
        Limit("accounts_of_an_organization", MAX_ACCOUNTS),
    ]
    if schedule < MAX_SCHEDULE:
        limits.append(_find("longest_schedule", rate, lambda sweep: sweep.total <= MAX_SCHEDULE))
    return tuple(sorted(limits, key=lambda limit: MAX_ACCOUNTS + 1 if limit.accounts is None else limit.accounts))


def _find(name: LimitName, rate: float, holds: Callable[[SweepEstimate], bool]) -> Limit:
    """More accounts never take less time: so halve what is left until the limit is found."""
    most = bisect_left(range(1, MAX_ACCOUNTS + 1), 1, key=lambda accounts: not holds(estimate_sweep(accounts, rate)))
    return Limit(name, None if most == MAX_ACCOUNTS else most)
