"""Handshakes and their states, as AWS Organizations keeps them: no moto and no AWS in here.

A handshake is held as the plain dict that the API shows, however strange, and beside it what the API does not show.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from local.control.clock import Clock

ApiHandshake = dict[str, Any]
"""A handshake as the API shows it: its members under their own names, timestamps as datetimes."""

ClosedState = Literal["ACCEPTED", "DECLINED", "CANCELED", "EXPIRED"]
"""The states that a handshake does not leave."""

PENDING_STATES = frozenset({"REQUESTED", "OPEN"})
CLOSED_STATES = frozenset({"ACCEPTED", "DECLINED", "CANCELED", "EXPIRED"})

LISTED_AFTER_CLOSING = timedelta(days=30)
"""How long a closed handshake stays visible (the model's documentation of Handshake)."""


class UnknownHandshakeError(Exception):
    """There is no such handshake, or there is none any more."""


class AlreadyInStateError(Exception):
    """The handshake is in the wanted state already."""


class InvalidTransitionError(Exception):
    """The handshake is closed, in another state than the wanted one."""


@dataclass(eq=False)
class Handshake:
    """One handshake: what the API shows of it, and who sent and received it."""

    api: ApiHandshake
    receivers: frozenset[str] = frozenset()
    sender_account: str | None = None
    sender_organization: str | None = None
    parent: str | None = None
    closed_at: datetime | None = None
    expires: bool = True

    @property
    def id(self) -> object:
        """The handshake's id, None where it has none."""
        return self.api.get("Id")

    @property
    def action(self) -> object:
        """What the handshake is about, None where it does not say."""
        return self.api.get("Action")

    @property
    def is_pending(self) -> bool:
        """Whether it still waits for an answer."""
        return self.api.get("State") in PENDING_STATES

    def is_child_of(self, parent: str) -> bool:
        """Whether `parent` is its parent handshake, named with or without the leading `h-`."""
        # AWS's own samples of PARENT_HANDSHAKE leave the prefix out.
        return self.parent is not None and self.parent.removeprefix("h-") == parent.removeprefix("h-")

    def to_api(self) -> ApiHandshake:
        """What the API shows of it, as a copy."""
        return deepcopy(self.api)

    def has_expired(self, now: datetime) -> bool:
        """Whether its time is up at `now`."""
        return self.is_pending and self.expires and (end := self._expiration()) is not None and now >= end

    def expire(self) -> None:
        """Close it as of its expiration."""
        self.close("EXPIRED", self._expiration())

    def close(self, state: ClosedState, at: datetime | None) -> None:
        """Put it into a closed state that it entered at `at`."""
        self.api["State"] = state
        self.closed_at = at

    def _expiration(self) -> datetime | None:
        end = self.api.get("ExpirationTimestamp")
        if not isinstance(end, datetime):
            return None  # what tests seed may lack the member, or carry nonsense in it
        return end if end.tzinfo else end.replace(tzinfo=UTC)


class Handshakes:
    """All handshakes of one partition; every look at them first lets time do its work."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: list[Handshake] = []

    def add(self, handshake: Handshake) -> None:
        """Hold one more handshake; one that comes closed is taken for closed now unless it says when."""
        if handshake.api.get("State") in CLOSED_STATES and handshake.closed_at is None:
            handshake.closed_at = self._clock.now()
        self._all.append(handshake)

    def get(self, handshake_id: object) -> Handshake:
        """The handshake of that id, or UnknownHandshakeError."""
        for handshake in self._present():
            if handshake.id == handshake_id:
                return handshake
        raise UnknownHandshakeError(handshake_id)

    def received_by(self, account: str) -> list[Handshake]:
        """What `account` received, oldest first."""
        return [handshake for handshake in self._present() if account in handshake.receivers]

    def sent_by(self, organization: str) -> list[Handshake]:
        """What `organization` sent, oldest first."""
        return [handshake for handshake in self._present() if handshake.sender_organization == organization]

    def children_of(self, parent: str) -> list[Handshake]:
        """The handshakes that were sent on behalf of the handshake `parent`."""
        return [handshake for handshake in self._present() if handshake.is_child_of(parent)]

    def remove(self, handshake_id: str) -> None:
        """Drop a handshake as if its 30 days were over, or raise UnknownHandshakeError."""
        gone = self.get(handshake_id)
        self._all.remove(gone)

    def close(self, handshake: Handshake, state: ClosedState) -> None:
        """Answer or cancel a handshake now; AlreadyInStateError or InvalidTransitionError where it is closed."""
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
