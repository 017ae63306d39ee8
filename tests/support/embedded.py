"""One account on the embedded AWS: its handshakes, a ledger table, and a bus whose events end in a queue."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from invitation_responder.aws.client import CLIENT_CONFIG
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.organizations import Organizations
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy, Rule
from invitation_responder.core.record import Record
from invitation_responder.sweep import Report, Sweep
from local.embedded.function import create_ledger_table
from local.embedded.listener import Listener
from local.embedded.world import EmbeddedAws
from support.strategies import NOW, RECEIVER

TABLE = "ledger"
RETENTION = timedelta(days=365)

CORPORATE = Rule("corporate", "allow", organizations=("o-exampleorgid",))
POLICY = Policy(mode="enforce", rules=(CORPORATE,))

STRANGER = "o-stranger0001"


def invitation(number: int = 1, organization: str = STRANGER, **members: Any) -> dict[str, Any]:
    """An invitation from an organization, an hour old; `members` replace the API's members, None removes one."""
    handshake_id = f"h-{number:08}"
    whole: dict[str, Any] = {
        "Id": handshake_id,
        "Arn": f"arn:aws:organizations::999999999999:handshake/{organization}/invite/{handshake_id}",
        "Parties": [{"Id": organization, "Type": "ORGANIZATION"}, {"Id": RECEIVER, "Type": "ACCOUNT"}],
        "State": "OPEN",
        "Action": "INVITE",
        "RequestedTimestamp": NOW - timedelta(hours=1),
        "ExpirationTimestamp": NOW + timedelta(days=14),
        "Resources": [
            {
                "Type": "ORGANIZATION",
                "Value": organization,
                "Resources": [
                    {"Type": "MASTER_EMAIL", "Value": "mallory@evil.example"},
                    {"Type": "MASTER_NAME", "Value": "Mallory Ltd"},
                ],
            },
            {"Type": "NOTES", "Value": "a gift card\nfor you"},
        ],
    }
    return {name: value for name, value in {**whole, **members}.items() if value is not None}


class Pause:
    """A `sleep` on the embedded AWS's clock, which records the seconds in `slept`."""

    def __init__(self, aws: EmbeddedAws) -> None:
        """Sleep by moving the embedded AWS's clock."""
        self.aws = aws
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        """Sleep."""
        self.slept.append(seconds)
        self.aws.clock.advance(timedelta(seconds=seconds))

    def monotonic(self) -> float:
        """The clock's time in seconds."""
        return self.aws.clock.now().timestamp()


@dataclass
class Account:
    """The receiver, ready for a sweep. Create it inside `mock_aws`."""

    aws: EmbeddedAws
    pause: Pause = field(init=False)
    listener: Listener = field(init=False)
    _clients: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Create the ledger's table and a listener to the events."""
        self.aws.clock.set(NOW)
        self.aws.account(RECEIVER, email="susan@example.com")
        self.pause = Pause(self.aws)
        create_ledger_table(self.client("dynamodb"), TABLE)
        self.listener = Listener(self.aws, RECEIVER)

    def client(self, service: str) -> Any:
        """A client with the receiver's credentials."""
        return self.aws.client(service, RECEIVER, region_name="us-east-1", config=CLIENT_CONFIG)

    def _shared(self, service: str) -> Any:
        """A client that nobody listens to, made once: that takes longer than most calls."""
        if service not in self._clients:
            self._clients[service] = self.client(service)
        return self._clients[service]

    def sweep(
        self,
        policy: Policy = POLICY,
        *,
        name: str = "sweep-1",
        minutes: float = 5,
        clients: Callable[[str], Any] | None = None,
        observe: Callable[[Record], None] = lambda _: None,
        sender_text: bool = False,
        answers: bool = True,
    ) -> Report:
        """Sweep the account at the clock's time, with so many minutes to do it in."""
        client = clients or self._shared
        return Sweep(
            id=name,
            receiver=RECEIVER,
            decider=Decider(policy),
            organizations=Organizations(client("organizations"), sleep=self.pause, monotonic=self.pause.monotonic),
            ledger=DynamoLedger(client("dynamodb"), TABLE, retention=RETENTION),
            events=EventBus(lambda: client("events"), "default"),
            deadline=self.aws.clock.now() + timedelta(minutes=minutes),
            now=self.aws.clock.now,
            observe=observe,
            sender_text=sender_text,
            answers=answers,
        ).run()

    def later(self, **delta: float) -> datetime:
        """Advance the clock by `delta`, by default a quarter of an hour; returns the time."""
        self.aws.clock.advance(timedelta(**delta) if delta else timedelta(minutes=15))
        return self.aws.clock.now()

    def receive(self, *handshakes: dict[str, Any]) -> None:
        """Let handshakes arrive."""
        for handshake in handshakes:
            self.aws.receive(RECEIVER, handshake)

    def state(self, number: int = 1) -> str:
        """A handshake's state at AWS."""
        return str(self.aws.handshake(f"h-{number:08}")["State"])

    def answers(self, number: int = 1) -> int:
        """The number of answers to a handshake that were sent to AWS."""
        return sum(
            self.aws.count(operation, handshake=f"h-{number:08}")
            for operation in ("DeclineHandshake", "AcceptHandshake")
        )

    def ledger(self) -> dict[str, dict[str, Any]]:
        """The ledger's items as they stand in the table."""
        items = self._shared("dynamodb").scan(TableName=TABLE, ConsistentRead=True)["Items"]
        deserialize = TypeDeserializer().deserialize
        plain = [{name: deserialize(value) for name, value in item.items()} for item in items]
        return {item["handshake_id"]: item for item in plain}

    def published(self) -> list[dict[str, Any]]:
        """The events published since the last call, in the order of their arrival."""
        return self.listener.take_events()


def kinds(report: Report) -> dict[str, str]:
    """Handshake id → kind of its record."""
    return {record.handshake_id: record.kind for record in report.records}
