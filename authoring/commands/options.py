"""Options that commands share."""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from invitation_responder.core.policy import ACCOUNT_ID

from ..diagnostics.wording import quote
from ..estimate.schedule import MAX_SCHEDULE, MIN_SCHEDULE

_SCHEDULE: Final = re.compile(r"([1-9][0-9]{0,3})([mh])")


class Moment(click.ParamType[datetime]):
    """A time: a day, which begins at 00:00 UTC, or ISO 8601, in UTC unless it has an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read an option's text as a time in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not a time: write a day as in 2027-03-31, or 2027-03-31T12:00Z", param, ctx)


class Schedule(click.ParamType[timedelta]):
    """The time from one start of a sweep to the next, as `schedule` in `cdk.json` writes it."""

    name = "schedule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read an option's text as a time."""
        if isinstance(value, timedelta):
            return value
        match = _SCHEDULE.fullmatch(value)
        schedule = timedelta(**{{"m": "minutes", "h": "hours"}[match[2]]: int(match[1])}) if match else timedelta(0)
        if not MIN_SCHEDULE <= schedule <= MAX_SCHEDULE:
            self.fail(f"{quote(value)} is not a schedule (expected a time from 1m to 24h, like `15m`)", param, ctx)
        return schedule


def check_account(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """An option's text if it is an account's number; a callback."""
    if value is not None and not ACCOUNT_ID.fullmatch(value):
        raise click.BadParameter(f"{quote(value)} is not an account number (expected 12 digits)")
    return value


at_option = click.option(
    "--at",
    "now",
    type=Moment(),
    default=lambda: datetime.now(UTC),
    show_default="now",
    help="Judge as at this time (UTC): a day, or ISO 8601.",
)

table_or_json_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    help="A table for people (on a terminal), or JSON (everywhere else).",
)


def is_table(form: str | None) -> bool:
    """True if a table is asked for by `table_or_json_option`, or nothing is and stdout is a terminal."""
    return form == "table" or (form is None and sys.stdout is not None and sys.stdout.isatty())


policy_argument = click.argument("path", metavar="POLICY", type=click.Path(path_type=Path))
