"""`responder estimate`: what the sweep of an organization takes, before it is deployed."""

import math
import sys
from datetime import timedelta
from typing import Final

import click

from invitation_responder.organization.batches import LISTINGS_A_SECOND
from invitation_responder.organization.settings import MAX_LISTINGS_A_SECOND

from ..estimate.estimate import Estimate, estimate_hub
from ..estimate.sweep import MAX_ACCOUNTS
from ..reports.estimate import (
    as_json,
    describe_costs,
    describe_limits,
    describe_schedule,
    describe_sweep,
    make_cost_table,
    make_quota_table,
)
from ..reports.terminal import show, show_table, wrap
from .errors import FOUND_SOMETHING
from .options import Schedule, is_table, table_or_json_option

# Below it, one account takes a worker a minute.
_MIN_LISTINGS_A_SECOND: Final = 0.1


def _accounts(_context: click.Context, _parameter: click.Parameter, value: int) -> int:
    if not 0 < value <= MAX_ACCOUNTS:
        raise click.BadParameter(
            f"{value} is not a number of accounts (AWS allows an organization up to {MAX_ACCOUNTS:,}, by request)"
        )
    return value


def _rate(_context: click.Context, _parameter: click.Parameter, value: float) -> float:
    if math.isnan(value) or not _MIN_LISTINGS_A_SECOND <= value <= MAX_LISTINGS_A_SECOND:
        raise click.BadParameter(
            f"{value:g} is not a rate (expected from {_MIN_LISTINGS_A_SECOND:g} to {MAX_LISTINGS_A_SECOND:g} listings "
            "a second, the organization's quota)"
        )
    return value


@click.command(
    epilog="""\b
Examples:
  responder estimate --accounts 2000
  responder estimate --accounts 10000 --schedule 1h --rate 6
  responder estimate --accounts 10000 --format json | jq .month.usd

\b
Exit status:
  0  a sweep ends before the next one starts
  1  the schedule does not fit
  2  it was used wrongly: more accounts than an organization can have"""
)
@click.option("--accounts", type=int, required=True, metavar="N", callback=_accounts, help="The organization's size.")
@click.option(
    "--schedule",
    type=Schedule(),
    default="15m",
    show_default=True,
    help="How often a sweep starts, as in cdk.json: 30m, 2h.",
)
@click.option(
    "--rate",
    type=float,
    default=LISTINGS_A_SECOND,
    show_default=True,
    metavar="R",
    callback=_rate,
    help="Listings a second, of the 6 that people and tools in the organization share.",
)
@table_or_json_option
def estimate(accounts: int, schedule: timedelta, rate: float, form: str | None) -> None:
    """Estimate the sweep of an organization that is not deployed yet.

    How long it takes and whether the schedule fits, its calls beside AWS's
    quotas, its cost in a month in which nothing happens, and the number of
    accounts at which it meets its first limit. AWS is not asked.
    """
    estimated = estimate_hub(accounts, schedule, rate)
    if is_table(form):
        _show(estimated)
    else:
        click.echo(as_json(estimated))
    if not estimated.schedule.fits:
        sys.exit(FOUND_SOMETHING)


def _show(estimated: Estimate) -> None:
    show(wrap(describe_sweep(estimated)))
    show()
    show((wrap(describe_schedule(estimated)), "green" if estimated.schedule.fits else "bold red"))
    show()
    show(wrap(describe_limits(estimated)))
    show()
    show_table(make_quota_table(estimated))
    show_table(make_cost_table(estimated.month))
    for paragraph in describe_costs(estimated.month):
        show(wrap(paragraph))
