"""Breaches of accounts that have left the organization."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.organization_table import OrganizationTable, TableError
from invitation_responder.core.ledger_entry import Acknowledgement
from invitation_responder.organization.departed import DepartedAccounts
from support.embedded import invitation
from support.hub import LEDGER, TABLE, ExecutionError, Hub

MEMBER = "222222222222"
DAY = timedelta(days=1)


def ledger_of(hub: Hub) -> DynamoLedger:
    return DynamoLedger(hub.client("dynamodb"), LEDGER, retention=timedelta(days=365))


def noted(hub: Hub) -> list[str]:
    """The accounts that are noted for an open breach."""
    return [item["id"] for item in OrganizationTable(hub.client("dynamodb"), TABLE).query("breach")]


def remind(hub: Hub, later: timedelta, *, ledger: str = LEDGER, table: str = TABLE, minutes: int = 15) -> list[str]:
    """Remind of departed accounts, so much later; returns the errors."""
    now = datetime.now(UTC) + later
    dynamodb = hub.client("dynamodb")
    departed = DepartedAccounts(
        table=OrganizationTable(dynamodb, table),
        ledger=DynamoLedger(dynamodb, ledger, retention=timedelta(days=365)),
        events=EventBus(lambda: hub.client("events"), "default"),
        sweep=f"summary-{later}",
        deadline=now + timedelta(minutes=minutes),
        now=lambda: now,
    )
    known = Coverage(OrganizationTable(dynamodb, TABLE)).read()
    return departed.remind({account for account, each in known.items() if each.outcome == "swept"})


def said(hub: Hub) -> list[tuple[str, Any]]:
    """The kinds of the events since the last call, each with its days."""
    return [(event["detail"]["kind"], event["detail"].get("days")) for event in hub.listener.take_events()]


def breach(hub: Hub) -> None:
    """Let a member accept a stranger's invitation, be swept once more, and depart."""
    hub.members(MEMBER)
    now = datetime.now(UTC)
    times: dict[str, Any] = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + 14 * DAY}
    hub.aws.receive(MEMBER, invitation(1, State="ACCEPTED", **times))
    hub.execute()
    stranger = hub.aws.add_organization("o-stranger0001", management_account="999999999999")
    hub.aws.account(MEMBER, organization=stranger, invited=True)
    hub.execute()


def test_a_breach_is_said_each_day_though_its_account_has_departed(hub: Hub) -> None:
    breach(hub)
    assert said(hub) == [("breach", None)]
    assert noted(hub) == [MEMBER]
    for days in (1, 2, 3):
        for hours in (0, 6, 12):
            assert remind(hub, days * DAY + timedelta(hours=hours)) == []
        assert said(hub) == [("breach_unresolved", days)]
    [entry] = ledger_of(hub).entries(MEMBER).values()
    ledger_of(hub).acknowledge(entry, Acknowledgement("arn:aws:iam::1:user/susan", datetime.now(UTC), "we know"))
    assert remind(hub, 4 * DAY) == []
    assert (said(hub), noted(hub)) == ([], [])


def test_an_account_that_is_swept_is_reminded_of_by_its_own_sweeps(hub: Hub) -> None:
    hub.members(MEMBER)
    hub.aws.receive(MEMBER, invitation(1, State="ACCEPTED"))
    hub.execute()
    said(hub)
    assert noted(hub) == [MEMBER]
    assert remind(hub, DAY) == []
    assert said(hub) == []


def test_accounts_without_a_breach_are_not_noted(hub: Hub) -> None:
    hub.members(MEMBER)
    hub.invite(MEMBER, 1)
    hub.execute()
    assert noted(hub) == []


def test_an_account_that_locks_the_hub_out_is_reminded_of_all_the_same(hub: Hub) -> None:
    hub.members(MEMBER)
    hub.aws.receive(MEMBER, invitation(1, State="ACCEPTED"))
    hub.execute()
    said(hub)
    hub.aws.deny(MEMBER)
    with pytest.raises(ExecutionError):
        hub.execute()
    said(hub)
    assert remind(hub, DAY) == []
    assert said(hub) == [("breach_unresolved", 1)]


def test_what_there_is_no_time_for_is_left_to_the_next_sweep(hub: Hub) -> None:
    breach(hub)
    said(hub)
    assert remind(hub, DAY, minutes=1) == []
    assert said(hub) == []


def test_a_breach_is_recorded_before_it_is_published(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The end of the process."""

    def kill(*_: object) -> None:
        raise Killed

    hub.members(MEMBER)
    hub.aws.receive(MEMBER, invitation(1, State="ACCEPTED"))
    monkeypatch.setattr(EventBus, "publish", kill)
    with pytest.raises(Killed):
        hub.execute()
    assert noted(hub) == [MEMBER]


def test_a_record_that_fails_stops_no_sweep(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise TableError("the table can't be written")

    hub.members(MEMBER)
    hub.aws.receive(MEMBER, invitation(1, State="ACCEPTED"))
    monkeypatch.setattr(hub.function("batch"), "record_open_breach", fail)
    hub.execute()
    assert said(hub) == [("breach", None)]


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (
            {"table": "nowhere"},
            "there are no reminders of breaches of departed accounts: the table nowhere can't be read",
        ),
        ({"ledger": "nowhere"}, f"{MEMBER}: there are no reminders of its breaches: the ledger can't be read"),
    ],
)
def test_what_can_not_be_read_is_an_error_and_stays_noted(hub: Hub, names: dict[str, Any], error: str) -> None:
    breach(hub)
    [found] = remind(hub, DAY, **names)
    assert found.startswith(error)
    assert noted(hub) == [MEMBER]
