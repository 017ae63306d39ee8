"""The batches of a sweep, and the time that they take. Pure: the estimate for people uses the same figures.

AWS's quota is what bounds a sweep: an organization has 6 ListHandshakesForAccount a second (AWS Organizations user
guide, "Quotas and service limits"). Each worker lists at its share of the rate, so that workers share nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from invitation_responder.core.iso8601 import write_time

# Batches that run at the same time. One account takes half a second; five workers at one listing a second have as much
# time again for answers, and a new AWS account's ten concurrent functions are not used up.
WORKERS: Final = 5
FUNCTION_TIMEOUT: Final = timedelta(minutes=15)  # the most that Lambda gives
MEMORY_MIB: Final = 512
# A batch waits most of its time, and pays for its memory meanwhile. It needs a quarter of it, and with it an account
# takes well under the second that a worker has for it (`make bench` measures both).
BATCH_MEMORY_MIB: Final = 256
# Listings a second unless something else is set, of the organization's 6: people in the console use the same quota.
LISTINGS_A_SECOND: Final = 5.0
# The part of a function's time for one listing an account. The rest is for answers, longer lists and slow calls.
TIME_FOR_LISTINGS: Final = timedelta(minutes=7)
# A sweep may take three times the time that its listings take, and this much more.
_SPARE_TIME: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Batch:
    """Accounts that one worker sweeps, at `rate` listings a second. No work of the sweep goes on after `ends_at`."""

    sweep: str
    accounts: tuple[str, ...]
    rate: float
    ends_at: datetime

    def as_item(self) -> dict[str, Any]:
        """The batch as JSON, as the state machine hands it to the function."""
        return {
            "sweep": self.sweep,
            "accounts": list(self.accounts),
            "rate": self.rate,
            "ends_at": write_time(self.ends_at),
        }


def read_batch(item: dict[str, Any]) -> Batch:
    """Read a batch back; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return Batch(item["sweep"], tuple(item["accounts"]), float(item["rate"]), datetime.fromisoformat(item["ends_at"]))


def cut(accounts: Sequence[str], rate: float) -> list[tuple[str, ...]]:
    """The accounts in batches of equal size, in their order.

    Each worker has one batch or, if that would not fit into a function's time, the same number of batches as all
    others. `rate` is that of all workers together, in listings a second.
    """
    fitting = max(1, int(TIME_FOR_LISTINGS.total_seconds() * rate / WORKERS))
    turns = max(1, ceil(len(accounts) / (WORKERS * fitting)))
    size = max(1, ceil(len(accounts) / (WORKERS * turns)))
    return [tuple(accounts[start : start + size]) for start in range(0, len(accounts), size)]


def time_for(accounts: int, rate: float) -> timedelta:
    """The time that a sweep takes, at one page of handshakes an account and without answers."""
    return timedelta(seconds=accounts / rate)


def longest_time_for(accounts: int, rate: float) -> timedelta:
    """The time after which a sweep ends in any case, whatever it has not done by then."""
    return 3 * time_for(accounts, rate) + _SPARE_TIME
