"""The plan of a sweep over the organization: takes the lease, lists the accounts, and writes the batches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from invitation_responder.aws.accounts import Account
from invitation_responder.aws.batch_store import BatchStore
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.sweep_lease import SweepLease
from invitation_responder.core.coverage import AccountCoverage
from invitation_responder.core.iso8601 import write_time
from invitation_responder.organization.batches import FUNCTION_TIMEOUT, WORKERS, Batch, cut, longest_time_for
from invitation_responder.organization.selection import Request, Scope, in_order

# Names that one plan writes, in half a minute at most; the next plans write the others.
MAX_NAMES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans one sweep. `rate` is in listings a second.

    `list_accounts` gives the accounts of the organization, or raises `ListingError`. `left_out` is called with each
    account that is left out, and the reason.
    """

    lease: SweepLease
    list_accounts: Callable[[], list[Account]]
    coverage: Coverage
    store: BatchStore
    scope: Scope
    rate: float
    left_out: Callable[[str, str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def plan(self, request: Request) -> dict[str, Any]:
        """Plan the sweep and write its batches; returns the plan, as the state machine carries it on.

        The sweep holds the lease afterwards. Raises `SweepUnderWay`, `ListingError`, `TableError` or `BatchStoreError`.
        """
        started_at = self.now()
        self.lease.take(started_at, started_at + FUNCTION_TIMEOUT)
        try:
            accounts = self._accounts(request)
            ends_at = self.now() + longest_time_for(len(accounts), self.rate)
            self.lease.take(self.now(), ends_at)
            batches = write_batches(self.store, self.lease.sweep, 1, accounts, rate=self.rate, ends_at=ends_at)
        except Exception:
            self.lease.give_back()
            raise
        return {
            "sweep": self.lease.sweep,
            "round": 1,
            "key": round_key(self.lease.sweep, 1),
            "batches": batches,
            "accounts": len(accounts),
            "whole": request.is_whole,
            "started_at": write_time(started_at),
            "ends_at": write_time(ends_at),
        }

    def _accounts(self, request: Request) -> list[str]:
        coverage = self.coverage.read()
        if request.accounts:
            return in_order(request.accounts, coverage)
        if request.only_not_swept:
            return in_order([name for name, known in coverage.items() if known.outcome != "swept"], coverage)
        return in_order(self._listed(coverage), coverage)

    def _listed(self, coverage: dict[str, AccountCoverage]) -> list[str]:
        """The accounts to sweep, of those that AWS lists. The coverage of all others is deleted."""
        chosen = []
        for account in self.list_accounts():
            reason = self.scope.reason_to_leave_out(account)
            if reason is None:
                chosen.append(account)
            else:
                self.left_out(account.id, reason)
        self.coverage.forget(sorted(set(coverage) - {account.id for account in chosen}))
        self._write_names(chosen, coverage)
        return [account.id for account in chosen]

    def _write_names(self, accounts: list[Account], coverage: dict[str, AccountCoverage]) -> None:
        """Write the names that are new or have changed into the coverage."""
        known = {account: covered.name for account, covered in coverage.items()}
        renamed = [account for account in accounts if account.name and known.get(account.id) != account.name]
        for account in renamed[:MAX_NAMES]:
            self.coverage.set_name(account.id, account.name)


def round_key(sweep: str, number: int) -> str:
    """The key of the object with the batches of a round."""
    return f"sweeps/{sweep}/round-{number}.json"


def write_batches(
    store: BatchStore, sweep: str, number: int, accounts: list[str], *, rate: float, ends_at: datetime
) -> int:
    """Cut the accounts into batches and write them as a round; returns their number. Raises `BatchStoreError`."""
    batches = [Batch(sweep, part, rate / WORKERS, ends_at) for part in cut(accounts, rate)]
    store.write(round_key(sweep, number), [batch.as_item() for batch in batches])
    return len(batches)
