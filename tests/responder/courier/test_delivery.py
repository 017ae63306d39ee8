"""The delivery of notices: to whom, once, and what a kill at any point leaves behind."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from invitation_responder.aws.marks import Marks
from invitation_responder.aws.topic import Topic, TopicError
from invitation_responder.courier.delivery import Delivery
from local.embedded.function import create_marks_table
from support.notices import MEMBER, NOW, OWN, make_notice

REGION = "eu-west-1"
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The end of the process, which no `except Exception` stops."""


class Cloud:
    """Two topics and a table of marks, and a delivery on them."""

    def __init__(self) -> None:
        """Create them."""
        self.dynamodb = boto3.client("dynamodb", region_name=REGION)
        create_marks_table(self.dynamodb, "marks")
        self.sns = boto3.client("sns", region_name=REGION)
        self.everything, self.urgent = (self.sns.create_topic(Name=name)["TopicArn"] for name in ("all", "urgent"))
        self.now = NOW
        self.call: Callable[[], object] = lambda: None

        def on_call(**_: Any) -> None:
            self.call()

        for client in (self.dynamodb, self.sns):
            for moment in ("before-call", "after-call"):
                client.meta.events.register(moment, on_call)

    def deliver(self, *kinds: str, first: int = 1, with_urgent: bool = True) -> list[str]:
        """Deliver a notice of each kind, numbered from `first`."""
        return Delivery(
            marks=Marks(self.dynamodb, "marks"),
            everything=Topic(self.sns, self.everything),
            urgent=Topic(self.sns, self.urgent) if with_urgent else None,
            account=OWN,
            region=REGION,
            partition="aws",
            names_of=lambda accounts: dict.fromkeys(accounts, "payments-prod"),
            now=lambda: self.now,
        ).deliver([make_notice(kind, number, receiver=MEMBER) for number, kind in enumerate(kinds, first)])

    def subjects(self, topic: str) -> list[str]:
        """The subjects of the messages that a topic got."""
        sent = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[topic].sent_notifications
        return [subject for _, _, subject, *_ in sent]

    def bodies(self, topic: str) -> list[dict[str, Any]]:
        """The bodies of the messages that a topic got."""
        sent = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[topic].sent_notifications
        return [json.loads(body) for _, body, *_ in sent]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty cloud."""
    with mock_aws():
        yield Cloud()


def test_each_topic_gets_its_messages_and_the_names_of_accounts_are_in_them(cloud: Cloud) -> None:
    cloud.deliver("declined", "breach", "left", "failed")
    breach = "BREACH in 222222222222: o-stranger0001's INVITE was accepted"
    failed = "1 handshake could not be answered in 222222222222"
    assert cloud.subjects(cloud.urgent) == [breach, failed]
    assert cloud.subjects(cloud.everything) == [
        breach,
        failed,
        "1 handshake declined, 1 waits for you in 222222222222",
    ]
    assert all("222222222222 (payments-prod)" in body["default"] for body in cloud.bodies(cloud.everything))


def test_without_a_topic_for_it_what_is_urgent_goes_to_the_one_topic(cloud: Cloud) -> None:
    cloud.deliver("breach", with_urgent=False)
    assert len(cloud.subjects(cloud.everything)) == 1
    assert cloud.subjects(cloud.urgent) == []


def test_the_same_event_makes_no_second_message_within_an_hour(cloud: Cloud) -> None:
    cloud.deliver("declined", "breach")
    cloud.now += timedelta(minutes=59)
    assert cloud.deliver("declined", "breach") == []
    assert len(cloud.subjects(cloud.everything)) == 2
    cloud.now += timedelta(minutes=2)
    cloud.deliver("declined")
    assert cloud.subjects(cloud.everything)[2:] == ["1 handshake declined in 222222222222"]


def test_what_was_told_is_left_out_of_the_next_message(cloud: Cloud) -> None:
    cloud.deliver("declined")
    assert cloud.deliver("declined", "declined") == ["1 handshake declined in 222222222222"]


def test_the_same_event_twice_in_a_batch_is_told_once(cloud: Cloud) -> None:
    notice = make_notice("declined")
    Delivery(
        marks=Marks(cloud.dynamodb, "marks"),
        everything=Topic(cloud.sns, cloud.everything),
        urgent=None,
        account=OWN,
        region=REGION,
        partition="aws",
    ).deliver([notice, notice])
    assert cloud.subjects(cloud.everything) == ["1 handshake declined"]


def test_no_notices_are_no_message(cloud: Cloud) -> None:
    assert cloud.deliver() == []
    assert cloud.subjects(cloud.everything) == []


def test_a_topic_that_is_gone_is_an_error_that_names_it(cloud: Cloud) -> None:
    cloud.sns.delete_topic(TopicArn=cloud.everything)
    with pytest.raises(TopicError, match="eu-west-1:123456789012:all takes no message: NotFound"):
        cloud.deliver("declined")
    assert cloud.dynamodb.scan(TableName="marks")["Items"] == []


def test_one_topic_that_fails_holds_up_no_other(cloud: Cloud) -> None:
    cloud.sns.delete_topic(TopicArn=cloud.urgent)
    with pytest.raises(TopicError, match="eu-west-1:123456789012:urgent takes no message"):
        cloud.deliver("breach", "failed", "declined")
    assert len(cloud.subjects(cloud.everything)) == 3


def kill_at(point: int) -> Callable[[], object]:
    """A function that ends the process at the nth point, before or after a call."""
    points = iter(range(1, point + 1))

    def call() -> None:
        if next(points, None) == point:
            raise Killed

    return call


def test_a_kill_at_any_point_loses_nothing_and_tells_one_message_twice_at_most(cloud: Cloud) -> None:
    kinds, points = ("declined", "breach", "left", "failed"), list[None]()
    cloud.call = lambda: points.append(None)
    cloud.deliver(*kinds)
    assert len(points) == 30  # five messages, each with a read, a message and a mark: before each call and after it
    for point in range(1, len(points) + 1):
        before = len(cloud.subjects(cloud.everything)), len(cloud.subjects(cloud.urgent))
        cloud.call = kill_at(point)
        with pytest.raises(Killed):
            cloud.deliver(*kinds, first=10 * point)
        cloud.call = lambda: None
        cloud.deliver(*kinds, first=10 * point)
        everything, urgent = cloud.subjects(cloud.everything)[before[0] :], cloud.subjects(cloud.urgent)[before[1] :]
        assert (len(set(everything)), len(set(urgent))) == (3, 2)
        assert len(everything) + len(urgent) <= 6
        assert cloud.deliver(*kinds, first=10 * point) == []
