"""The environment of the functions of organization scope, parsed once; each function reads what it needs.

| variable | meaning | read by |
|---|---|---|
| `ORGANIZATION_TABLE` | the DynamoDB table of the coverage | all |
| `BATCH_BUCKET` | the S3 bucket of the batches | plan, summarize |
| `LISTINGS_A_SECOND` | listings a second, of all workers together: above 0, at most 6 | plan, summarize |
| `ORGANIZATION_UNITS` | the roots and organizational units to sweep, between commas | plan |
| `LEAVE_OUT` | accounts and organizational units that are not swept, between commas; none by default | plan |
| `MEMBER_ROLE` | the role to assume in each account | batch |
| `EXTERNAL_ID` | the external id that the roles' trust asks for | batch |
| `SCHEDULE_SECONDS` | the time between two starts of a sweep | summarize |

The batch also reads the settings of `invitation_responder.settings`, summarize all of them but `SENDER_TEXT` and
`LEDGER_RETENTION_DAYS`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from invitation_responder.settings import SettingsError

MAX_LISTINGS_A_SECOND: Final = 6.0  # the organization's quota


def read_text(environment: Mapping[str, str], name: str) -> str:
    """The text of a variable; raises `SettingsError` if it is missing, empty or blank."""
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def read_names(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """The names in a variable, between commas; none if it is missing."""
    return frozenset(part.strip() for part in environment.get(name, "").split(",") if part.strip())


def read_rate(environment: Mapping[str, str]) -> float:
    """The rate of listings; raises `SettingsError`."""
    text = read_text(environment, "LISTINGS_A_SECOND")
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= MAX_LISTINGS_A_SECOND:
        raise SettingsError(f"LISTINGS_A_SECOND is {text!r}: it takes a number above 0, and at most 6")
    return rate


def read_schedule(environment: Mapping[str, str]) -> timedelta:
    """The time between two starts of a sweep; raises `SettingsError`."""
    text = read_text(environment, "SCHEDULE_SECONDS")
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise SettingsError(f"SCHEDULE_SECONDS is {text!r}: it takes a number of seconds")
    return timedelta(seconds=int(text))
