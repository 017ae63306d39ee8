"""The whole estimate: a sweep, its schedule, its quotas, its limits, its costs."""

from dataclasses import dataclass
from datetime import timedelta

from invitation_responder.organization.settings import MAX_LISTINGS_A_SECOND

from .costs import MonthlyCosts, estimate_costs
from .limits import Limit, find_limits
from .quotas import QuotaUse, find_quotas
from .schedule import ScheduleEstimate
from .sweep import SweepEstimate, estimate_sweep


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimate for one organization. `fits_at_most_rate` says whether the schedule fits at AWS's whole quota."""

    sweep: SweepEstimate
    schedule: ScheduleEstimate
    fits_at_most_rate: bool
    quotas: tuple[QuotaUse, ...]
    limits: tuple[Limit, ...]
    month: MonthlyCosts


def estimate_hub(accounts: int, schedule: timedelta, rate: float) -> Estimate:
    """The estimate for so many accounts, a sweep at each `schedule`, and `rate` listings a second."""
    sweep = estimate_sweep(accounts, rate)
    scheduled = ScheduleEstimate(schedule, sweep.total)
    return Estimate(
        sweep=sweep,
        schedule=scheduled,
        fits_at_most_rate=estimate_sweep(accounts, MAX_LISTINGS_A_SECOND).total <= schedule,
        quotas=find_quotas(sweep),
        limits=find_limits(rate, schedule),
        month=estimate_costs(sweep, scheduled),
    )
