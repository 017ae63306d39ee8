"""The context in `cdk.json`: its values and its errors."""

from datetime import timedelta
from pathlib import Path

import pytest

from infra.configuration import Configuration, ConfigurationError, OrganizationScope, read_configuration

ROOT = Path("root")
ORGANIZATION: dict[str, object] = {"scope": "organization", "organization_units": "r-exam"}


def test_nothing_said_is_the_shipped_policy_every_15_minutes() -> None:
    assert read_configuration({}, root=ROOT) == Configuration(policy=ROOT / "policies", schedule=timedelta(minutes=15))


def test_everything_said() -> None:
    context = {
        "policy": "/p.yaml",
        "schedule": "2h",
        "alarm_email": "a@example.com, b@example.com",
        "urgent_email": "night@example.com",
        "scope": "account",
        "ledger_retention": "3650d",
        "sender_text": "show",
    }
    assert read_configuration(context, root=ROOT) == Configuration(
        policy=Path("/p.yaml"),
        schedule=timedelta(hours=2),
        alarm_email=("a@example.com", "b@example.com"),
        urgent_email=("night@example.com",),
        ledger_retention_days=3650,
        sender_text="show",
    )


def test_a_whole_organization_needs_only_its_root() -> None:
    assert read_configuration(ORGANIZATION, root=ROOT).organization == OrganizationScope(units=("r-exam",))


def test_everything_said_about_an_organization() -> None:
    context = {
        "scope": "organization",
        "organization_units": "ou-exam-production, ou-exam-research00,",
        "leave_out": "222222222222 ,ou-exam-sandboxes0",
        "listing_rate": "2.5",
        "call_as": "delegated_admin",
    }
    assert read_configuration(context, root=ROOT).organization == OrganizationScope(
        units=("ou-exam-production", "ou-exam-research00"),
        leave_out=("222222222222", "ou-exam-sandboxes0"),
        listing_rate=2.5,
        call_as="delegated_admin",
    )


@pytest.mark.parametrize("text", ["1m", "60m", "1440m", "24h"])
def test_schedules(text: str) -> None:
    assert read_configuration({"schedule": text}, root=ROOT).schedule >= timedelta(minutes=1)


@pytest.mark.parametrize(
    "key", ["@aws-cdk/core:x", "aws:cdk:enable-path-metadata", "aws-cdk:x", "availability-zones:a"]
)
def test_what_the_cdk_itself_keeps_in_the_context_is_left_to_it(key: str) -> None:
    assert read_configuration({key: True}, root=ROOT).schedule == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        pytest.param({"schedule": "0m"}, "schedule: `0m` is not a schedule", id="no time at all"),
        pytest.param({"schedule": "25h"}, "schedule: `25h` is not a schedule", id="over a day"),
        pytest.param({"schedule": "1441m"}, "schedule: `1441m` is not a schedule", id="over a day in minutes"),
        pytest.param({"schedule": "rate(5 minutes)"}, "like `15m`", id="an expression of EventBridge"),
        pytest.param({"schedule": 15}, "schedule: `15` is not text (put it in quotes)", id="a number"),
        pytest.param({"alarm_email": "me"}, "alarm_email: `me` is not an e-mail address", id="no address"),
        pytest.param({"alarm_email": "a@b.example me"}, "`a@b.example me` is not an e-mail", id="no comma"),
        pytest.param({"urgent_email": "a@b.example, me"}, "urgent_email: `me` is not an e-mail", id="one of two"),
        pytest.param({"scope": "world"}, "scope: `world` is not a scope (expected `account` or", id="no scope"),
        pytest.param({"leave_out": "222222222222"}, "leave_out: it belongs to `scope: organization`", id="no need"),
        pytest.param({"scope": "organization"}, "`aws organizations list-roots` prints", id="no units"),
        pytest.param(
            {"scope": "organization", "organization_units": "r-exam,o-exampleorgid"},
            "organization_units: `o-exampleorgid` is not an organizational unit",
            id="no unit",
        ),
        pytest.param(
            ORGANIZATION | {"leave_out": "22"}, "leave_out: `22` is neither an account", id="nothing to leave"
        ),
        pytest.param(ORGANIZATION | {"listing_rate": "7"}, "listing_rate: `7` is not a rate", id="over the quota"),
        pytest.param(ORGANIZATION | {"listing_rate": "0.4"}, "from 0.5 to 6", id="too slow"),
        pytest.param(ORGANIZATION | {"listing_rate": "fast"}, "`fast` is not a rate", id="no number"),
        pytest.param(ORGANIZATION | {"call_as": "root"}, "call_as: `root` is unknown", id="no caller"),
        pytest.param({"ledger_retention": "119d"}, "expected from 120d to 36500d, like `1095d`", id="kept too short"),
        pytest.param({"ledger_retention": "3y"}, "`3y` is not how long the ledger may keep", id="kept for years"),
        pytest.param({"ledger_retention": "36501d"}, "`36501d` is not how long", id="kept for more than a century"),
        pytest.param({"sender_text": "hidden"}, "sender_text: `hidden` is unknown (expected `hide` or", id="no choice"),
        pytest.param({"shedule": "15m"}, "`shedule` is not a key (did you mean `schedule`?)", id="a slip"),
        pytest.param({"colour": "red"}, "`colour` is not a key (expected policy, schedule", id="no key at all"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(context: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_configuration(context, root=ROOT)
    assert str(error.value).startswith("cdk.json: context: ")
    assert message in str(error.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as error:
        read_configuration({"schedule": "x", "scope": "y", "alarm_email": "z"}, root=ROOT)
    assert len(str(error.value).splitlines()) == 3
