"""The environment of the function, parsed once.

| variable | meaning |
|---|---|
| `POLICY_FILE` | the compiled policy; default `policy.json` beside the package |
| `LEDGER_TABLE` | the DynamoDB table of the ledger; required |
| `MARKS_TABLE` | the DynamoDB table of what was sent; without it, nobody hears which rules expire soon |
| `EVENT_BUS` | name or ARN of the EventBridge bus; default `default` |
| `LEDGER_RETENTION_DAYS` | days that the ledger keeps an entry after its last change, 120 to 36500; default 1095 |
| `SENDER_TEXT` | `show` puts the senders' text, escaped, into records; default `hide` |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

_BUNDLE: Final = Path(__file__).parent.parent
# An entry must outlive its handshake in AWS's lists: 90 days pending, 30 days closed.
RETENTION_DAYS: Final = range(120, 36501)


class SettingsError(ValueError):
    """An environment variable is missing or invalid; the message names it and the values that it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the function, from its environment."""

    policy_file: Path
    ledger_table: str
    marks_table: str | None
    event_bus: str
    ledger_retention: timedelta
    sender_text: bool


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read all settings; raises `SettingsError`. An empty or blank variable counts as unset."""

    def value_of(name: str, default: str = "") -> str:
        return environment.get(name, "").strip() or default

    table = value_of("LEDGER_TABLE")
    if not table:
        raise SettingsError("LEDGER_TABLE is not set: it takes the name of the ledger's DynamoDB table")
    days = value_of("LEDGER_RETENTION_DAYS", "1095")
    if not (days.isascii() and days.isdigit() and int(days) in RETENTION_DAYS):
        raise SettingsError(f"LEDGER_RETENTION_DAYS is {days!r}: it takes a number of days from 120 to 36500")
    sender_text = value_of("SENDER_TEXT", "hide")
    if sender_text not in ("hide", "show"):
        raise SettingsError(f"SENDER_TEXT is {sender_text!r}: it takes `hide` or `show`")
    return Settings(
        policy_file=Path(value_of("POLICY_FILE", str(_BUNDLE / "policy.json"))),
        ledger_table=table,
        marks_table=value_of("MARKS_TABLE") or None,
        event_bus=value_of("EVENT_BUS", "default"),
        ledger_retention=timedelta(days=int(days)),
        sender_text=sender_text == "show",
    )
