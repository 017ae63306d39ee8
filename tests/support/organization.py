"""The steps of an organization's sweep on the embedded AWS's clock, without Lambda's entries and their real time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3

from invitation_responder.aws.accounts import list_accounts
from invitation_responder.aws.batch_store import BatchStore
from invitation_responder.aws.client import CLIENT_CONFIG
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.aws.ledger_index import LedgerIndex
from invitation_responder.aws.member_roles import MemberRoles
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pace import Pace
from invitation_responder.aws.sweep_lease import SweepLease
from invitation_responder.core.decision import Decider
from invitation_responder.organization.account_sweep import AccountResult, sweep_account
from invitation_responder.organization.batch_sweep import BatchSweep
from invitation_responder.organization.batches import FUNCTION_TIMEOUT, read_batch
from invitation_responder.organization.closing import Closing
from invitation_responder.organization.planning import Planner
from invitation_responder.organization.selection import Request, Scope
from invitation_responder.sweep import Sweep
from local.embedded.world import EmbeddedAws
from support.embedded import POLICY, RETENTION
from support.hub import BUCKET, EXTERNAL_ID, HUB, LEDGER, ROLE, TABLE

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


@dataclass
class Steps:
    """The three steps, with clients of one session that acts as the hub, and of one for its members.

    Calls are paced by `sleep` and `monotonic`. `rate` is in listings a second, `schedule` the time between two sweeps.
    """

    aws: EmbeddedAws
    session: boto3.Session
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    rate: float
    schedule: timedelta = timedelta(minutes=15)
    members: boto3.Session | None = None
    table: OrganizationTable = field(init=False)
    coverage: Coverage = field(init=False)
    store: BatchStore = field(init=False)
    _invocations: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Make the clients, which all sweeps share."""
        self._members = self.members or self.aws.session(HUB)
        self._dynamodb = self.session.client("dynamodb", config=CLIENT_CONFIG)
        self._organizations = self.session.client("organizations", config=CLIENT_CONFIG)
        self.table = OrganizationTable(self._dynamodb, TABLE)
        self.coverage = Coverage(self.table)
        self.store = BatchStore(self.session.client("s3", config=CLIENT_CONFIG), BUCKET)
        self._ledger = DynamoLedger(self._dynamodb, LEDGER, retention=RETENTION)
        self._events = EventBus(lambda: self.session.client("events", config=CLIENT_CONFIG), "default")

    def plan(self, sweep: str) -> dict[str, Any]:
        """Plan a sweep of the whole organization."""
        return Planner(
            lease=SweepLease(self.table, sweep),
            list_accounts=partial(list_accounts, self._organizations, self._pace(6)),
            coverage=self.coverage,
            store=self.store,
            scope=Scope(HUB),
            rate=self.rate,
            left_out=lambda *_: None,
            now=self.aws.clock.now,
        ).plan(Request())

    def sweep(self, item: dict[str, Any]) -> Iterator[AccountResult]:
        """Sweep the accounts of a batch, each when its result is asked for."""
        batch = read_batch(item)
        self._invocations += 1
        name = f"{batch.sweep}/{self._invocations}"
        deadline = self.aws.clock.now() + FUNCTION_TIMEOUT
        listing = self._pace(batch.rate)
        roles = MemberRoles(
            self.session,
            self._members,
            HUB,
            role_name=ROLE,
            external_id=EXTERNAL_ID,
            sweep=batch.sweep,
            pace=self._pace(50),
        )

        def make_sweep(account: str, client: "OrganizationsClient") -> Sweep:
            return Sweep(
                id=name,
                receiver=account,
                decider=Decider(POLICY),
                organizations=Organizations(client, listing=listing, sleep=self.sleep, monotonic=self.monotonic),
                ledger=self._ledger,
                events=self._events,
                deadline=min(deadline, batch.ends_at),
                now=self.aws.clock.now,
            )

        return BatchSweep(
            batch=batch,
            sweep=lambda account: sweep_account(account, roles, make_sweep),
            coverage=self.coverage,
            deadline=deadline,
            now=self.aws.clock.now,
        ).run()

    def close(self, plan: dict[str, Any]) -> dict[str, Any] | None:
        """Summarize a round; returns the plan of another one if that is due."""
        _, _, another_round = Closing(
            lease=SweepLease(self.table, plan["sweep"]),
            coverage=self.coverage,
            store=self.store,
            table=self.table,
            index=LedgerIndex(self._dynamodb, LEDGER),
            events=self._events,
            rate=self.rate,
            schedule=self.schedule,
            now=self.aws.clock.now,
        ).close(plan)
        return another_round

    def _pace(self, rate: float) -> Pace:
        return Pace(1 / rate, sleep=self.sleep, monotonic=self.monotonic)
