"""Calls at an even pace, so that a quota is never met."""

import time
from collections.abc import Callable


class Pace:
    """Lets at least `seconds` pass from the start of one call to the start of the next."""

    def __init__(
        self,
        seconds: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """The first call may start at once."""
        self._seconds = seconds
        self._sleep = sleep
        self._monotonic = monotonic
        self._next = monotonic()

    def wait(self) -> None:
        """Wait until the next call may start."""
        now = self._monotonic()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._seconds
