"""From sweeps to messages: the events of real sweeps, delivered by the courier."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.sns import sns_backends

from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.marks import Marks
from invitation_responder.aws.topic import Topic
from invitation_responder.core.ledger_entry import Acknowledgement
from invitation_responder.core.policy import Policy
from invitation_responder.courier.delivery import Delivery
from invitation_responder.courier.notice import read_notice
from local.embedded.function import create_marks_table
from support.embedded import CORPORATE, RETENTION, TABLE, Account, invitation
from support.strategies import RECEIVER

POLICY = Policy(mode="enforce", rules=(CORPORATE,), declines_per_sweep=50)


@dataclass
class Mailbox:
    """An account whose events become messages on a topic."""

    account: Account
    topic: str
    delivery: Delivery

    def deliver(self) -> list[str]:
        """Deliver the events since the last call as one batch; returns the subjects."""
        return self.delivery.deliver([read_notice(event) for event in self.account.published()])

    def letters(self) -> list[str]:
        """The texts of all messages."""
        [backend] = [backend for region in sns_backends.values() for backend in region.values() if backend.topics]
        return [json.loads(body)["default"] for _, body, *_ in backend.topics[self.topic].sent_notifications]


@pytest.fixture
def mailbox(account: Account) -> Mailbox:
    """The receiver, with a courier."""
    dynamodb: Any = account.client("dynamodb")
    create_marks_table(dynamodb, "marks")
    sns = boto3.client("sns", region_name="us-east-1")
    topic = sns.create_topic(Name="all")["TopicArn"]
    return Mailbox(
        account,
        topic,
        Delivery(
            marks=Marks(dynamodb, "marks"),
            everything=Topic(sns, topic),
            urgent=None,
            account=RECEIVER,
            region="us-east-1",
            partition="aws",
            now=account.aws.clock.now,
        ),
    )


def test_forty_invitations_in_one_sweep_make_one_message(mailbox: Mailbox) -> None:
    mailbox.account.receive(*(invitation(number) for number in range(1, 41)))
    mailbox.account.sweep(POLICY)
    assert mailbox.deliver() == ["40 handshakes declined"]
    [letter] = mailbox.letters()
    assert all(f"h-{number:08}" in letter for number in range(1, 41))
    mailbox.account.later()
    mailbox.account.sweep(POLICY)
    assert mailbox.deliver() == []


def test_a_breach_that_stays_is_said_once_a_day_until_somebody_acknowledges_it(mailbox: Mailbox) -> None:
    account = mailbox.account
    stranger = account.aws.add_organization("o-stranger0001", management_account="999999999999")
    account.receive(invitation(State="ACCEPTED"))
    account.aws.account(RECEIVER, organization=stranger, invited=True)
    heard: list[list[str]] = []
    for day in range(6):
        if day == 4:
            ledger = DynamoLedger(account.client("dynamodb"), TABLE, retention=RETENTION)
            [entry] = ledger.entries(RECEIVER).values()
            ledger.acknowledge(entry, Acknowledgement("arn:aws:iam::1:user/susan", account.aws.clock.now(), "known"))
        subjects: list[str] = []
        for sweep in range(8):
            account.sweep(POLICY, name=f"sweep-{day}-{sweep}")
            subjects += mailbox.deliver()
            account.later(hours=3)
        heard.append(subjects)
    accepted = f"in {RECEIVER}: o-stranger0001's INVITE was accepted"
    assert heard == [[f"BREACH {accepted}"], *[[f"BREACH still open {accepted}"]] * 3, [], []]
    assert "Days since it was found: 3" in mailbox.letters()[-1]
