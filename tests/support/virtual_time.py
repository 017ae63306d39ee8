"""Time that passes at once: threads that sleep on a clock of their own, and calls that take their time on it."""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import TypeVar

import boto3

from local.control.clock import Clock

_Result = TypeVar("_Result")


class VirtualTime:
    """Runs threads on a clock that it moves to the next time at which one of them wakes up.

    One thread runs at a time, until it sleeps or ends, so that they need no locks.
    """

    def __init__(self, clock: Clock) -> None:
        """Move this clock, which is to be a stopped one."""
        self._clock = clock
        self._waiting: list[tuple[datetime, int, threading.Event]] = []
        self._count = 0

    def monotonic(self) -> float:
        """The clock's time in seconds."""
        return self._clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Let other threads run until the time has come."""
        turn = self._await(timedelta(seconds=max(0, seconds)))
        self._wake_next()
        turn.wait()

    def run(self, works: Iterable[Callable[[], _Result]]) -> list[_Result]:
        """Run each in a thread, beginning at the same time; returns their results when all have ended."""
        begun = [(work, self._await(timedelta())) for work in works]

        def run(work: Callable[[], _Result], turn: threading.Event) -> _Result:
            turn.wait()
            try:
                return work()
            finally:
                self._wake_next()

        with ThreadPoolExecutor(len(begun)) as threads:
            results = [threads.submit(run, work, turn) for work, turn in begun]
            self._wake_next()
        return [result.result() for result in results]

    def delay_calls(self, session: boto3.Session, seconds: Mapping[str, tuple[float, float]], seed: int) -> None:
        """Let calls of clients that the session makes from now on take their time, half of it before AWS acts.

        `seconds` has the shortest and the longest time by the service, as botocore's events name it; the rest takes
        none.
        """
        draw = random.Random(seed)

        def pass_time(event_name: str, **_: object) -> None:
            shortest, longest = seconds.get(event_name.split(".")[1], (0, 0))
            self.sleep(draw.uniform(shortest, longest) / 2)

        for half in ("request-created", "response-received"):
            session.events.register(half, pass_time)

    def _await(self, time: timedelta) -> threading.Event:
        turn = threading.Event()
        self._count += 1
        heappush(self._waiting, (self._clock.now() + time, self._count, turn))
        return turn

    def _wake_next(self) -> None:
        if self._waiting:
            moment, _, turn = heappop(self._waiting)
            self._clock.set(moment)
            turn.set()
