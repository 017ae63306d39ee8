"""The starts of sweeps: the hub skips a start while another sweep runs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_MINUTE: Final = timedelta(minutes=1)
MIN_SCHEDULE, MAX_SCHEDULE = _MINUTE, timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ScheduleEstimate:
    """A sweep that takes the time `sweep` and starts at each `schedule`."""

    schedule: timedelta
    sweep: timedelta

    @property
    def fits(self) -> bool:
        """True if each sweep ends before the next start."""
        return self.sweep <= self.schedule

    @property
    def every(self) -> timedelta:
        """The time from one sweep to the next that is not skipped."""
        return -(-self.sweep // self.schedule) * self.schedule

    @property
    def tightest(self) -> timedelta | None:
        """The shortest schedule that fits, in whole minutes; None if not even the longest schedule does."""
        tightest = max(MIN_SCHEDULE, -(-self.sweep // _MINUTE) * _MINUTE)
        return tightest if tightest <= MAX_SCHEDULE else None
