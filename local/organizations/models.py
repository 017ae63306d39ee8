"""Handshakes and their state machine, without moto and without AWS.

A handshake keeps the dict that the API returns, which may be malformed, beside facts that the API does not return.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from local.control.clock import Clock

ApiHandshake = dict[str, Any]
"""A handshake as boto3 returns it: the API's member names, timestamps as datetimes."""

ClosedState = Literal["ACCEPTED", "DECLINED", "CANCELED", "EXPIRED"]
"""The final states of a handshake."""

PENDING_STATES = frozenset({"REQUESTED", "OPEN"})
CLOSED_STATES = frozenset({"ACCEPTED", "DECLINED", "CANCELED", "EXPIRED"})

LISTED_AFTER_CLOSING = timedelta(days=30)
"""A closed handshake is listed for 30 days (the service model's documentation of Handshake)."""


class UnknownHandshakeError(Exception):
    """No handshake has that id, or it is no longer listed."""


class AlreadyInStateError(Exception):
    """The handshake is already in the requested state."""


class InvalidTransitionError(Exception):
    """The handshake is closed, in another state than the requested one."""


@dataclass(eq=False)
class Handshake:
    """One handshake: the API's dict, its receivers' and sender's accounts, and its parent's id.

    `closed_at` is None for a pending handshake. With `expires` false it stays open after its ExpirationTimestamp.
    """

    api: ApiHandshake
    receivers: frozenset[str] = frozenset()
    sender_account: str | None = None
    sender_organization: str | None = None
    parent: str | None = None
    closed_at: datetime | None = None
    expires: bool = True

    @property
    def id(self) -> object:
        """The handshake's Id, None if it has none."""
        return self.api.get("Id")

    @property
    def action(self) -> object:
        """The handshake's Action, None if it has none."""
        return self.api.get("Action")

    @property
    def is_pending(self) -> bool:
        """True if it waits for an answer: REQUESTED or OPEN."""
        return self.api.get("State") in PENDING_STATES

    def is_child_of(self, parent: str) -> bool:
        """True if `parent` is the id of its parent handshake, with or without the leading `h-`."""
        # AWS's own samples of PARENT_HANDSHAKE omit the prefix.
        return self.parent is not None and self.parent.removeprefix("h-") == parent.removeprefix("h-")

    def to_api(self) -> ApiHandshake:
        """The API's dict, as a copy."""
        return deepcopy(self.api)

    def has_expired(self, now: datetime) -> bool:
        """True if it is pending at `now` and its ExpirationTimestamp has passed."""
        return self.is_pending and self.expires and (end := self._expiration()) is not None and now >= end

    def expire(self) -> None:
        """Close it as EXPIRED at its ExpirationTimestamp."""
        self.close("EXPIRED", self._expiration())

    def close(self, state: ClosedState, at: datetime | None) -> None:
        """Put it into a closed state, entered at `at`."""
        self.api["State"] = state
        self.closed_at = at

    def _expiration(self) -> datetime | None:
        end = self.api.get("ExpirationTimestamp")
        if not isinstance(end, datetime):
            return None  # a handshake that a test seeds may lack the member, or have anything in it
        return end if end.tzinfo else end.replace(tzinfo=UTC)


@dataclass(eq=False)
class Transfer:
    """A billing transfer, which outlives the handshake that asked for it. A withdrawn one ends at `ends_at`."""

    handshake: Handshake
    ends_at: datetime | None = None

    @property
    def status(self) -> str:
        """The status by the service model: that of the handshake, until somebody withdraws the transfer."""
        if self.ends_at is not None:
            return "WITHDRAWN"
        return "REQUESTED" if self.handshake.is_pending else str(self.handshake.api.get("State"))


class Handshakes:
    """All handshakes of one partition; every access first expires those that are due and drops old ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: list[Handshake] = []
        self._transfers: list[Transfer] = []

    def add(self, handshake: Handshake) -> None:
        """Add a handshake; a closed one without `closed_at` counts as closed now."""
        if handshake.api.get("State") in CLOSED_STATES and handshake.closed_at is None:
            handshake.closed_at = self._clock.now()
        self._all.append(handshake)
        if handshake.action == "TRANSFER_RESPONSIBILITY":
            self._transfers.append(Transfer(handshake))

    def get(self, handshake_id: object) -> Handshake:
        """The handshake with that id; raises `UnknownHandshakeError`."""
        for handshake in self._present():
            if handshake.id == handshake_id:
                return handshake
        raise UnknownHandshakeError(handshake_id)

    def received_by(self, account: str) -> list[Handshake]:
        """The handshakes that `account` received, oldest first."""
        return [handshake for handshake in self._present() if account in handshake.receivers]

    def sent_by(self, organization: str) -> list[Handshake]:
        """The handshakes that `organization` sent, oldest first."""
        return [handshake for handshake in self._present() if handshake.sender_organization == organization]

    def transfers_from(self, account: str) -> list[Transfer]:
        """The transfers that `account` was asked for, oldest first, also those whose handshake is listed no more."""
        self._present()
        return [transfer for transfer in self._transfers if account in transfer.handshake.receivers]

    def withdraw(self, handshake_id: str, ends_at: datetime) -> None:
        """Withdraw the transfer that a handshake asked for; raises `UnknownHandshakeError`."""
        for transfer in self._transfers:
            if transfer.handshake.id == handshake_id:
                transfer.ends_at = ends_at
                return
        raise UnknownHandshakeError(handshake_id)

    def children_of(self, parent: str) -> list[Handshake]:
        """The handshakes whose parent has the id `parent`."""
        return [handshake for handshake in self._present() if handshake.is_child_of(parent)]

    def remove(self, handshake_id: str) -> None:
        """Drop a handshake as if its 30 days were over; raises `UnknownHandshakeError`."""
        gone = self.get(handshake_id)
        self._all.remove(gone)

    def close(self, handshake: Handshake, state: ClosedState) -> None:
        """Answer or cancel a pending handshake now; raises `AlreadyInStateError` or `InvalidTransitionError`."""
        if handshake.api.get("State") == state:
            raise AlreadyInStateError(handshake.id)
        if not handshake.is_pending:
            raise InvalidTransitionError(handshake.id)
        handshake.close(state, self._clock.now())

    def _present(self) -> list[Handshake]:
        now = self._clock.now()
        for handshake in self._all:
            if handshake.has_expired(now):
                handshake.expire()
        self._all = [
            handshake
            for handshake in self._all
            if handshake.closed_at is None or now < handshake.closed_at + LISTED_AFTER_CLOSING
        ]
        return list(self._all)
