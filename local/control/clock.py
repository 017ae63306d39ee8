"""The time in the embedded AWS."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def real_time() -> datetime:
    """The real time, in UTC."""
    return datetime.now(UTC)


class Clock:
    """Shows the real time until it is set; from then on it stands still until it is moved."""

    def __init__(self, source: Callable[[], datetime] = real_time) -> None:
        self._source = source
        self._stopped_at: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The time that every operation goes by, timezone-aware and in UTC."""
        return self._stopped_at if self._stopped_at is not None else self._source() + self._offset

    def set(self, moment: datetime) -> None:
        """Stop the clock at `moment`, which must be timezone-aware (ValueError)."""
        if moment.tzinfo is None:
            raise ValueError(f"`{moment}` has no timezone: say which moment is meant")
        self._stopped_at = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the time on by `by`, whether the clock stands still or runs."""
        if self._stopped_at is not None:
            self._stopped_at += by
        else:
            self._offset += by
