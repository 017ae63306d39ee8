"""The configuration of a deployment, from the context in `cdk.json`.

| key | meaning |
|---|---|
| `policy` | the policy's file or folder; default `policies` |
| `schedule` | the interval between sweeps: `15m` (the default), `1h`; from 1m to 24h |
| `alarm_email` | the addresses for events and alarms, between commas; none by default |
| `urgent_email` | those that get only what is urgent, between commas; none by default |
| `scope` | `account` (the default): the one account that the stack is deployed to; `organization`: all accounts |
| `ledger_retention` | the time that the ledger keeps an entry: `1095d` (the default); from 120d to 36500d |
| `sender_text` | `show` puts senders' text, escaped, into records; `hide` is the default |

In organization scope:

| key | meaning |
|---|---|
| `organization_units` | the organizational units to sweep, between commas; the root's id is the whole organization |
| `leave_out` | accounts and organizational units not to sweep, between commas; none by default |
| `listing_rate` | the listings a second of the organization's 6: `5` is the default |
| `call_as` | `management` (the default) if the hub is the management account; else `delegated_admin` |
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from invitation_responder.core.policy import ACCOUNT_ID
from invitation_responder.organization.batches import LISTINGS_A_SECOND
from invitation_responder.organization.settings import MAX_LISTINGS_A_SECOND
from invitation_responder.settings import RETENTION_DAYS

_ORGANIZATION_KEYS: Final = ("organization_units", "leave_out", "listing_rate", "call_as")
KEYS: Final = (
    "policy",
    "schedule",
    "alarm_email",
    "urgent_email",
    "scope",
    "ledger_retention",
    "sender_text",
    *_ORGANIZATION_KEYS,
)
_SCHEDULE: Final = re.compile(r"([1-9][0-9]{0,3})([mh])")
_MIN_RATE: Final = 0.5
# An alarm's period is a day at most, and an invitation is open for 15 days.
_MIN_SCHEDULE, _MAX_SCHEDULE = timedelta(minutes=1), timedelta(hours=24)
_RETENTION: Final = re.compile(r"([1-9][0-9]{0,4})d")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
# The ids of roots and organizational units (AWS Organizations API reference, OrganizationalUnit).
_UNIT: Final = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_RATE: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?")


class ConfigurationError(ValueError):
    """The context is invalid; the message has a line for each mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationScope:
    """The settings of organization scope. `listing_rate` is in listings a second."""

    units: tuple[str, ...]
    leave_out: tuple[str, ...] = ()
    listing_rate: float = LISTINGS_A_SECOND
    call_as: Literal["management", "delegated_admin"] = "management"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of a deployment; the module describes them. Without `organization` it is for one account."""

    policy: Path
    schedule: timedelta = timedelta(minutes=15)
    alarm_email: tuple[str, ...] = ()
    urgent_email: tuple[str, ...] = ()
    organization: OrganizationScope | None = None
    ledger_retention_days: int = 1095
    sender_text: Literal["hide", "show"] = "hide"


def read_configuration(context: Mapping[str, object], *, root: Path) -> Configuration:
    """Read the whole context; raises `ConfigurationError` with every mistake. `policy` is relative to `root`."""
    errors = [_describe_unknown(key) for key in context if key not in KEYS and not _is_cdk_key(key)]
    values: dict[str, str] = {}
    for key in KEYS:
        value = context.get(key)
        if isinstance(value, str):
            values[key] = value.strip()
        elif value is not None:
            errors.append(f"{key}: `{value}` is not text (put it in quotes)")
    schedule = _SCHEDULE.fullmatch(values.get("schedule") or "15m")
    every = _read_duration(schedule) if schedule else timedelta(0)
    if not _MIN_SCHEDULE <= every <= _MAX_SCHEDULE:
        errors.append(
            f"schedule: `{values['schedule']}` is not a schedule (expected a time from 1m to 24h, like `15m`)"
        )
    alarm_email, urgent_email = (_read_emails(key, values, errors) for key in ("alarm_email", "urgent_email"))
    organization = _read_scope(values, errors)
    days = _read_retention(values.get("ledger_retention") or "1095d", errors)
    sender_text: Literal["hide", "show"] = "show" if values.get("sender_text") == "show" else "hide"
    if (values.get("sender_text") or "hide") != sender_text:
        errors.append(f"sender_text: `{values['sender_text']}` is unknown (expected `hide` or `show`)")
    if errors:
        raise ConfigurationError("\n".join(f"cdk.json: context: {error}" for error in errors))
    return Configuration(
        policy=root / (values.get("policy") or "policies"),
        schedule=every,
        alarm_email=alarm_email,
        urgent_email=urgent_email,
        organization=organization,
        ledger_retention_days=days,
        sender_text=sender_text,
    )


def _read_emails(key: str, values: Mapping[str, str], errors: list[str]) -> tuple[str, ...]:
    emails = _split(values.get(key))
    wrong = [email for email in emails if not _EMAIL.fullmatch(email)]
    if wrong:
        errors.append(f"{key}: `{wrong[0]}` is not an e-mail address")
    return emails


def _read_scope(values: Mapping[str, str], errors: list[str]) -> OrganizationScope | None:
    """The settings of organization scope; None in account scope."""
    scope = values.get("scope") or "account"
    if scope == "account":
        given = [key for key in ("organization_units", "leave_out") if values.get(key)]
        errors.extend(f"{key}: it belongs to `scope: organization`" for key in given)
        return None
    if scope != "organization":
        errors.append(f"scope: `{scope}` is not a scope (expected `account` or `organization`)")
        return None
    units = _split(values.get("organization_units"))
    wrong = [unit for unit in units if not _UNIT.fullmatch(unit)]
    if wrong:
        errors.append(f"organization_units: `{wrong[0]}` is not an organizational unit (expected `r-…` or `ou-…`)")
    elif not units:
        errors.append(
            "organization_units: organization scope needs them (for the whole organization the root's id, which "
            "`aws organizations list-roots` prints)"
        )
    leave_out = _split(values.get("leave_out"))
    wrong = [name for name in leave_out if not (ACCOUNT_ID.fullmatch(name) or _UNIT.fullmatch(name))]
    if wrong:
        errors.append(f"leave_out: `{wrong[0]}` is neither an account number nor an organizational unit")
    rate = values.get("listing_rate") or f"{LISTINGS_A_SECOND:g}"
    is_rate = _RATE.fullmatch(rate) and _MIN_RATE <= float(rate) <= MAX_LISTINGS_A_SECOND
    if not is_rate:
        errors.append(f"listing_rate: `{rate}` is not a rate (expected listings a second, from 0.5 to 6)")
    call_as = values.get("call_as") or "management"
    if call_as not in ("management", "delegated_admin"):
        errors.append(f"call_as: `{call_as}` is unknown (expected `management` or `delegated_admin`)")
    return OrganizationScope(
        units=units,
        leave_out=leave_out,
        listing_rate=float(rate) if is_rate else LISTINGS_A_SECOND,
        call_as="delegated_admin" if call_as == "delegated_admin" else "management",
    )


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


def _read_retention(text: str, errors: list[str]) -> int:
    match = _RETENTION.fullmatch(text)
    days = int(match[1]) if match else 0
    if days not in RETENTION_DAYS:
        errors.append(
            f"ledger_retention: `{text}` is not how long the ledger may keep something (expected from "
            f"{RETENTION_DAYS[0]}d to {RETENTION_DAYS[-1]}d, like `1095d`)"
        )
    return days


def _read_duration(match: re.Match[str]) -> timedelta:
    number = int(match[1])
    return timedelta(minutes=number) if match[2] == "m" else timedelta(hours=number)


def _is_cdk_key(key: str) -> bool:
    """True if the key is the CDK's own: a feature flag, a setting, a cached lookup."""
    return key.startswith(("@", "aws:", "aws-cdk:", "cdk-")) or ":" in key


def _describe_unknown(key: str) -> str:
    near = difflib.get_close_matches(key, KEYS, n=1)
    return f"`{key}` is not a key ({f'did you mean `{near[0]}`?' if near else 'expected ' + ', '.join(KEYS)})"
