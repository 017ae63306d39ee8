"""The configuration of a deployment, from the context in `cdk.json`.

| key | meaning |
|---|---|
| `policy` | the policy's file or folder; default `policies` |
| `schedule` | the interval between sweeps: `15m` (the default), `1h`; from 1m to 24h |
| `alarm_email` | the address for events and alarms; none by default |
| `scope` | `account`: the one account that the stack is deployed to |
| `ledger_retention` | the time that the ledger keeps an entry: `1095d` (the default); from 120d to 36500d |
| `sender_text` | `show` puts senders' text, escaped, into records; `hide` is the default |
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from invitation_responder.settings import RETENTION_DAYS

KEYS: Final = ("policy", "schedule", "alarm_email", "scope", "ledger_retention", "sender_text")
_SCHEDULE: Final = re.compile(r"([1-9][0-9]{0,3})([mh])")
# An alarm's period is a day at most, and an invitation is open for 15 days.
_MIN_SCHEDULE, _MAX_SCHEDULE = timedelta(minutes=1), timedelta(hours=24)
_RETENTION: Final = re.compile(r"([1-9][0-9]{0,4})d")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class ConfigurationError(ValueError):
    """The context is invalid; the message has a line for each mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of a deployment; the module describes them."""

    policy: Path
    schedule: timedelta = timedelta(minutes=15)
    alarm_email: str | None = None
    scope: Literal["account"] = "account"
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
    email = values.get("alarm_email") or None
    if email and not _EMAIL.fullmatch(email):
        errors.append(f"alarm_email: `{email}` is not an e-mail address")
    scope = values.get("scope") or "account"
    if scope == "organization":
        errors.append("scope: `organization` is not in this version (deploy to each account with `account`)")
    elif scope != "account":
        errors.append(f"scope: `{scope}` is not a scope (expected `account`)")
    days = _read_retention(values.get("ledger_retention") or "1095d", errors)
    sender_text: Literal["hide", "show"] = "show" if values.get("sender_text") == "show" else "hide"
    if (values.get("sender_text") or "hide") != sender_text:
        errors.append(f"sender_text: `{values['sender_text']}` is unknown (expected `hide` or `show`)")
    if errors:
        raise ConfigurationError("\n".join(f"cdk.json: context: {error}" for error in errors))
    return Configuration(
        policy=root / (values.get("policy") or "policies"),
        schedule=every,
        alarm_email=email,
        ledger_retention_days=days,
        sender_text=sender_text,
    )


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
