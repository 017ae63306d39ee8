"""Reminders of what stays open, each once, by sweeps whose clock the test moves."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.core.ledger_entry import Acknowledgement
from invitation_responder.core.policy import Policy
from local.organizations.payloads import Sender
from support.embedded import POLICY, RETENTION, STRANGER, TABLE, Account, invitation
from support.strategies import NOW, RECEIVER

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
LEAVING_ALL = Policy("enforce", default="allow")


@pytest.fixture
def stranger(account: Account) -> Sender:
    """The organization of the sender."""
    return account.aws.add_organization(STRANGER, management_account="999999999999")


def move(account: Account, stranger: Sender) -> None:
    """Let somebody accept a stranger's invitation, by which the account moves."""
    account.receive(invitation(State="ACCEPTED"))
    account.aws.account(RECEIVER, organization=stranger, invited=True)


def sweep_for(account: Account, time: timedelta, policy: Policy = POLICY, every: timedelta = QUARTER) -> list[Any]:
    """Sweep for so long; what was said: the day of each event, its kind, and the days that a reminder names."""
    said = []
    for number in range(time // every):
        account.sweep(policy, name=f"sweep-{account.aws.clock.now()}-{number}")
        day = (account.aws.clock.now() - NOW) // DAY
        said += [(day, event["detail"]["kind"], event["detail"].get("days")) for event in account.published()]
        account.later(minutes=every / timedelta(minutes=1))
    return said


def acknowledge(account: Account, number: int = 1) -> None:
    """Acknowledge a breach."""
    ledger = DynamoLedger(account.client("dynamodb"), TABLE, retention=RETENTION)
    entry = ledger.entries(RECEIVER)[f"h-{number:08}"]
    ledger.acknowledge(entry, Acknowledgement("arn:aws:iam::222222222222:user/susan", account.aws.clock.now(), "known"))


def test_a_breach_that_stays_is_said_once_a_day_until_it_is_acknowledged(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    assert sweep_for(account, 4 * DAY) == [
        (0, "breach", None),
        (1, "breach_unresolved", 1),
        (2, "breach_unresolved", 2),
        (3, "breach_unresolved", 3),
    ]
    assert account.aws.count("DescribeOrganization") == 3, "AWS is asked only before it is said again"
    acknowledge(account)
    assert sweep_for(account, 3 * DAY, every=timedelta(hours=6)) == []
    assert account.ledger()["h-00000001"]["acknowledged_reason"] == "known"


def test_sweeps_once_a_day_say_it_too(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    assert [days for _, _, days in sweep_for(account, 4 * DAY, every=DAY)] == [None, 1, 2, 3]


def test_a_breach_is_said_again_when_aws_has_forgotten_the_handshake(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    account.sweep()
    account.published()
    account.later(days=40)
    assert account.aws.received(RECEIVER) == []
    assert sweep_for(account, QUARTER) == [(40, "breach_unresolved", 40)]


def test_a_breach_is_undone_when_the_account_is_back(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    assert sweep_for(account, DAY + QUARTER)[-1] == (1, "breach_unresolved", 1)
    account.aws.leave(RECEIVER)
    assert sweep_for(account, 3 * DAY, every=timedelta(hours=6)) == []
    assert account.ledger()["h-00000001"]["undone_at"] == "2026-11-24T12:15:00Z"
    assert account.aws.count("DescribeOrganization") == 2


def test_an_account_in_another_organization_is_back_too(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    account.sweep()
    home = account.aws.add_organization("o-exampleorgid", management_account="111111111111")
    account.aws.account(RECEIVER, organization=home)
    account.published()
    assert sweep_for(account, 2 * DAY, every=timedelta(hours=6)) == []


def transfer(number: int = 1, account: str = "999999999999") -> dict[str, Any]:
    """A handshake by which somebody took over the account's bill."""
    handshake_id = f"h-{number:08}"
    arn = f"arn:aws:organizations::{account}:handshake/{STRANGER}/transfer_responsibility/{handshake_id}"
    return invitation(number, Action="TRANSFER_RESPONSIBILITY", State="ACCEPTED", Arn=arn)


def test_a_billing_transfer_is_undone_when_it_is_withdrawn(account: Account, stranger: Sender) -> None:
    account.aws.add_organization("o-exampleorgid", management_account=RECEIVER)
    account.receive(transfer())
    assert sweep_for(account, 2 * DAY, every=timedelta(hours=6)) == [(0, "breach", None), (1, "breach_unresolved", 1)]
    account.aws.withdraw("h-00000001", ends_at=NOW + 30 * DAY)
    assert sweep_for(account, 2 * DAY, every=timedelta(hours=6)) == []
    assert "undone_at" in account.ledger()["h-00000001"]


@pytest.mark.parametrize(
    ("handshake", "operation", "error", "reason"),
    [
        pytest.param(
            invitation(State="ACCEPTED"),
            "DescribeOrganization",
            None,
            f"the account is still in {STRANGER}",
            id="an account that is still there",
        ),
        pytest.param(
            invitation(State="ACCEPTED"),
            "DescribeOrganization",
            "AccessDeniedException",
            "it counts as standing, since DescribeOrganization failed: AccessDeniedException: injected by a test",
            id="an account that may not be asked about",
        ),
        pytest.param(
            transfer(),
            "ListOutboundResponsibilityTransfers",
            None,
            "the transfer of the bill has not ended",
            id="a transfer that goes on",
        ),
        pytest.param(
            transfer(),
            "ListOutboundResponsibilityTransfers",
            "TooManyRequestsException",
            "it counts as standing, since ListOutboundResponsibilityTransfers failed: TooManyRequestsException: "
            "injected by a test",
            id="a transfer, and too many calls",
        ),
        pytest.param(
            invitation(State="ACCEPTED", Action="ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"),
            None,
            None,
            "it can't be undone, only acknowledged",
            id="what can't be undone",
        ),
    ],
)
def test_the_reason_says_why_it_counts_as_standing(
    account: Account,
    *,
    stranger: Sender,
    handshake: dict[str, Any],
    operation: str | None,
    error: str | None,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's, between two tries
    if handshake["Action"] == "TRANSFER_RESPONSIBILITY":
        account.aws.add_organization("o-exampleorgid", management_account=RECEIVER)
    else:
        account.aws.account(RECEIVER, organization=stranger, invited=True)
    account.receive(handshake)
    policy = Policy("enforce", protect=())
    account.sweep(policy)
    (breach,) = account.published()
    account.later(days=1)
    if error:
        account.aws.fail(str(operation), error, times=None)
    report = account.sweep(policy, name="sweep-2")
    assert not report.has_failed
    (again,) = account.published()
    assert again["detail-type"] == "Handshake Breach Unresolved"
    assert again["detail"]["reason"] == f"{breach['detail']['reason']}; {reason}"
    unsaid = ("event_id", "kind", "reason", "days")
    assert {name: value for name, value in again["detail"].items() if name not in unsaid} == {
        name: value for name, value in breach["detail"].items() if name not in unsaid
    }
    assert account.ledger()["h-00000001"]["reason"] == breach["detail"]["reason"]
    assert account.aws.count("DescribeOrganization") == (operation == "DescribeOrganization")


def test_several_breaches_ask_aws_once(account: Account, stranger: Sender) -> None:
    account.aws.account(RECEIVER, organization=stranger, invited=True)
    account.receive(*(invitation(number, State="ACCEPTED") for number in range(1, 4)))
    account.sweep()
    account.later(days=1)
    account.published()
    account.sweep(name="sweep-2")
    assert len(account.published()) == 3
    assert account.aws.count("DescribeOrganization") == 1


def test_without_time_to_ask_a_breach_is_left_to_the_next_sweep(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    account.sweep()
    account.later(days=1)
    account.published()
    account.sweep(name="sweep-2", minutes=89 / 60)
    assert account.published() == []
    account.sweep(name="sweep-3", minutes=90 / 60)
    assert [event["detail"]["days"] for event in account.published()] == [1]


def test_a_reminder_that_the_ledger_does_not_take_is_an_error_and_not_said(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    account.sweep()
    account.later(days=1)
    account.published()

    def client(service: str) -> Any:
        made = account.client(service)
        lose = lambda **_: account.client("dynamodb").delete_table(TableName=TABLE)  # noqa: E731
        made.meta.events.register("after-call.organizations.DescribeOrganization", lose)
        return made

    (error,) = account.sweep(name="sweep-2", clients=client).errors
    assert error.startswith("h-00000001: the ledger can't be written: ResourceNotFoundException: ")
    assert account.published() == []


def test_sweeps_that_events_start_say_it_too(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    account.receive(invitation(2, "o-exampleorgid", ExpirationTimestamp=NOW + 8 * DAY))
    account.sweep(answers=False)
    account.later(days=1)
    account.published()
    account.sweep(answers=False, name="sweep-2")
    assert sorted(event["detail"]["kind"] for event in account.published()) == ["answer_due", "breach_unresolved"]


def test_what_waits_for_a_person_is_said_at_each_stage_once(account: Account) -> None:
    account.receive(invitation(1), invitation(2, Action="SELL_ACCOUNT"))
    said = Counter(sweep_for(account, 15 * DAY, LEAVING_ALL, every=timedelta(hours=1)))
    assert said == {
        (0, "left", None): 1,
        (0, "undecided", None): 1,
        (7, "answer_due", 7): 2,
        (11, "answer_due", 3): 2,
        (13, "answer_due", 1): 2,
        (14, "already_closed", None): 2,
    }


def test_what_is_first_seen_two_days_before_its_end_is_not_said_at_three_days(account: Account) -> None:
    account.receive(invitation(ExpirationTimestamp=NOW + 2 * DAY))
    assert sweep_for(account, 2 * DAY, LEAVING_ALL) == [(0, "left", None), (1, "answer_due", 1)]


def test_after_days_without_a_sweep_the_nearest_stage_alone_is_said(account: Account) -> None:
    account.receive(invitation())
    account.sweep(LEAVING_ALL)
    account.published()
    account.later(days=13, hours=12)
    assert sweep_for(account, QUARTER, LEAVING_ALL) == [(13, "answer_due", 1)]


def test_what_is_answered_is_not_said_again(account: Account) -> None:
    account.receive(invitation())
    account.sweep(LEAVING_ALL)
    account.aws.close("h-00000001", "DECLINED")
    account.published()
    said = sweep_for(account, 15 * DAY, LEAVING_ALL, every=timedelta(hours=6))
    assert said == [(0, "already_closed", None)]


def test_another_kind_is_an_event_and_no_reminder(account: Account) -> None:
    account.receive(invitation(ExpirationTimestamp=NOW + 3 * DAY + QUARTER))
    account.sweep(Policy("audit"))
    account.published()
    account.later()
    assert sweep_for(account, 2 * QUARTER, LEAVING_ALL) == [(0, "left", None)]


def test_a_ledger_of_an_earlier_version_is_read_and_reminded_of(account: Account, stranger: Sender) -> None:
    move(account, stranger)
    account.receive(invitation(2, "o-exampleorgid"))
    account.sweep()
    account.published()
    for handshake_id in account.ledger():
        account.client("dynamodb").update_item(
            TableName=TABLE,
            Key={"receiver": {"S": RECEIVER}, "handshake_id": {"S": handshake_id}},
            UpdateExpression="REMOVE last_kind_at, last_event_at",
        )
    said = sweep_for(account, 8 * DAY, every=timedelta(hours=6))
    assert sorted((kind, days) for _, kind, days in said) == [
        ("answer_due", 7),
        *(("breach_unresolved", days) for days in range(1, 8)),
    ]


@pytest.mark.parametrize("when", ["before-call", "after-call"])
def test_two_sweeps_at_once_say_a_reminder_once(account: Account, stranger: Sender, when: str) -> None:
    move(account, stranger)
    account.receive(invitation(2, "o-exampleorgid", ExpirationTimestamp=NOW + 8 * DAY))
    account.sweep()
    account.later(days=1)
    account.published()

    def client(service: str) -> Any:
        made = account.client(service)
        sweep = lambda **_: account.sweep(name="sweep-3")  # noqa: E731
        made.meta.events.register(f"{when}.organizations.DescribeOrganization", sweep)
        return made

    account.sweep(name="sweep-2", clients=client)
    said = Counter(event["detail"]["event_id"] for event in account.published())
    assert said == {"h-00000001/2": 1, "h-00000002/2": 1}
