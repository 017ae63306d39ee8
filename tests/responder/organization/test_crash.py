"""The sweep of an organization, killed at any point of its plan, of its batch and of its summary."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from invitation_responder.organization import batches, campaigns, closing
from local.embedded.listener import Listener
from local.embedded.world import EmbeddedAws
from local.organizations.models import UnknownHandshakeError
from support.embedded import Pause, invitation
from support.hub import BUCKET, EXTERNAL_ID, HUB, LEDGER, ROLE, TABLE, create_tables
from support.organization import Steps
from support.strategies import NOW, examples

MEMBER, WITHOUT_ROLE = "222222222222", "333333333333"
STEPS: Final = ("plan", "batch", "summary")


class Killed(BaseException):
    """The end of a function's process, which no `except Exception` stops."""


@dataclass
class Tripwire:
    """Kills the function of a step at its nth point, as often as said. Points are counted over all clients.

    There is a point before each call, and one at the function's end. A kill after a call, before the next one, leaves
    the same behind as one just before the next.
    """

    step: str
    at: int = 0
    kills: int = 1
    points: list[str] = field(default_factory=list)
    is_inside: bool = False

    @contextmanager
    def function(self, step: str) -> Iterator[None]:
        """One run of a step's function."""
        self.is_inside = step == self.step
        if self.is_inside:
            self.points.clear()
        try:
            yield
            self.touch("end")
        finally:
            self.is_inside = False

    def touch(self, point: str) -> None:
        """Pass a point."""
        if self.is_inside:
            self.points.append(point)
            if len(self.points) == self.at and self.kills:
                self.kills -= 1
                raise Killed


@dataclass(frozen=True)
class End:
    """The state after all executions, without times."""

    state: str
    ledger: list[dict[str, Any]]
    coverage: dict[str, str]
    marks: dict[str, dict[str, Any]]
    answers: int
    published: Counter[str]


class Organization:
    """The hub, a member, and an account without the role. To begin anew takes less time than to make a new one."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.wire = Tripwire("none")
        home = aws.add_organization("o-exampleorgid", management_account=HUB)
        for account in (MEMBER, WITHOUT_ROLE):
            aws.account(account, organization=home)
        aws.add_role(MEMBER, ROLE, trusts=HUB, external_id=EXTERNAL_ID)
        session, members = aws.session(HUB), aws.session(HUB)
        for each in (session, members):
            each.events.register("before-call", lambda event_name, **_: self.wire.touch(event_name.split(".", 1)[1]))
        pause, schedule = Pause(aws), timedelta(minutes=1)
        self.steps = Steps(aws, session, pause, pause.monotonic, rate=6, schedule=schedule, members=members)
        self.dynamodb = aws.client("dynamodb", HUB)
        create_tables(self.dynamodb)
        aws.client("s3", HUB).create_bucket(Bucket=BUCKET)
        self.listener = Listener(aws, HUB)

    def begin(self, wire: Tripwire) -> None:
        """Let nothing have happened but an invitation to the member."""
        self.wire = wire
        self.aws.clock.set(NOW)
        self.aws.calls.clear()
        self.listener.take_events()
        for table, keys in ((LEDGER, ("receiver", "handshake_id")), (TABLE, ("kind", "id"))):
            for item in self.dynamodb.scan(TableName=table)["Items"]:
                self.dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})
        with suppress(UnknownHandshakeError):
            self.aws.forget("h-00000001")
        self.aws.receive(MEMBER, invitation())

    def execute(self, sweep: str) -> None:
        """Run an execution. If the function of its plan or summary dies, it ends; a batch fails alone.

        Afterwards so much time passes that all leases have ended.
        """
        with suppress(Killed):
            with self.wire.function("plan"):
                plan: dict[str, Any] | None = self.steps.plan(sweep)
            while plan is not None:
                for batch in self.steps.store.read(plan["key"]):
                    with suppress(Killed), self.wire.function("batch"):
                        list(self.steps.sweep(batch))
                self.aws.clock.advance(timedelta(minutes=2))
                with self.wire.function("summary"):
                    plan = self.steps.close(plan)
        self.aws.clock.advance(timedelta(minutes=30))

    def end(self) -> End:
        """Read the state after all executions."""
        table = [item for item in self._items(TABLE) if item["kind"] != "account"]
        return End(
            state=self.aws.handshake("h-00000001")["State"],
            ledger=self._items(LEDGER),
            coverage={account: known.outcome for account, known in self.steps.coverage.read().items()},
            marks={item["id"]: item for item in table},
            answers=self.aws.count("DeclineHandshake"),
            published=Counter(event["detail"]["event_id"] for event in self.listener.take_events()),
        )

    def _items(self, table: str) -> list[dict[str, Any]]:
        times = {"version", "sweep", "first_seen_at", "first_seen_on", "updated_at", "lease_until", "ttl"}
        times |= {"last_kind_at", "last_event_at"}
        times |= {"started_at", "ended_at", "began_at"}
        deserialize = TypeDeserializer().deserialize
        items = self.dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]
        return [{name: deserialize(value) for name, value in item.items() if name not in times} for item in items]


@contextmanager
def small_organization() -> Iterator[Organization]:
    """An organization whose accounts are one batch. One account makes a campaign, today or yesterday."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(batches, "WORKERS", 1)
        patch.setattr(campaigns, "LEAST_ACCOUNTS", 1)
        patch.setattr(closing, "WINDOW", timedelta(days=1))
        yield Organization(EmbeddedAws.install())


def points() -> dict[str, list[str]]:
    """Step → every point at which its function can be killed."""
    with small_organization() as organization:
        wires = [Tripwire(step) for step in STEPS]
        for wire in wires:
            organization.begin(wire)
            organization.execute("sweep-1")
        return {wire.step: wire.points for wire in wires}


POINTS: Final = points()
EACH_POINT: Final = [
    pytest.param(step, number, id=f"{step} {number} {name}")
    for step in STEPS
    for number, name in enumerate(POINTS[step], start=1)
]


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    with small_organization() as organization:
        yield organization


@pytest.fixture(scope="module")
def undisturbed(organization: Organization) -> End:
    """The state after executions that nothing disturbed."""
    organization.begin(Tripwire("none"))
    organization.execute("sweep-1")
    organization.execute("sweep-2")
    return organization.end()


def test_the_undisturbed_end_is_the_right_one(undisturbed: End) -> None:
    assert (undisturbed.state, undisturbed.answers) == ("DECLINED", 1)
    assert undisturbed.coverage == {HUB: "swept", MEMBER: "swept", WITHOUT_ROLE: "no_role"}
    (item,) = undisturbed.ledger
    assert item["last_kind"] == "declined"
    assert not {"outbox", "intent"} & set(item)
    assert set(undisturbed.published.values()) == {1}
    assert set(normal(undisturbed).published) == {
        "h-00000001/1",
        "accounts_not_swept/none",
        "schedule_too_tight/none",
        "campaign",
    }
    assert set(undisturbed.marks) == {"last", "o-stranger0001"}


def test_there_are_points_of_every_kind() -> None:
    assert {step: Counter(names) for step, names in POINTS.items()} == {
        # the lease until the plan is made, and until the sweep must have ended; the names of the accounts
        "plan": {
            "dynamodb.GetItem": 2,
            "dynamodb.PutItem": 2,
            "dynamodb.UpdateItem": 3,
            "dynamodb.Query": 1,
            "organizations.ListAccounts": 1,
            "s3.PutObject": 1,
            "end": 1,
        },
        # an account without handshakes, one that declines, and one that can't be acted as
        "batch": {
            "organizations.ListHandshakesForAccount": 2,
            "dynamodb.Query": 2,
            "dynamodb.UpdateItem": 3,
            "sts.AssumeRole": 2,
            "dynamodb.PutItem": 2,
            "organizations.DeclineHandshake": 1,
            "eventbridge.PutEvents": 1,
            "dynamodb.TransactWriteItems": 1,
            "end": 1,
        },
        # the coverage, two days of the index, the campaigns
        "summary": {
            "s3.GetObject": 1,
            "dynamodb.Query": 4,
            "dynamodb.GetItem": 1,
            "eventbridge.PutEvents": 2,
            "dynamodb.PutItem": 2,
            "dynamodb.DeleteItem": 1,
            "s3.DeleteObject": 1,
            "end": 1,
        },
    }


@pytest.mark.untraced
@pytest.mark.parametrize(("step", "at"), EACH_POINT)
def test_after_a_kill_the_next_execution_puts_everything_right(
    step: str, at: int, organization: Organization, undisturbed: End
) -> None:
    wire = Tripwire(step, at)
    organization.begin(wire)
    organization.execute("sweep-1")
    assert wire.kills == 0
    organization.execute("sweep-2")
    assert_is_right(organization.end(), undisturbed, may_repeat=is_between(step, at))


@pytest.mark.untraced
@pytest.mark.parametrize("at", [1, 3, 6])
def test_a_batch_that_dies_twice_is_named_and_swept_by_the_next_execution(
    at: int, organization: Organization, undisturbed: End
) -> None:
    wire = Tripwire("batch", at, kills=2)
    organization.begin(wire)
    organization.execute("sweep-1")
    assert wire.kills == 0
    known = organization.steps.coverage.read()[MEMBER]
    assert (known.outcome, known.detail) == ("failed", "the function of its batch ended without a word about it")
    organization.execute("sweep-2")
    assert_is_right(organization.end(), undisturbed, may_repeat=is_between("batch", at))


@pytest.mark.untraced
@examples(4)
@given(st.lists(st.sampled_from([each.values for each in EACH_POINT]), min_size=2, max_size=3))
def test_kills_one_after_another_lose_nothing(
    organization: Organization, undisturbed: End, kills: list[tuple[Any, Any]]
) -> None:
    organization.begin(Tripwire("none"))
    for number, (step, at) in enumerate(kills):
        organization.wire = Tripwire(step, at)
        organization.execute(f"killed-{number}")
    organization.wire = Tripwire("none")
    organization.execute("sweep-9")
    assert normal(organization.end()) == normal(undisturbed)


def is_between(step: str, at: int) -> bool:
    """True if the kill comes between EventBridge's acceptance of events and its entry in the table.

    Only then are the same events published again: docs/decisions/0003-events-at-least-once.md.
    """
    return POINTS[step][at - 2 : at - 1] == ["eventbridge.PutEvents"]


def assert_is_right(found: End, undisturbed: End, *, may_repeat: bool) -> None:
    """The end is the undisturbed one: nothing is lost, and events are published twice only if they may be."""
    assert max(found.published.values()) == (2 if may_repeat else 1)
    assert normal(found) == normal(undisturbed)


def normal(found: End) -> End:
    """The same state with each event once, and without the time at which the campaign began."""
    ids = ["campaign" if event.startswith("campaign/") else event for event in found.published]
    return replace(found, published=Counter(ids))
