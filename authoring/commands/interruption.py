"""Ctrl-C where work should end between two steps, and not in the middle of one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Interruption:
    """`is_requested` is True from the first Ctrl-C on."""

    is_requested: bool = False


@contextmanager
def between_steps() -> Iterator[Interruption]:
    """Note the first Ctrl-C, for whoever looks between two steps. The second one raises `KeyboardInterrupt` at once."""
    interruption = Interruption()

    def note(_number: int, _frame: FrameType | None) -> None:
        if interruption.is_requested:
            raise KeyboardInterrupt
        interruption.is_requested = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)
