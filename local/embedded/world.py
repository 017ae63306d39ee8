"""The interface to the embedded AWS: add organizations and accounts, seed handshakes, inject faults, read state."""

import re
from datetime import datetime, timedelta
from typing import Any

from local.control.clock import Clock
from local.control.faults import Call, Fault, Hook
from local.control.quotas import Throttle
from local.embedded import sessions
from local.organizations import membership, responses, roles
from local.organizations.membership import Profile
from local.organizations.models import ApiHandshake, ClosedState, Handshake, Handshakes
from local.organizations.payloads import Sender
from local.organizations.state import Paging, Role, State, current_state, reset_organizations

SENDER_ARN = re.compile(r"arn:[^:]*:organizations::(\d{12}):handshake/(o-[a-z0-9]{10,32})/.*", re.DOTALL)


class EmbeddedAws(sessions.Sessions):
    """The embedded AWS of this process, in one partition.

    It is the same inside mock_aws and behind a server in a thread of this process. Any reset of moto empties it, with
    its clock, quotas, faults and calls; the object stays usable.
    """

    @classmethod
    def install(cls, partition: str = "aws", endpoint_url: str | None = None) -> "EmbeddedAws":
        """Install the handshake operations in moto, and start without organizations, accounts and handshakes."""
        responses.install()
        roles.install()
        reset_organizations()
        return cls(partition, endpoint_url)

    def add_organization(
        self,
        organization_id: str,
        *,
        management_account: str,
        email: str = "management@example.com",
        name: str = "Management",
        feature_set: str = "ALL",
    ) -> Sender:
        """Add an organization; `feature_set` is ALL or CONSOLIDATED_BILLING, unchecked."""
        sender = Sender(organization_id, management_account, email, name, feature_set, self.partition)
        self._state.profiles[management_account] = Profile(email, name)
        membership.create_organization(sender)
        return sender

    def account(
        self,
        account_id: str,
        *,
        email: str | None = None,
        name: str | None = None,
        organization: Sender | None = None,
        invited: bool = False,
    ) -> str:
        """Add an account: standalone, or a member that `organization` created or invited; returns its id."""
        known = self._state.profile(account_id, self.partition)
        profile = Profile(email or known.email, name or known.name)
        self._state.profiles[account_id] = profile
        if organization is not None:
            home = membership.organization_with_id(organization.organization, self.partition)
            membership.join(account_id, home, self.partition, profile, invited=invited)
        return account_id

    def receive(
        self,
        account_id: str,
        handshake: ApiHandshake,
        *,
        expires: bool = True,
        closed_at: datetime | None = None,
    ) -> None:
        """Add a handshake, even a malformed one, to those that `account_id` received.

        Its sender is the one in its ARN, if that is well-formed. Accepting an INVITE moves the account only if that
        organization was added. It expires at its ExpirationTimestamp unless `expires` is false (AWS may be late), and
        vanishes 30 days after `closed_at`, which is now for a closed one without it. Raises TypeError for values that
        JSON can't express.
        """
        responses.to_json(handshake)
        arn = handshake.get("Arn")
        named = SENDER_ARN.fullmatch(arn) if isinstance(arn, str) else None
        seeded = Handshake(
            dict(handshake),
            receivers=frozenset({account_id}),
            sender_account=named[1] if named else None,
            sender_organization=named[2] if named else None,
            parent=_parent(handshake),
            closed_at=closed_at,
            expires=expires,
        )
        # A copy, so that the caller may change its dict.
        seeded.api = seeded.to_api()
        with self._state.lock:
            self._handshakes.add(seeded)

    def received(self, account_id: str) -> list[ApiHandshake]:
        """The handshakes that `account_id` received, oldest first; not recorded as a call."""
        with self._state.lock:
            return [handshake.to_api() for handshake in self._handshakes.received_by(account_id)]

    def handshake(self, handshake_id: str) -> ApiHandshake:
        """The handshake with that id; raises `UnknownHandshakeError`. Not recorded as a call."""
        with self._state.lock:
            return self._handshakes.get(handshake_id).to_api()

    def close(self, handshake_id: str, state: ClosedState) -> None:
        """Close a handshake, as if somebody else had answered or canceled it now; has no other effect."""
        with self._state.lock:
            self._handshakes.close(self._handshakes.get(handshake_id), state)

    def forget(self, handshake_id: str) -> None:
        """Remove a handshake, as AWS does 30 days after it was closed."""
        with self._state.lock:
            self._handshakes.remove(handshake_id)

    def leave(self, account_id: str) -> None:
        """Remove a member from its organization; it then stands alone."""
        membership.leave(account_id, self.partition)

    def withdraw(self, handshake_id: str, *, ends_at: datetime) -> None:
        """Withdraw the billing transfer that a handshake asked for, as either side may: it ends at `ends_at`."""
        with self._state.lock:
            self._handshakes.withdraw(handshake_id, ends_at)

    def fail(
        self,
        operation: str,
        code: str,
        *,
        times: int | None = 1,
        account: str | None = None,
        handshake: str | None = None,
        status: int = 400,
        message: str = "injected by a test",
        takes_effect: bool = False,
        reason: str | None = None,
    ) -> None:
        """Answer the next `times` calls of an operation of Organizations (None: all) with an error.

        `account` and `handshake` narrow it to calls by that account and about that handshake. With `takes_effect` the
        operation is executed and only its answer is lost. `reason` is the error's Reason.
        """
        self._state.faults.add(Fault(operation, code, message, times, account, handshake, status, takes_effect, reason))

    def suspend(self, account_id: str, organization: Sender, state: str = "SUSPENDED") -> None:
        """Put a member of the organization into a state in which it can't be used."""
        home = membership.organization_with_id(organization.organization, self.partition)
        membership.set_state(account_id, home, self.partition, state)

    def add_role(self, account_id: str, name: str, *, trusts: str, external_id: str = "") -> str:
        """Add a role that the account `trusts` may assume; from now on no role can be assumed that was not added."""
        arn = f"arn:{self.partition}:iam::{account_id}:role/{name}"
        self._state.roles[arn] = Role(trusts, external_id)
        return arn

    def deny(self, account_id: str) -> None:
        """Answer AssumeRole for that account's roles as if a service control policy denied it."""
        self._state.denied_accounts.add(account_id)

    def lock(self, account_id: str) -> None:
        """Answer every AssumeRole for that account's roles with AccessDenied."""
        self._state.locked_accounts.add(account_id)

    def before(self, operation: str, hook: Hook) -> None:
        """Run `hook` once, with the call, just before the next call of `operation` is executed."""
        self._state.faults.before(operation, hook)

    def count(self, operation: str, *, account: str | None = None, handshake: str | None = None) -> int:
        """The number of calls of an operation, by `account` and about `handshake`; None counts all."""
        return sum(call.is_of(operation, account, handshake) for call in self.calls)

    def pin_ids(self, *handshake_ids: str) -> None:
        """Set the ids of the next handshakes to be sent; a billing transfer takes one for the transfer first."""
        self._state.pinned_ids.extend(handshake_ids)

    @property
    def clock(self) -> Clock:
        """The clock of the embedded AWS."""
        return self._state.clock

    @property
    def calls(self) -> list[Call]:
        """Every call of Organizations so far, oldest first."""
        return self._state.calls

    @property
    def quotas(self) -> Throttle:
        """The quotas, off until they are enabled."""
        return self._state.throttle

    @property
    def paging(self) -> Paging:
        """The oddities of lists' pages; a test may change them."""
        return self._state.paging

    @property
    def lifetimes(self) -> dict[str, timedelta]:
        """Action → the time that its handshakes stay open; a test may change it."""
        return self._state.lifetimes

    @property
    def _handshakes(self) -> Handshakes:
        return self._state.handshakes[self.partition]

    @property
    def _state(self) -> State:
        return current_state()


def _parent(handshake: ApiHandshake) -> str | None:
    resources: Any = handshake.get("Resources")
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict) and resource.get("Type") == "PARENT_HANDSHAKE":
            return str(resource.get("Value"))
    return None
