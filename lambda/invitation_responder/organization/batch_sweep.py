"""The sweep of one batch of accounts, one after the other, in one function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from invitation_responder.aws.coverage import Coverage
from invitation_responder.organization.account_sweep import TIME_FOR_ONE_ACCOUNT, AccountResult
from invitation_responder.organization.batches import Batch

_OUT_OF_TIME: Final = "the time of its batch was up before its turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSweep:
    """Sweeps each account of a batch once, and records its coverage. `deadline` is the end of the function's time."""

    batch: Batch
    sweep: Callable[[str], AccountResult]
    coverage: Coverage
    deadline: datetime
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self) -> Iterator[AccountResult]:
        """The result of each account, recorded already. Raises `TableError` if the coverage can't be written."""
        end = min(self.deadline, self.batch.ends_at)
        for account in self.batch.accounts:
            if self.now() + TIME_FOR_ONE_ACCOUNT > end:
                result = AccountResult(account, "out_of_time", _OUT_OF_TIME)
            else:
                result = self.sweep(account)
            self.coverage.record(account, result.outcome, detail=result.detail, sweep=self.batch.sweep, now=self.now())
            yield result
