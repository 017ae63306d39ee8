"""The coverage of an organization: when each account was last swept, and why it was not. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

AccountOutcome = Literal["swept", "no_role", "denied", "throttled", "failed", "out_of_time"]
# Reasons that may pass: these accounts get a second try.
MAY_PASS: Final[frozenset[AccountOutcome]] = frozenset({"throttled", "failed", "out_of_time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCoverage:
    """The coverage of one account. Times are timezone-aware.

    `sweep` names the last sweep that tried the account, with the result `outcome` and, if that is not `swept`, the
    reason in `detail`. `not_swept_since` is the time of the first try that failed after the last one that did not.
    `name` is what its owner calls the account; empty if that is not known.
    """

    account: str
    first_tried_at: datetime
    last_tried_at: datetime
    sweep: str
    outcome: AccountOutcome
    detail: str = ""
    name: str = ""
    last_swept_at: datetime | None = None
    not_swept_since: datetime | None = None

    @property
    def covered_until(self) -> datetime:
        """The time of the last sweep; of the first try if the account was never swept."""
        return self.last_swept_at or self.first_tried_at
