"""Each stage of a rule that expires is published once by a deployment."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.marks import Marks
from invitation_responder.core.policy import Policy, Rule
from invitation_responder.expiring_rules import publish_expiring
from local.embedded.function import create_marks_table
from local.embedded.listener import Listener
from local.embedded.world import EmbeddedAws

OWN = "222222222222"
EXPIRES = date(2027, 3, 31)
FIRST = datetime(2027, 1, 1, tzinfo=UTC)
POLICY = Policy("enforce", rules=(Rule("partners", "allow", expires=EXPIRES), Rule("ever", "allow")))


class Killed(BaseException):
    """The end of the process."""


@dataclass
class Deployment:
    """A table of marks and a bus."""

    aws: EmbeddedAws
    listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        """Create both."""
        self.dynamodb = self.aws.client("dynamodb", OWN)
        create_marks_table(self.dynamodb, "marks")
        self.calls: list[str] = []
        self.dynamodb.meta.events.register("before-call.dynamodb", lambda model, **_: self.calls.append(model.name))
        self.listener = Listener(self.aws, OWN)

    def publish(self, now: datetime, policy: Policy = POLICY) -> list[str]:
        """Publish what is due; returns the errors."""
        bus = EventBus(lambda: self.aws.client("events", OWN), "default")
        return publish_expiring(policy, bus, Marks(self.dynamodb, "marks"), now)

    def said(self) -> list[str]:
        """The ids of the events since the last call."""
        return [event["detail"]["event_id"] for event in self.listener.take_events()]


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    """A new deployment."""
    with mock_aws():
        yield Deployment(EmbeddedAws.install())


def test_a_rule_is_said_thirty_and_seven_days_before_it_expires_and_at_no_other_time(deployment: Deployment) -> None:
    said = []
    for hours in range(0, 100 * 24, 6):
        now = FIRST + timedelta(hours=hours)
        assert deployment.publish(now) == []
        said += [(now, event_id) for event_id in deployment.said()]
    assert said == [
        (datetime(2027, 3, 1, tzinfo=UTC), "rule/partners/2027-03-31/30"),
        (datetime(2027, 3, 24, tzinfo=UTC), "rule/partners/2027-03-31/7"),
    ]


@pytest.mark.parametrize(("left", "said"), [(20, [30, 7]), (5, [7]), (0, [])])
def test_a_rule_that_is_deployed_late_is_said_at_the_stages_that_are_left(
    deployment: Deployment, left: int, said: list[int]
) -> None:
    first = datetime(2027, 3, 31, tzinfo=UTC) - timedelta(days=left)
    for day in range(left + 2):
        deployment.publish(first + timedelta(days=day))
    assert deployment.said() == [f"rule/partners/2027-03-31/{days}" for days in said]


def test_a_later_day_is_said_anew(deployment: Deployment) -> None:
    now = datetime(2027, 3, 2, tzinfo=UTC)
    deployment.publish(now)
    deployment.publish(now, Policy("enforce", rules=(Rule("partners", "allow", expires=date(2027, 4, 1)),)))
    assert deployment.said() == ["rule/partners/2027-03-31/30", "rule/partners/2027-04-01/30"]


def test_another_policy_with_the_same_rule_says_it_no_more(deployment: Deployment) -> None:
    now = datetime(2027, 3, 2, tzinfo=UTC)
    deployment.publish(now)
    deployment.said()
    deployment.publish(now, replace(POLICY, mode="audit"))
    assert deployment.said() == []


def test_the_marks_are_read_only_if_a_rule_expires_soon(deployment: Deployment) -> None:
    deployment.publish(FIRST)
    deployment.publish(datetime(2027, 4, 1, tzinfo=UTC))
    assert deployment.calls == []
    deployment.publish(datetime(2027, 3, 2, tzinfo=UTC))
    assert deployment.calls == ["BatchGetItem", "BatchWriteItem"]
    deployment.publish(datetime(2027, 3, 3, tzinfo=UTC))
    assert deployment.calls == ["BatchGetItem", "BatchWriteItem", "BatchGetItem"]


def test_a_mark_stays_until_its_rule_has_expired(deployment: Deployment) -> None:
    deployment.publish(datetime(2027, 3, 1, tzinfo=UTC))
    [item] = deployment.dynamodb.scan(TableName="marks")["Items"]
    assert int(item["ttl"]["N"]) >= datetime(2027, 3, 31, tzinfo=UTC).timestamp()


def test_hundreds_of_rules_are_marked_as_they_are_published(deployment: Deployment) -> None:
    many = Policy("enforce", rules=tuple(Rule(f"r{number}", "allow", expires=EXPIRES) for number in range(250)))
    now = datetime(2027, 3, 2, tzinfo=UTC)
    writes = 0

    def kill(**_: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == 5:  # the second hundred is published, and none of it marked
            raise Killed

    deployment.dynamodb.meta.events.register("before-call.dynamodb.BatchWriteItem", kill)
    with pytest.raises(Killed):
        deployment.publish(now, many)
    before = deployment.said()
    assert len(set(before)) == 200
    assert deployment.publish(now, many) == []
    after = deployment.said()
    assert len(after) == 150
    assert len({*before, *after}) == 250


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_without_its_table_it_is_an_error_of_the_sweep(deployment: Deployment, operation: str) -> None:
    def lose(**_: Any) -> None:
        deployment.aws.client("dynamodb", OWN).delete_table(TableName="marks")

    deployment.dynamodb.meta.events.register(f"before-call.dynamodb.{operation}", lose)
    (error,) = deployment.publish(datetime(2027, 3, 2, tzinfo=UTC))
    assert error.startswith(
        "nobody hears which rules expire soon: BatchGetItem on marks failed: "
        if operation == "BatchGetItem"
        else "rules that expire soon will be said again: BatchWriteItem on marks failed: "
    )
    assert len(deployment.said()) == (operation == "BatchWriteItem")


def test_what_the_bus_does_not_take_is_an_error_and_said_by_the_next_sweep(deployment: Deployment) -> None:
    now = datetime(2027, 3, 2, tzinfo=UTC)
    lost = EventBus(lambda: deployment.aws.client("events", OWN), "nowhere")
    errors = publish_expiring(POLICY, lost, Marks(deployment.dynamodb, "marks"), now)
    assert len(errors) == 1
    assert deployment.calls == ["BatchGetItem"]
    assert deployment.publish(now) == []
    assert deployment.said() == ["rule/partners/2027-03-31/30"]
