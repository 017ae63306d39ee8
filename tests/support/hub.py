"""An organization on the embedded AWS, and the three functions of its hub, run as the state machine runs them."""

import importlib
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from invitation_responder.aws.ledger_index import ATTRIBUTES, INDEX
from invitation_responder.aws.pace import Pace
from invitation_responder.core.policy import Policy
from local.embedded.function import Context, create_organization_table
from local.embedded.listener import Listener
from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender
from support.embedded import POLICY, invitation

HUB = "111111111111"
ROLE, EXTERNAL_ID = "InvitationResponder", "invitation-responder"
LEDGER, TABLE, BUCKET = "ledger", "organization", "batches"
ROOT = "r-exam"
ENVIRONMENT = {
    "LEDGER_TABLE": LEDGER,
    "ORGANIZATION_TABLE": TABLE,
    "BATCH_BUCKET": BUCKET,
    "LISTINGS_A_SECOND": "6",
    "MEMBER_ROLE": ROLE,
    "EXTERNAL_ID": EXTERNAL_ID,
    "SCHEDULE_SECONDS": "900",
}
_PACKAGE = "invitation_responder.organization"


class ExecutionError(Exception):
    """The execution ended as failed; the message is its cause."""


@dataclass
class Hub:
    """The hub and its members. Create it inside `mock_aws`; the functions are imported when they are first used."""

    aws: EmbeddedAws
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    policy: Policy = POLICY
    organization: Sender = field(init=False)
    listener: Listener = field(init=False)
    before_batch: Callable[[dict[str, Any]], None] = lambda _: None
    executions: int = 0

    def __post_init__(self) -> None:
        """Create the organization, the tables, the bucket, and the functions' environment."""
        self.organization = self.aws.add_organization("o-exampleorgid", management_account=HUB)
        for name, value in (self.aws.environment(HUB) | ENVIRONMENT).items():
            self.monkeypatch.setenv(name, value)
        policy = self.folder / "policy.json"
        policy.write_bytes(self.policy.to_json())
        self.monkeypatch.setenv("POLICY_FILE", str(policy))
        create_tables(self.client("dynamodb"))
        region = {"LocationConstraint": "eu-west-1"}
        self.client("s3", region_name="eu-west-1").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
        self.listener = Listener(self.aws, HUB)

    def client(self, service: str, **options: Any) -> Any:
        """A client with the hub's credentials."""
        return self.aws.client(service, HUB, **options)

    def function(self, name: str) -> ModuleType:
        """The module of one of the functions: plan, batch or summary."""
        module = f"{_PACKAGE}.{name}_handler"
        if module not in sys.modules or getattr(sys.modules[module], "hub", None) is not self:
            sys.modules.pop(module, None)
            logging.Logger.manager.loggerDict.pop("invitation-responder", None)  # it keeps the stdout of its first test
            imported: Any = importlib.import_module(module)
            imported.hub = self  # whose function it is
            if hasattr(imported, "Pace"):
                imported.Pace = lambda _: Pace(0)
            if hasattr(imported, "event_listing"):
                imported.event_listing = Pace(0)
        return sys.modules[module]

    def invoke(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        """Invoke one of the functions; what goes in and out passes through JSON, as in Lambda."""
        result = self.function(name).handle(json.loads(json.dumps(event)), Context(HUB))
        answer: dict[str, Any] = json.loads(json.dumps(result))
        return answer

    def members(self, *accounts: str, role: bool = True) -> None:
        """Add members, each with the role."""
        for account in accounts:
            self.aws.account(account, organization=self.organization)
            if role:
                self.give_role(account)

    def give_role(self, account: str) -> None:
        """Add the role to an account."""
        self.aws.add_role(account, ROLE, trusts=HUB, external_id=EXTERNAL_ID)

    def invite(self, account: str, number: int, organization: str = "o-stranger0001") -> None:
        """Let an invitation arrive on the real clock."""
        now = datetime.now(UTC)
        times = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + timedelta(days=14)}
        self.aws.receive(account, invitation(number, organization, **times))

    def states(self, account: str) -> list[str]:
        """The states of an account's handshakes at AWS."""
        return [handshake["State"] for handshake in self.aws.received(account)]

    def plan(self, request: dict[str, Any] | None = None, *, name: str = "") -> dict[str, Any]:
        """Run the first step of an execution."""
        self.executions += 1
        return self.invoke("plan", {"sweep": name or f"execution-{self.executions}", "input": request or {}})

    def execute(self, request: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run a whole execution; returns the output of its last step, or raises `ExecutionError` as its state Fail."""
        state = self.plan(request)
        while "skipped" not in state:
            for batch in self.batches(state["key"]) if state["batches"] else ():
                try:
                    self.before_batch(batch)
                    self.invoke("batch", batch)
                except DeadFunctionError:
                    continue
            state = self.invoke("summary", state)
            if not state["again"]:
                break
        if state.get("cause"):
            raise ExecutionError(state["cause"])
        return state

    def batches(self, key: str) -> list[dict[str, Any]]:
        """The batches of a round, as the Distributed Map reads them."""
        found: list[dict[str, Any]] = json.loads(self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        return found

    def events(self) -> list[dict[str, Any]]:
        """The events about the organization that were published since the last call."""
        return [event for event in self.listener.take_events() if not event["detail-type"].startswith("Handshake ")]


class DeadFunctionError(Exception):
    """The end of a function's process."""


def create_tables(client: Any) -> None:
    """Create the ledger with its index, and the table of organization scope."""

    def names(*keys: str) -> list[dict[str, str]]:
        return [{"AttributeName": key, "AttributeType": "S"} for key in keys]

    def schema(*keys: str) -> list[dict[str, str]]:
        return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]

    index = {
        "IndexName": INDEX,
        "KeySchema": schema("first_seen_on"),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(ATTRIBUTES)},
    }
    client.create_table(
        TableName=LEDGER,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=schema("receiver", "handshake_id"),
        AttributeDefinitions=names("receiver", "handshake_id", "first_seen_on"),
        GlobalSecondaryIndexes=[index],
    )
    create_organization_table(client, TABLE)
