"""The rules that expire soon."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from invitation_responder.core.expiry import expiring_rules
from invitation_responder.core.policy import Default, Effect, Policy, Rule

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def expiring_in(days: int, name: str = "partners", effect: Effect = "allow") -> Rule:
    """A rule that expires so many days after NOON's day."""
    return Rule(name, effect, expires=NOON.date() + timedelta(days=days))


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        pytest.param(31, None, id="more than a month is left"),
        pytest.param(30, 30, id="a month"),
        pytest.param(20, 30, id="first deployed with 20 days left"),
        pytest.param(8, 30, id="more than a week"),
        pytest.param(7, 7, id="a week"),
        pytest.param(5, 7, id="first deployed with five days left"),
        pytest.param(1, 7, id="it expires tomorrow"),
        pytest.param(0, None, id="it has expired today"),
        pytest.param(-1, None, id="it expired yesterday"),
    ],
)
def test_the_stage_of_a_rule_is_the_nearest_one(left: int, stage: int | None) -> None:
    found = expiring_rules(Policy("enforce", rules=(expiring_in(left),)), NOON)
    assert [each.days for each in found] == ([] if stage is None else [stage])


def test_days_are_those_of_utc() -> None:
    policy = Policy("enforce", rules=(expiring_in(30),))
    assert expiring_rules(policy, datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == []
    tokyo = timezone(timedelta(hours=9))
    assert expiring_rules(policy, datetime(2026, 12, 1, 8, 59, tzinfo=tokyo)) == []
    assert len(expiring_rules(policy, datetime(2026, 12, 1, 9, 0, tzinfo=tokyo))) == 1


def test_rules_that_never_expire_are_not_said() -> None:
    assert expiring_rules(Policy("enforce", rules=(Rule("ever", "allow"),)), NOON) == []


def test_the_soonest_come_first_in_any_order_of_the_rules() -> None:
    rules = (expiring_in(9, "b"), expiring_in(3, "z"), expiring_in(9, "a"))
    for order in (rules, rules[::-1]):
        found = expiring_rules(Policy("enforce", rules=order), NOON)
        assert [each.rule.name for each in found] == ["z", "a", "b"]


@pytest.mark.parametrize(
    ("effect", "default", "reason"),
    [
        (
            "allow",
            "decline",
            "it allows handshakes until then; from that day on, those that no other rule matches get the default, "
            "which is decline",
        ),
        (
            "accept",
            "allow",
            "it accepts handshakes until then; from that day on, those that no other rule matches get the default, "
            "which is allow",
        ),
        (
            "decline",
            "allow",
            "it declines handshakes until then; from that day on, those that no other rule matches get the default, "
            "which is allow",
        ),
    ],
)
def test_an_event_says_what_the_rule_does_and_what_comes_after_it(
    effect: Effect, default: Default, reason: str
) -> None:
    policy = Policy("audit", default=default, rules=(Rule("partners", effect, expires=date(2026, 12, 27)),))
    (found,) = expiring_rules(policy, NOON)
    event = found.event(policy)
    assert (event.id, event.kind) == ("rule/partners/2026-12-27/30", "rule_expiring")
    assert json.loads(event.detail) == {
        "event_id": "rule/partners/2026-12-27/30",
        "kind": "rule_expiring",
        "rule": "partners",
        "effect": effect,
        "expires": "2026-12-27",
        "days": 30,
        "policy_sha256": policy.sha256,
        "reason": reason,
    }
    assert list(json.loads(event.detail))[:2] == ["event_id", "kind"]
