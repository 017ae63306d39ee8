"""The call quotas of AWS Organizations, as token buckets; off until a test enables them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Quota(NamedTuple):
    """A token bucket's size: `rate` calls a second, `burst` calls at once."""

    rate: float
    burst: float


class Quotas(NamedTuple):
    """One operation's quota for each account, and for all accounts of an organization together (None: unlimited)."""

    account: Quota
    organization: Quota | None


AWS_QUOTAS = {
    "ListHandshakesForAccount": Quotas(Quota(5, 8), Quota(6, 10)),
    "DeclineHandshake": Quotas(Quota(1, 1), Quota(5, 5)),
    "AcceptHandshake": Quotas(Quota(1, 2), Quota(5, 5)),
    "DescribeHandshake": Quotas(Quota(1, 2), Quota(6, 10)),
    "ListAccounts": Quotas(Quota(8, 12), Quota(9, 15)),
    "DescribeOrganization": Quotas(Quota(1, 2), None),
}
"""From "Quotas and service limits" in the AWS Organizations user guide."""


@dataclass
class _Bucket:
    quota: Quota
    tokens: float
    filled_at: float

    def fill(self, now: float) -> None:
        self.tokens = min(self.quota.burst, self.tokens + (now - self.filled_at) * self.quota.rate)
        self.filled_at = now


class Throttle:
    """Token buckets, one for each operation and account, and one for each operation and organization."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._quotas: dict[str, Quotas] = {}
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def enable(self, quotas: dict[str, Quotas] | None = None, *, seconds: Callable[[], float] | None = None) -> None:
        """Enforce `quotas`, or AWS's own if None, starting with full buckets.

        `seconds` returns a time in seconds; it replaces the embedded AWS's clock.
        """
        self._quotas = AWS_QUOTAS if quotas is None else quotas
        self._seconds = seconds or self._seconds
        self._buckets.clear()

    def disable(self) -> None:
        """Allow every call again."""
        self._quotas = {}

    def allows(self, operation: str, account: str, organization: str | None) -> bool:
        """True if one more call is within the quotas; that call is then counted."""
        quotas = self._quotas.get(operation)
        if quotas is None:
            return True
        buckets = [self._bucket(operation, account, quotas.account)]
        if organization is not None and quotas.organization is not None:
            buckets.append(self._bucket(operation, organization, quotas.organization))
        if any(bucket.tokens < 1 for bucket in buckets):
            return False
        for bucket in buckets:
            bucket.tokens -= 1
        return True

    def _bucket(self, operation: str, caller: str, quota: Quota) -> _Bucket:
        now = self._seconds()
        bucket = self._buckets.setdefault((operation, caller), _Bucket(quota, quota.burst, now))
        bucket.fill(now)
        return bucket
