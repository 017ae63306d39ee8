"""The sweep that events start, by the function of the batches."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.organization_table import OrganizationTable, TableError
from invitation_responder.aws.pace import Pace
from invitation_responder.core.coverage import AccountCoverage
from invitation_responder.organization import batches
from invitation_responder.organization.account_events import AccountEvent
from invitation_responder.organization.account_sweep import AccountResult
from invitation_responder.organization.event_sweep import LISTINGS_A_SECOND, EventSweep
from invitation_responder.organization.settings import MAX_LISTINGS_A_SECOND
from invitation_responder.sweep import Report
from local.embedded.function import Context
from support.embedded import invitation
from support.hub import HUB, TABLE, Hub

FIRST, SECOND, THIRD, STRANGER = (str(number) * 12 for number in (2, 3, 4, 9))
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def events(*accounts: str, sent_at: datetime | None = None, name: str = "AcceptHandshake", **detail: Any) -> Any:
    """An invocation by SQS, with an event of each account."""
    sent_at = sent_at or datetime.now(UTC)
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "body": json.dumps({"account": account, "detail": {"eventName": name, **detail}}),
                "attributes": {"SentTimestamp": str(int(sent_at.timestamp() * 1000))},
            }
            for number, account in enumerate(accounts, 1)
        ]
    }


def coverage(hub: Hub) -> dict[str, AccountCoverage]:
    return Coverage(OrganizationTable(hub.client("dynamodb"), TABLE)).read()


def again(answer: dict[str, Any]) -> list[str]:
    """The messages that are to be delivered again."""
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def accept(hub: Hub, account: str, number: int) -> None:
    """Let somebody accept a stranger's invitation."""
    now = datetime.now(UTC)
    times = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + timedelta(days=14)}
    hub.aws.receive(account, invitation(number, "o-stranger0001", State="ACCEPTED", **times))


@pytest.fixture
def swept(hub: Hub) -> Hub:
    """A hub that has swept its members once."""
    hub.members(FIRST, SECOND, THIRD)
    hub.execute()
    hub.listener.take_events()
    hub.aws.calls.clear()
    return hub


def listed(hub: Hub) -> list[str]:
    """The accounts that were listed, in this order."""
    return [call.account for call in hub.aws.calls if call.operation == "ListHandshakesForAccount"]


def test_what_a_person_accepts_is_published_at_once(swept: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    accept(swept, FIRST, 1)
    swept.invite(FIRST, 2)
    before = coverage(swept)
    assert again(swept.invoke("batch", events(FIRST))) == []
    assert [event["detail-type"] for event in swept.listener.take_events()] == ["Handshake Breach"]
    assert listed(swept) == [FIRST]
    assert swept.aws.count("DeclineHandshake") == 0, "only the schedule's sweeps send answers"
    assert coverage(swept) == before
    [metrics] = [
        line
        for text in capsys.readouterr().out.splitlines()
        if "_aws" in (line := json.loads(text)) and "Breaches" in line
    ][-1:]
    assert (metrics["Breaches"], metrics["Pending"]) == ([1.0], [0.0])
    swept.execute()
    assert sorted(swept.states(FIRST)) == ["ACCEPTED", "DECLINED"]


def test_a_hundred_events_of_two_accounts_are_two_sweeps(swept: Hub) -> None:
    assert again(swept.invoke("batch", events(*[FIRST, SECOND] * 50))) == []
    assert listed(swept) == [FIRST, SECOND]


def test_events_from_before_the_last_sweep_of_their_account_start_no_other_one(swept: Hub) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    for accounts in ((FIRST,), (FIRST, SECOND), (SECOND,)):
        swept.invoke("batch", events(*accounts, sent_at=before))
    assert listed(swept) == [FIRST, SECOND]
    swept.invoke("batch", events(FIRST))
    assert listed(swept) == [FIRST, SECOND, FIRST]


def test_the_hub_itself_is_swept_too(swept: Hub) -> None:
    swept.invoke("batch", events(HUB))
    assert listed(swept) == [HUB]


def test_an_account_that_departs_is_swept_for_the_management_accounts_event(swept: Hub) -> None:
    departed = events(HUB, name="AccountDepartedOrganization", serviceEventDetails={"accountId": FIRST})
    swept.invoke("batch", departed)
    assert listed(swept) == [FIRST]


def test_an_account_that_no_sweep_has_is_not_swept(swept: Hub, caplog: pytest.LogCaptureFixture) -> None:
    swept.give_role(STRANGER)
    assert again(swept.invoke("batch", events(STRANGER, FIRST))) == []
    assert listed(swept) == [FIRST]
    skipped, swept_for = (vars(line) for line in caplog.records)
    assert (skipped["message"], skipped["account"]) == ("no sweep", STRANGER)
    assert (swept_for["message"], swept_for["accounts"], swept_for["events"]) == ("swept for events", [FIRST], 2)
    assert STRANGER not in coverage(swept)


def test_a_message_that_is_no_event_keeps_no_other_one_up(swept: Hub, caplog: pytest.LogCaptureFixture) -> None:
    event = events(FIRST, SECOND)
    event["Records"][0]["body"] = "no event"
    assert again(swept.invoke("batch", event)) == []
    assert listed(swept) == [SECOND]
    assert [(line.levelname, line.message) for line in caplog.records] == [
        ("ERROR", "no event"),
        ("INFO", "swept for events"),
    ]


def test_events_come_again_if_the_reason_may_pass(swept: Hub) -> None:
    swept.aws.fail("ListHandshakesForAccount", "ServiceException", account=FIRST)
    assert again(swept.invoke("batch", events(FIRST, SECOND, FIRST))) == ["message-1", "message-3"]
    assert again(swept.invoke("batch", events(FIRST))) == []


def test_events_do_not_come_again_if_it_will_not(swept: Hub) -> None:
    swept.aws.deny(FIRST)
    assert again(swept.invoke("batch", events(FIRST, SECOND))) == []
    assert coverage(swept)[FIRST].outcome == "swept", "no sweep of the schedule has failed"


def test_events_come_again_if_a_breach_could_not_be_published(swept: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(swept, FIRST, 1)
    handler: Any = swept.function("batch")
    with monkeypatch.context() as patch:
        patch.setattr(handler.events, "publish", lambda _: (set(), ["EventBridge refused event h-00000001/1: x"]))
        assert again(swept.invoke("batch", events(FIRST))) == ["message-1"]
    assert listed(swept) == [FIRST]
    swept.invoke("batch", events(FIRST, sent_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert listed(swept) == [FIRST, FIRST], "the sweep that failed covers no events"


def test_all_events_come_again_if_the_coverage_can_not_be_read(swept: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    handler: Any = swept.function("batch")

    def fail(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "GetItem")

    monkeypatch.setattr(handler.dynamodb, "get_item", fail)
    with pytest.raises(TableError):
        handler.handle(events(FIRST), Context(HUB))


def test_a_sweep_of_the_schedule_at_the_same_time_hears_of_no_event(swept: Hub) -> None:
    def an_event_comes(_: dict[str, Any]) -> None:
        swept.invoke("batch", events(FIRST))

    swept.before_batch = an_event_comes
    accept(swept, FIRST, 1)
    assert swept.execute()["not_swept"] == 0
    published = [event["detail-type"] for event in swept.listener.take_events()]
    assert published.count("Handshake Breach") == 1


def test_what_finds_no_time_comes_again() -> None:
    sweep = EventSweep(
        sweep=lambda account: AccountResult(account, "swept", report=Report()),
        is_known=lambda _: True,
        swept_at={},
        skipped=lambda *_: None,
        deadline=NOW + timedelta(minutes=2),
        now=lambda: NOW,
    )
    [result] = sweep.run([AccountEvent("message-1", (FIRST,), NOW)])
    assert (result.outcome, result.report, sweep.swept_at) == ("out_of_time", None, {})


def test_two_functions_and_the_schedules_sweep_list_as_fast_as_aws_allows_at_most() -> None:
    assert batches.LISTINGS_A_SECOND + 2 * LISTINGS_A_SECOND <= MAX_LISTINGS_A_SECOND


def test_the_pace_goes_on_from_one_invocation_to_the_next(swept: Hub) -> None:
    handler: Any = swept.function("batch")
    slept: list[float] = []
    handler.event_listing = Pace(1 / LISTINGS_A_SECOND, sleep=slept.append, monotonic=lambda: 0)
    swept.invoke("batch", events(FIRST))
    swept.invoke("batch", events(SECOND))
    assert slept == [2.0]
