"""The clock of the embedded AWS, which tests may stop and move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


class Clock:
    """A clock that runs in real time until `set` stops it; a stopped clock moves by `advance` only."""

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self._source = source
        self._stopped_at: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The time for every operation, timezone-aware and in UTC."""
        return self._stopped_at if self._stopped_at is not None else self._source() + self._offset

    def set(self, moment: datetime) -> None:
        """Stop the clock at `moment`; raises ValueError if it has no timezone."""
        if moment.tzinfo is None:
            raise ValueError(f"`{moment}` has no timezone: say which moment is meant")
        self._stopped_at = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`; a running clock keeps running."""
        if self._stopped_at is not None:
            self._stopped_at += by
        else:
            self._offset += by
