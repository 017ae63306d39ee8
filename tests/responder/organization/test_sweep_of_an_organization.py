"""A sweep of a whole organization, from the plan to the summary."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.core.coverage import AccountCoverage
from invitation_responder.core.policy import Rule
from invitation_responder.organization import planning
from local.embedded.function import create_marks_table
from local.embedded.world import EmbeddedAws
from support.embedded import POLICY
from support.hub import HUB, TABLE, DeadFunctionError, ExecutionError, Hub

MEMBERS = tuple(str(number) * 12 for number in range(2, 9))
LEASE = {"kind": {"S": "sweep"}, "id": {"S": "lease"}}


def coverage(hub: Hub) -> dict[str, AccountCoverage]:
    return Coverage(OrganizationTable(hub.client("dynamodb"), TABLE)).read()


def outcomes(hub: Hub) -> dict[str, str]:
    return {account: known.outcome for account, known in coverage(hub).items()}


def test_every_account_is_swept_the_hub_itself_too(hub: Hub) -> None:
    hub.members(*MEMBERS)
    for number, account in enumerate((HUB, *MEMBERS), 1):
        hub.invite(account, number)
    assert hub.execute() == {"accounts": 8, "not_swept": 0, "by_outcome": {}, "again": False, "cause": ""}
    assert [hub.states(account) for account in (HUB, *MEMBERS)] == [["DECLINED"]] * 8
    assert outcomes(hub) == dict.fromkeys((HUB, *MEMBERS), "swept")


def test_an_account_that_can_not_be_swept_says_why_and_fails_the_execution(hub: Hub) -> None:
    hub.members(*MEMBERS[:3])
    hub.members(MEMBERS[3], role=False)
    hub.aws.deny(MEMBERS[2])
    with pytest.raises(ExecutionError) as failed:
        hub.execute()
    assert str(failed.value) == (f"2 of 5 accounts were not swept: 1 no role ({MEMBERS[3]}), 1 denied ({MEMBERS[2]})")
    known = coverage(hub)
    assert known[MEMBERS[3]].detail.startswith(f"arn:aws:iam::{MEMBERS[3]}:role/InvitationResponder can't be assumed: ")
    assert (known[MEMBERS[3]].last_swept_at, known[MEMBERS[0]].last_swept_at is None) == (None, False)
    assert known[MEMBERS[3]].not_swept_since == known[MEMBERS[3]].first_tried_at


def test_only_what_was_not_swept_can_be_run_again(hub: Hub) -> None:
    hub.members(*MEMBERS[:3])
    hub.members(MEMBERS[3], role=False)
    with pytest.raises(ExecutionError):
        hub.execute()
    hub.give_role(MEMBERS[3])
    before = coverage(hub)
    assert hub.execute({"only": "not swept"})["accounts"] == 1
    after = coverage(hub)
    assert (after[MEMBERS[3]].outcome, after[MEMBERS[3]].not_swept_since) == ("swept", None)
    assert {account for account in after if after[account] != before[account]} == {MEMBERS[3]}
    assert hub.execute({"only": "not swept"})["accounts"] == 0


def test_named_accounts_are_swept_without_a_listing(hub: Hub) -> None:
    hub.members(*MEMBERS)
    assert hub.execute({"accounts": [MEMBERS[1], MEMBERS[0], MEMBERS[1]]})["accounts"] == 2
    assert set(coverage(hub)) == set(MEMBERS[:2])
    assert hub.aws.count("ListAccounts") == 0


@pytest.mark.parametrize(
    "request_",
    [
        {"accounts": []},
        {"accounts": ["12345678901"]},
        {"accounts": [222222222222]},
        {"accounts": "222222222222"},
        {"only": "swept"},
        {"only": "not swept", "accounts": ["222222222222"]},
        {"account": "222222222222"},
    ],
)
def test_another_input_is_refused_before_anything_is_done(hub: Hub, request_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"account number|the input of an execution is"):
        hub.execute(request_)
    assert hub.client("dynamodb").scan(TableName=TABLE)["Items"] == []


def test_what_may_pass_gets_a_second_round_and_what_will_not_does_not(hub: Hub) -> None:
    hub.members(*MEMBERS[:2])
    hub.aws.fail("ListHandshakesForAccount", "ServiceException", times=4, account=MEMBERS[0], status=500)
    hub.aws.fail("ListHandshakesForAccount", "AccessDeniedException", times=None, account=MEMBERS[1])
    with pytest.raises(ExecutionError, match=r"^1 of 3 accounts were not swept: 1 denied \(333333333333\)$"):
        hub.execute()
    assert hub.aws.count("ListHandshakesForAccount", account=MEMBERS[0]) == 5
    assert hub.aws.count("ListHandshakesForAccount", account=MEMBERS[1]) == 1
    assert outcomes(hub)[MEMBERS[0]] == "swept"


def test_what_does_not_pass_in_two_rounds_is_named(hub: Hub) -> None:
    hub.members(MEMBERS[0])
    hub.aws.fail("ListHandshakesForAccount", "TooManyRequestsException", times=None, account=MEMBERS[0])
    with pytest.raises(ExecutionError, match=r"1 throttled \(222222222222\)"):
        hub.execute()
    assert hub.aws.count("ListHandshakesForAccount", account=MEMBERS[0]) == 8


def test_the_longest_not_swept_comes_first(hub: Hub) -> None:
    hub.members(*MEMBERS[:3])
    hub.execute({"accounts": [MEMBERS[0]]})
    hub.execute({"accounts": [HUB]})
    plan = hub.plan()
    planned = [account for batch in hub.batches(plan["key"]) for account in batch["accounts"]]
    assert planned == [MEMBERS[1], MEMBERS[2], MEMBERS[0], HUB]


def test_an_account_that_is_not_active_is_left_out_and_said_so(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.members(*MEMBERS[:2])
    hub.execute()
    hub.aws.suspend(MEMBERS[0], hub.organization)
    capsys.readouterr()
    assert hub.execute()["accounts"] == 2
    assert MEMBERS[0] not in coverage(hub)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["account"], line["reason"]) for line in lines if line.get("message") == "left out"] == [
        (MEMBERS[0], "it is SUSPENDED")
    ]


def test_accounts_are_left_out_by_configuration(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.monkeypatch.setenv("LEAVE_OUT", f"{MEMBERS[0]}, ou-none-00000000")
    hub.members(*MEMBERS[:2])
    assert hub.execute()["accounts"] == 2
    assert set(coverage(hub)) == {HUB, MEMBERS[1]}
    assert "the configuration leaves it out" in capsys.readouterr().out


def test_two_sweeps_never_overlap(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.members(*MEMBERS[:2])
    hub.plan(name="the-first")
    skipped = hub.execute()
    assert re.fullmatch(r"the sweep the-first is running, until .*Z at the latest", skipped["skipped"])
    assert hub.aws.count("ListHandshakesForAccount") == 0
    assert '"SweepsSkipped":[1.0]' in capsys.readouterr().out.replace(" ", "")
    with pytest.raises(Exception, match="the sweep the-first is running"):
        hub.execute({"accounts": [MEMBERS[0]]})


def test_the_lease_of_a_killed_sweep_ends_by_itself(hub: Hub) -> None:
    hub.members(*MEMBERS[:2])
    hub.plan()
    end_lease(hub)
    assert hub.execute()["not_swept"] == 0
    assert "Item" not in hub.client("dynamodb").get_item(TableName=TABLE, Key=LEASE)


def end_lease(hub: Hub) -> None:
    """Let the lease of a dead sweep end."""
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    hub.client("dynamodb").update_item(
        TableName=TABLE,
        Key=LEASE,
        UpdateExpression="SET #until = :past",
        ExpressionAttributeNames={"#until": "until"},
        ExpressionAttributeValues={":past": {"S": past}},
    )


def test_a_plan_that_fails_gives_its_lease_back(hub: Hub) -> None:
    hub.aws.fail("ListAccounts", "AccessDeniedException")
    with pytest.raises(Exception, match="ListAccounts failed: AccessDeniedException"):
        hub.execute()
    assert hub.execute()["accounts"] == 1


def test_a_batch_that_dies_fails_alone_and_its_accounts_are_swept_in_the_second_round(hub: Hub) -> None:
    hub.members(*MEMBERS)
    dead: list[dict[str, Any]] = []

    def die_once(batch: dict[str, Any]) -> None:
        if not dead:
            dead.append(batch)
            raise DeadFunctionError

    hub.before_batch = die_once
    assert hub.execute()["not_swept"] == 0
    assert len(dead[0]["accounts"]) == 2


def test_a_batch_that_dies_twice_is_named(hub: Hub) -> None:
    hub.members(*MEMBERS)

    def die(batch: dict[str, Any]) -> None:
        if MEMBERS[0] in batch["accounts"]:
            raise DeadFunctionError

    hub.before_batch = die
    with pytest.raises(ExecutionError, match=r"1 failed \(222222222222\)|2 failed \(111111111111, 222222222222\)"):
        hub.execute()
    assert coverage(hub)[MEMBERS[0]].detail == "the function of its batch ended without a word about it"


def test_accounts_whose_turn_does_not_come_are_out_of_time(hub: Hub) -> None:
    hub.members(*MEMBERS[:2])
    plan = hub.plan()
    batch = hub.batches(plan["key"])[0]
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert hub.invoke("batch", batch | {"ends_at": soon}) == {"accounts": 1, "swept": 0}
    assert hub.aws.count("ListHandshakesForAccount") == 0
    assert set(outcomes(hub).values()) == {"out_of_time"}


def test_what_is_new_is_published_once(hub: Hub) -> None:
    hub.members(MEMBERS[0])
    hub.members(MEMBERS[1], role=False)
    for _ in range(2):
        with pytest.raises(ExecutionError):
            hub.execute()
    (event,) = hub.events()
    assert event["detail-type"] == "Accounts Not Swept"
    detail = event["detail"]
    assert (detail["not_swept"], detail["by_outcome"], detail["event_id"]) == (
        1,
        {"no_role": 1},
        "accounts_not_swept/none",
    )
    assert detail["examples"][0]["account"] == MEMBERS[1]


def test_what_a_dead_summary_has_not_published_is_new_to_the_next_one(hub: Hub) -> None:
    hub.members(MEMBERS[2])
    hub.members(MEMBERS[0], role=False)
    for batch in hub.batches(hub.plan()["key"]):
        hub.invoke("batch", batch)
    end_lease(hub)
    with pytest.raises(ExecutionError):
        hub.execute()
    assert [event["detail"]["event_id"] for event in hub.events()] == ["accounts_not_swept/none"]
    hub.members(MEMBERS[1], role=False)
    with pytest.raises(ExecutionError):
        hub.execute()
    assert [event["detail"]["event_id"] for event in hub.events()] == ["accounts_not_swept/execution-2"]


def test_what_a_sweep_of_some_accounts_finds_is_published_by_the_next_of_the_whole_organization(hub: Hub) -> None:
    hub.members(MEMBERS[2])
    hub.execute()
    hub.members(MEMBERS[0], role=False)
    with pytest.raises(ExecutionError):
        hub.execute({"accounts": [MEMBERS[0]]})
    assert hub.events() == []
    with pytest.raises(ExecutionError):
        hub.execute()
    assert [event["detail"]["event_id"] for event in hub.events()] == ["accounts_not_swept/execution-1"]


def test_a_schedule_that_is_too_tight_is_published_when_it_becomes_so(hub: Hub) -> None:
    hub.monkeypatch.setenv("SCHEDULE_SECONDS", "60")
    for _ in range(2):
        plan = hub.plan()
        began = (datetime.now(UTC) - timedelta(minutes=30, seconds=5)).isoformat()
        hub.invoke("summary", plan | {"started_at": began, "round": 2})
    (event,) = [event for event in hub.events() if event["detail-type"] == "Schedule Too Tight"]
    assert event["detail"]["reason"] == "the sweep takes 31 minutes and starts every 1"


def test_the_metrics_of_a_sweep_and_of_its_batches(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.members(*MEMBERS[:5])
    hub.members(MEMBERS[5], role=False)
    hub.invite(MEMBERS[0], 1)
    hub.invite(MEMBERS[1], 2, "o-exampleorgid")
    with pytest.raises(ExecutionError):
        hub.execute()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line for line in lines if "_aws" in line]
    total = {
        name: sum(sum(line[name]) for line in metrics if isinstance(line.get(name), list))
        for name in ("Declined", "Left", "Pending", "SweepsFinished", "AccountsSwept", "AccountsNotSwept")
    }
    assert total == {
        "Declined": 1,
        "Left": 1,
        "Pending": 2,
        "SweepsFinished": 1,
        "AccountsSwept": 6,
        "AccountsNotSwept": 1,
    }
    assert 0 <= metrics[-1]["HoursWithoutSweep"][0] < 0.1


def test_a_campaign_is_published_when_it_is_first_seen_and_when_it_has_grown(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invitation_responder.organization.campaigns.GROWTH", 2)
    accounts = MEMBERS[:6]
    hub.members(*accounts)
    for number, account in enumerate(accounts[:2], 1):
        hub.invite(account, number)
    hub.invite(accounts[0], 50, "o-stranger0002")
    hub.execute()
    assert campaigns(hub) == []
    hub.invite(accounts[2], 3)
    hub.execute()
    assert campaigns(hub) == [("o-stranger0001", 3)]
    for number, account in enumerate(accounts[3:5], 4):
        hub.invite(account, number)
    hub.execute()
    assert campaigns(hub) == []
    hub.invite(accounts[5], 6)
    hub.execute()
    hub.execute()
    assert campaigns(hub) == [("o-stranger0001", 6)]


def campaigns(hub: Hub) -> list[tuple[str, int]]:
    events = hub.listener.take_events()
    return [
        (event["detail"]["organization"], event["detail"]["accounts"])
        for event in events
        if event["detail-type"] == "Handshake Campaign"
    ]


def named(hub: Hub) -> dict[str, str]:
    """The names in the coverage."""
    return Coverage(OrganizationTable(hub.client("dynamodb"), TABLE)).names([*MEMBERS[:3], "999999999999"])


def writes_of_names(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list to which each name is added when a plan writes it."""
    written: list[str] = []
    set_name = Coverage.set_name

    def count(self: Coverage, account: str, name: str) -> None:
        written.append(name)
        set_name(self, account, name)

    monkeypatch.setattr(Coverage, "set_name", count)
    return written


def test_names_are_in_the_coverage_from_the_plan_on_and_written_when_they_change(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = writes_of_names(hub, monkeypatch)
    for account, name in zip(MEMBERS, ("payroll", "sales"), strict=False):
        hub.aws.account(account, name=name, organization=hub.organization)
        hub.give_role(account)
    hub.before_batch = lambda _: named_before.append(named(hub))
    named_before: list[dict[str, str]] = []
    hub.execute()
    assert named_before[0] == named(hub) == {MEMBERS[0]: "payroll", MEMBERS[1]: "sales"}
    assert len(written) == 3
    assert {account: known.name for account, known in coverage(hub).items()} == {
        HUB: written[0],
        MEMBERS[0]: "payroll",
        MEMBERS[1]: "sales",
    }
    hub.execute()
    assert len(written) == 3
    Coverage(OrganizationTable(hub.client("dynamodb"), TABLE)).set_name(MEMBERS[0], "wages")
    hub.execute()
    assert written[3:] == ["wages", "payroll"]


def test_one_plan_writes_so_many_names_and_the_next_ones_the_others(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MAX_NAMES", 2)
    hub.members(*MEMBERS[:2])
    hub.execute()
    assert len([known for known in coverage(hub).values() if known.name]) == 2
    hub.execute()
    assert all(known.name for known in coverage(hub).values())


def test_an_account_that_was_planned_and_never_tried_is_not_in_the_coverage_yet(hub: Hub) -> None:
    hub.members(MEMBERS[0])
    hub.plan()
    assert named(hub) != {}
    assert coverage(hub) == {}


@pytest.mark.parametrize("table", ["marks", "nowhere"])
def test_a_rule_that_expires_soon_is_said_at_the_end_of_a_whole_sweep(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("MARKS_TABLE", table)
    soon = Rule("partners", "allow", expires=datetime.now(UTC).date() + timedelta(days=20))
    with mock_aws():
        hub = Hub(EmbeddedAws.install(), monkeypatch, tmp_path, policy=replace(POLICY, rules=(*POLICY.rules, soon)))
        create_marks_table(hub.client("dynamodb"), "marks")
        hub.members("222222222222")
        hub.execute({"accounts": ["222222222222"]})
        assert said(hub) == [], "it was no sweep of the whole organization"
        hub.execute()
        hub.execute()
        assert said(hub) == (["partners"] if table == "marks" else [])
    assert ("nobody hears which rules expire soon" in capsys.readouterr().out) is (table == "nowhere")


def said(hub: Hub) -> list[str]:
    """The rules that were said since the last call."""
    return [event["detail"]["rule"] for event in hub.events() if event["detail-type"] == "Policy Rule Expiring"]
