"""The sweep that events start: of each account that they are about, once. The schedule's sweeps stay the guarantee."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from invitation_responder.core.coverage import MAY_PASS
from invitation_responder.organization.account_events import AccountEvent
from invitation_responder.organization.account_sweep import TIME_FOR_ONE_ACCOUNT, AccountResult

# Listings a second of each of the two functions that events may start at a time. With the five of the schedule's sweep
# that is the organization's quota of six.
LISTINGS_A_SECOND: Final = 0.5
_OUT_OF_TIME: Final = "the function's time was up before its turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSweep:
    """Sweeps the accounts of messages. It records no coverage: that is about the sweeps that answer, too.

    `is_known` says whether the sweeps of the organization have an account; no other one is swept. `swept_at` is when
    the last such sweep of an account began; it is changed in place, and outlives the invocation. `skipped` is called
    with each account that is not swept, and why. `deadline` is the end of the function's time.
    """

    sweep: Callable[[str], AccountResult]
    is_known: Callable[[str], bool]
    swept_at: dict[str, datetime]
    skipped: Callable[[str, str], None]
    deadline: datetime
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self, messages: Sequence[AccountEvent]) -> Iterator[AccountResult]:
        """The result of each account that is swept, in the order of the messages. Raises what `is_known` raises."""
        latest: dict[str, datetime] = {}
        for message in messages:
            for account in message.accounts:
                latest[account] = max(message.sent_at, latest.get(account, message.sent_at))
        for account, sent_at in latest.items():
            if account in self.swept_at and self.swept_at[account] > sent_at:
                self.skipped(account, "its last sweep began after these events")
            elif not self.is_known(account):
                self.skipped(account, "the sweeps of the organization do not have it")
            else:
                yield self._sweep(account)

    def _sweep(self, account: str) -> AccountResult:
        began = self.now()
        if began + TIME_FOR_ONE_ACCOUNT > self.deadline:
            return AccountResult(account, "out_of_time", _OUT_OF_TIME)
        result = self.sweep(account)
        if not should_retry(result):
            self.swept_at[account] = began
        return result


def should_retry(result: AccountResult) -> bool:
    """True if the reason for which an account was not swept may pass, or if a write or an event of its sweep failed."""
    return result.outcome in MAY_PASS or (result.report is not None and result.report.has_failed)
