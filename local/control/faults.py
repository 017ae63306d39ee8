"""Interference with calls: tests watch a call, run a hook just before it, or make it fail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Call:
    """One call of an operation; `error` is the code of its error, None if it succeeded."""

    operation: str
    account: str
    request: dict[str, Any]
    error: str | None = None

    @property
    def handshake_id(self) -> object:
        """The request's HandshakeId, None if it has none."""
        return self.request.get("HandshakeId")

    def is_of(self, operation: str, account: str | None, handshake: str | None) -> bool:
        """True if it is a call of `operation`, by `account` and about `handshake`; None matches any."""
        return (
            self.operation == operation and account in {None, self.account} and handshake in {None, self.handshake_id}
        )


Hook = Callable[[Call], None]


@dataclass
class Fault:
    """An error for the next `times` calls, or for all calls if it is None.

    `account` and `handshake` narrow it as in `Call.is_of`. With `takes_effect` the operation is executed and only its
    answer is lost. `reason` is the error's Reason.
    """

    operation: str
    code: str
    message: str = "injected by a test"
    times: int | None = 1
    account: str | None = None
    handshake: str | None = None
    status: int = 400
    takes_effect: bool = False
    reason: str | None = None

    def hits(self, call: Call) -> bool:
        """True if this call gets the error."""
        return self.times != 0 and call.is_of(self.operation, self.account, self.handshake)


class Faults:
    """The faults and hooks that are waiting for a call."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._hooks: list[tuple[str, Hook]] = []

    def add(self, fault: Fault) -> None:
        """Add a fault; the oldest of several that hit a call is the one it gets."""
        self._faults.append(fault)

    def before(self, operation: str, hook: Hook) -> None:
        """Run `hook` once, just before the next call of `operation` is executed."""
        self._hooks.append((operation, hook))

    def take_hook(self, call: Call) -> Hook | None:
        """Remove and return the oldest hook for this call, None if there is none.

        It is removed before it runs, so a hook may call the operation itself.
        """
        for index, (operation, hook) in enumerate(self._hooks):
            if operation == call.operation:
                del self._hooks[index]
                return hook
        return None

    def take_fault(self, call: Call) -> Fault | None:
        """Return the fault that hits this call, None if there is none; it has one time less left."""
        fault = next((fault for fault in self._faults if fault.hits(call)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault
