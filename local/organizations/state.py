"""The state of the embedded AWS beside moto's own, and its reset with moto's.

A process has one such state: both sides of a handshake see it, so that no single account's moto backend can hold it.
"""

import threading
import uuid
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta

from moto.core.base_backend import BackendDict, BaseBackend
from moto.organizations.models import organizations_backends

from local.control.clock import Clock
from local.control.faults import Call, Faults
from local.control.quotas import Throttle
from local.organizations import membership
from local.organizations.membership import Profile
from local.organizations.models import Handshakes

LIFETIMES = {
    "INVITE": timedelta(days=15),
    "ENABLE_ALL_FEATURES": timedelta(days=90),
    "APPROVE_ALL_FEATURES": timedelta(days=90),
    "TRANSFER_RESPONSIBILITY": timedelta(days=15),  # not documented; the same as for INVITE
}
"""Action → the time that a handshake stays open (user guide of AWS Organizations)."""


@dataclass
class Paging:
    """Oddities of a list's pages: empty pages before the first item, or a first page that repeats for ever."""

    empty_pages_first: int = 0
    stuck: bool = False


@dataclass(frozen=True)
class Role:
    """A role that AssumeRole may be asked for: `trusts` is an account, `external_id` is empty if none is asked for."""

    trusts: str
    external_id: str = ""


class State:
    """Everything that a reset clears."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.handshakes: defaultdict[str, Handshakes] = defaultdict(lambda: Handshakes(self.clock))
        self.profiles: dict[str, Profile] = {}
        self.credentials: dict[str, dict[str, str]] = {}
        self.locked_accounts: set[str] = set()
        self.denied_accounts: set[str] = set()
        self.roles: dict[str, Role] = {}
        self.calls: list[Call] = []
        self.faults = Faults()
        self.throttle = Throttle(lambda: self.clock.now().timestamp())
        self.paging = Paging()
        self.lifetimes = dict(LIFETIMES)
        self.pinned_ids: deque[str] = deque()

    def new_id(self) -> str:
        """The next handshake's id: the next pinned one, or a random one."""
        return self.pinned_ids.popleft() if self.pinned_ids else f"h-{uuid.uuid4().hex}"

    def account_with_email(self, email: str, partition: str) -> str | None:
        """The account with this e-mail address, ignoring case; None if there is none."""
        for account, profile in self.profiles.items():
            if profile.email.casefold() == email.casefold():
                return account
        return membership.account_with_email(email, partition)

    def profile(self, account: str, partition: str) -> Profile:
        """The profile of `account`, an invented one if none is known."""
        invented = Profile(f"{account}@example.com", f"Account {account}")
        return self.profiles.get(account) or membership.profile(account, partition) or invented


class StateBackend(BaseBackend):  # type: ignore[misc]  # moto is untyped
    """A moto backend around the state: mock_aws and POST /moto-api/reset call its `reset`."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.state = State()

    def reset(self) -> None:
        """Replace the state by an empty one, and clear a map that moto does not."""
        super().reset()
        # moto 5.2.5 keeps this map of members to management accounts across resets: an account that was a member
        # in one test would crash DescribeOrganization in the next.
        organizations_backends.master_accounts.clear()


# moto resets every BackendDict that was used since the last reset.
_backends = BackendDict(StateBackend, "local_handshakes", use_boto3_regions=False, additional_regions=["everywhere"])


def current_state() -> State:
    """The state, which is new after each of moto's resets."""
    backend: StateBackend = _backends["everyone"]["everywhere"]
    return backend.state


def reset_organizations() -> None:
    """Clear this state and moto's organizations; moto keeps everything else."""
    for account in list(organizations_backends.values()):
        account.reset()
    organizations_backends.clear()
    _backends["everyone"].reset()
