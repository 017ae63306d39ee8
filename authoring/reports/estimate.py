"""An estimate, in sentences with two tables for people, and as one JSON object. Pure."""

import json
from datetime import timedelta
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from invitation_responder.organization.settings import MAX_LISTINGS_A_SECOND

from ..estimate.costs import NOTED_ON, REGION, MonthlyCosts, Price
from ..estimate.estimate import Estimate
from ..estimate.limits import Limit, LimitName
from ..estimate.schedule import ScheduleEstimate
from ..estimate.sweep import SweepEstimate

_MINUTE: Final = timedelta(minutes=1)
_TIGHT: Final = 0.8  # the share of a quota that is worth a colour
_FEW: Final = 10  # below it, an amount is shown with its decimals
_PER: Final = {1: "", 1_000: " per 1,000", 100_000: " per 100,000", 1_000_000: " per million"}
_LIMITS: Final[dict[LimitName, str]] = {
    "schedule": "the schedule: {schedule} is enough for {accounts}",
    "longest_schedule": "the longest schedule: 24h is enough for {accounts}",
    "time_of_the_plan": "the plan: its 15 minutes are enough for {accounts}",
    "time_of_the_summary": "the summary: its 15 minutes are enough for {accounts}",
    "accounts_of_an_organization": "AWS Organizations: it allows {accounts}, by request",
}


def write_schedule(time: timedelta) -> str:
    """A time as `cdk.json` takes it: whole hours, or else minutes."""
    minutes = time // _MINUTE
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def describe_sweep(estimate: Estimate) -> str:
    """The batches of a sweep, and its time."""
    sweep = estimate.sweep
    accounts, batches = _count(sweep.accounts, "account"), _count(len(sweep.batches), "batch", "batches")
    size = f" of at most {max(sweep.batches):,}" if len(sweep.batches) > 1 else ""
    return (
        f"A sweep of {accounts} has {batches}{size}, {sweep.workers} at a time, at {sweep.rate:g} listings a second "
        f"together. It takes {_minutes(sweep.total)} minutes: {_minutes(sweep.plan)} to plan, {_minutes(sweep.work)} "
        f"for the batches, {_minutes(sweep.summary)} to summarize. However slow AWS is, it ends "
        f"after {_minutes(sweep.longest)}."
    )


def describe_schedule(estimate: Estimate) -> str:
    """The sentence that the schedule fits, or what to do since it does not."""
    schedule = estimate.schedule
    own = write_schedule(schedule.schedule)
    tightest = None if schedule.tightest is None else write_schedule(schedule.tightest)
    if schedule.fits:
        return f"The schedule of {own} fits; the tightest that does is {tightest}."
    skipped = (
        f"The schedule of {own} does not fit: a start is skipped while a sweep runs, so that there is a sweep every "
        f"{write_schedule(schedule.every)}."
    )
    if tightest is None:
        return f"{skipped} No schedule up to 24h does: list faster, or sweep a part of the organization."
    advice = f"{skipped} Set it to {tightest} or more."
    most = f"{MAX_LISTINGS_A_SECOND:g} listings a second, the organization's whole quota"
    return f"{advice} At {most}, {own} would fit." if estimate.fits_at_most_rate else advice


def describe_limits(estimate: Estimate) -> str:
    """The first limit, and the next one."""
    schedule = write_schedule(estimate.schedule.schedule)
    first, *others = [
        _LIMITS[limit.name].format(schedule=schedule, accounts=_count(limit.accounts, "account"))
        for limit in estimate.limits
        if limit.accounts is not None
    ]
    return f"The first limit is {first}." + (f" The next one is {others[0]}." if others else "")


def describe_costs(month: MonthlyCosts) -> tuple[str, ...]:
    """The meaning of the sum of the costs, and the costs that it leaves out."""
    pages = ", ".join(dict.fromkeys(cost.price.page for cost in month.costs))
    together = (
        f"That is {month.usd:,.2f} USD a month when nothing happens, {month.fixed_usd:,.2f} of it for any number of "
        "accounts. A handshake adds less than 0.01."
    )
    source = (
        f"List prices of {REGION}, noted on {NOTED_ON}, without any free tier: https://aws.amazon.com/SERVICE/pricing/ "
        f"with {pages} for SERVICE. The month has 31 days and {_count(round(month.sweeps), 'sweep')}."
    )
    left_out = (
        f"Not in it: {month.trail_events:,.0f} events in CloudTrail. The first trail has them for nothing; each "
        f"further one costs {month.trail_usd:,.2f} USD, and GuardDuty {month.guardduty_usd:,.2f}."
    )
    return together, source, left_out


def make_quota_table(estimate: Estimate) -> Table:
    """The calls of a sweep beside their quotas; readable at 80 columns."""
    table = Table("Calls")
    table.add_column("At most", justify="right")
    table.add_column("Quota", justify="right")
    table.add_column("Of")
    for use in estimate.quotas:
        most = Text(f"{_amount(use.used)} {use.unit}", style="yellow" if use.share >= _TIGHT else "")
        table.add_row(use.what, most, f"{use.quota:,g}", use.of)
    return table


def make_cost_table(month: MonthlyCosts) -> Table:
    """The costs of a month; readable at 80 columns."""
    table = Table("A month", show_footer=True)
    table.columns[0].footer = "together"
    table.add_column("Amount", justify="right")
    table.add_column("Price in USD", justify="right")
    table.add_column("USD", justify="right", footer=f"{month.usd:,.2f}")
    for cost in month.costs:
        table.add_row(cost.what, _amount(cost.amount), _price(cost.price), f"{cost.usd:,.2f}")
    return table


def as_json(estimate: Estimate) -> str:
    """One object with all of it. Times are in minutes."""
    month = estimate.month
    limits = [_limit_as_fields(limit) for limit in estimate.limits]
    fields = {
        "accounts": estimate.sweep.accounts,
        "listings_a_second": estimate.sweep.rate,
        "sweep": _sweep_as_fields(estimate.sweep),
        "schedule": _schedule_as_fields(estimate.schedule),
        "quotas": [
            {"what": use.what, "used": round(use.used, 2), "quota": use.quota, "unit": use.unit, "of": use.of}
            for use in estimate.quotas
        ],
        "first_limit": limits[0],
        "limits": limits,
        "month": {
            "usd": round(month.usd, 2),
            "usd_for_any_number_of_accounts": round(month.fixed_usd, 2),
            "sweeps": round(month.sweeps),
            "region": REGION,
            "prices_noted_on": NOTED_ON.isoformat(),
            "costs": [
                {
                    "what": cost.what,
                    "amount": round(cost.amount, 3),
                    "usd": round(cost.usd, 4),
                    "price_usd": cost.price.usd,
                    "price_per": cost.price.per,
                    "source": cost.price.url,
                }
                for cost in month.costs
            ],
            "cloudtrail_events": round(month.trail_events),
        },
    }
    return json.dumps(fields, indent=2)


def _sweep_as_fields(sweep: SweepEstimate) -> dict[str, Any]:
    return {
        "batches": len(sweep.batches),
        "accounts_of_a_batch": max(sweep.batches),
        "workers": sweep.workers,
        "minutes": _number_of_minutes(sweep.total),
        "minutes_to_plan": _number_of_minutes(sweep.plan),
        "minutes_for_the_batches": _number_of_minutes(sweep.work),
        "minutes_to_summarize": _number_of_minutes(sweep.summary),
        "minutes_at_most": _number_of_minutes(sweep.longest),
    }


def _schedule_as_fields(schedule: ScheduleEstimate) -> dict[str, Any]:
    return {
        "minutes": schedule.schedule // _MINUTE,
        "fits": schedule.fits,
        "sweep_every_minutes": schedule.every // _MINUTE,
        "tightest_minutes": None if schedule.tightest is None else schedule.tightest // _MINUTE,
    }


def _limit_as_fields(limit: Limit) -> dict[str, Any]:
    return {"limit": limit.name, "accounts": limit.accounts}


def _number_of_minutes(time: timedelta) -> float:
    return round(time / _MINUTE, 1)


def _minutes(time: timedelta) -> str:
    return f"{time / _MINUTE:,.1f}"


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _amount(number: float) -> str:
    return f"{number:,.0f}" if number >= _FEW or number == int(number) else f"{number:.2g}"


def _price(price: Price) -> str:
    usd = f"{price.usd:.10f}".rstrip("0")
    whole, decimals = usd.split(".")
    return f"{whole}.{decimals:0<2}{_PER[price.per]}"
