"""What tests may do to a call on its way: watch it, let something happen just before it, let it fail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Call:
    """One call of an operation, and the error that it was answered with, if any."""

    operation: str
    account: str
    request: dict[str, Any]
    error: str | None = None

    @property
    def handshake_id(self) -> object:
        """The handshake that the call is about, None where it is about none."""
        return self.request.get("HandshakeId")

    def is_of(self, operation: str, account: str | None, handshake: str | None) -> bool:
        """Whether it called `operation`, as `account` and about `handshake` where they are given."""
        return (
            self.operation == operation and account in {None, self.account} and handshake in {None, self.handshake_id}
        )


Hook = Callable[[Call], None]


@dataclass
class Fault:
    """An error that the next calls get: `times` of them, or all where it is None."""

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
        """Whether the fault hits this call."""
        return self.times != 0 and call.is_of(self.operation, self.account, self.handshake)


class Faults:
    """The faults and hooks that wait for their calls."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._hooks: list[tuple[str, Hook]] = []

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its calls; of several the oldest strikes first."""
        self._faults.append(fault)

    def before(self, operation: str, hook: Hook) -> None:
        """Run `hook` once, just before the next call of `operation` is executed."""
        self._hooks.append((operation, hook))

    def take_hook(self, call: Call) -> Hook | None:
        """The hook that waits for this call; it will not run again, so a hook may call the operation itself."""
        for waiting in self._hooks:
            if waiting[0] == call.operation:
                self._hooks.remove(waiting)
                return waiting[1]
        return None

    def take_fault(self, call: Call) -> Fault | None:
        """The fault that hits this call, counted down."""
        fault = next((fault for fault in self._faults if fault.hits(call)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault
