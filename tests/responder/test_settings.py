"""The environment → settings."""

from datetime import timedelta
from pathlib import Path

import pytest

import invitation_responder
from invitation_responder.settings import Settings, SettingsError, read_settings


def test_only_the_table_must_be_named() -> None:
    bundle = Path(invitation_responder.__file__).parent.parent
    assert read_settings({"LEDGER_TABLE": "t"}) == Settings(
        policy_file=bundle / "policy.json",
        ledger_table="t",
        marks_table=None,
        event_bus="default",
        ledger_retention=timedelta(days=1095),
        sender_text=False,
    )


def test_everything_can_be_set() -> None:
    environment = {
        "LEDGER_TABLE": "t",
        "POLICY_FILE": "/p.json",
        "MARKS_TABLE": "m",
        "EVENT_BUS": "bus",
        "LEDGER_RETENTION_DAYS": "400",
        "SENDER_TEXT": "show",
    }
    assert read_settings(environment) == Settings(
        policy_file=Path("/p.json"),
        ledger_table="t",
        marks_table="m",
        event_bus="bus",
        ledger_retention=timedelta(days=400),
        sender_text=True,
    )


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("LEDGER_TABLE", "", "LEDGER_TABLE is not set: it takes the name of the ledger's DynamoDB table"),
        ("LEDGER_TABLE", " ", "LEDGER_TABLE is not set"),
        ("LEDGER_RETENTION_DAYS", "119", "LEDGER_RETENTION_DAYS is '119': it takes a number of days from 120 to 36500"),
        ("LEDGER_RETENTION_DAYS", "1y", "LEDGER_RETENTION_DAYS is '1y'"),
        ("LEDGER_RETENTION_DAYS", "²", "LEDGER_RETENTION_DAYS is '²'"),
        ("SENDER_TEXT", "true", "SENDER_TEXT is 'true': it takes `hide` or `show`"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"LEDGER_TABLE": "t", variable: value})
    assert str(caught.value).startswith(message)
