"""The summary of a sweep: which accounts were swept, and which were not and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from invitation_responder.core.coverage import MAY_PASS, AccountCoverage, AccountOutcome

_MAX_NAMED: Final = 5  # accounts of one reason that the cause of a failed execution names
MAX_EXAMPLES: Final = 20
# The order of the reasons: what a person has to mend comes first.
_REASONS: Final[tuple[AccountOutcome, ...]] = ("no_role", "denied", "failed", "throttled", "out_of_time")
NO_WORD: Final = "the function of its batch ended without a word about it"


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of one sweep for its accounts."""

    accounts: int
    not_swept: tuple[AccountCoverage, ...]

    @property
    def to_try_again(self) -> list[str]:
        """The accounts whose reason may pass."""
        return [account.account for account in self.not_swept if account.outcome in MAY_PASS]

    @property
    def by_outcome(self) -> dict[str, int]:
        """The number of accounts that were not swept, by reason."""
        counts = {reason: sum(one.outcome == reason for one in self.not_swept) for reason in _REASONS}
        return {reason: count for reason, count in counts.items() if count}

    def cause(self) -> str:
        """One sentence about the accounts that were not swept, for people."""
        reasons = []
        for reason, count in self.by_outcome.items():
            named = [one.account for one in self.not_swept if one.outcome == reason][:_MAX_NAMED]
            more = f" and {count - len(named)} more" if count > len(named) else ""
            reasons.append(f"{count} {reason.replace('_', ' ')} ({', '.join(named)}{more})")
        return f"{len(self.not_swept)} of {self.accounts} accounts were not swept: {', '.join(reasons)}"

    def newly_not_swept(self, since: datetime | None) -> bool:
        """True if an account has not been swept since a later time than `since`; None is the time before all sweeps."""
        ends = [one.not_swept_since for one in self.not_swept if one.not_swept_since is not None]
        return any(since is None or end > since for end in ends)

    def examples(self) -> list[dict[str, Any]]:
        """Some of the accounts that were not swept, for an event."""
        return [
            {"account": one.account, "outcome": one.outcome, "detail": one.detail}
            for one in self.not_swept[:MAX_EXAMPLES]
        ]


def summarize(accounts: Sequence[str], coverage: Mapping[str, AccountCoverage]) -> Summary:
    """The summary of a sweep of these accounts, each of which has its coverage."""
    return Summary(len(accounts), tuple(coverage[name] for name in accounts if coverage[name].outcome != "swept"))


def without_word(accounts: Sequence[str], coverage: Mapping[str, AccountCoverage], sweep: str) -> list[str]:
    """The accounts that this sweep has not tried, as far as the coverage says: their batch died."""
    return [name for name in accounts if name not in coverage or coverage[name].sweep != sweep]


def longest_without_sweep(coverage: Mapping[str, AccountCoverage], now: datetime) -> timedelta:
    """The time since the last sweep of the account that has gone longest without one."""
    return max((now - one.covered_until for one in coverage.values()), default=timedelta(0))
