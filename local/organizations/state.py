"""What the embedded AWS knows beside moto's own state, and how moto's resets reach it.

Both sides of a handshake see it, so it can't live in one account's moto backend: there is one state in a process.
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
    "TRANSFER_RESPONSIBILITY": timedelta(days=15),  # not documented; taken over from INVITE
}
"""How long a handshake of an action stays open (user guide of AWS Organizations)."""


@dataclass
class Paging:
    """How strangely lists are paged: empty pages before the first item, or one page whose token never ends."""

    empty_pages_first: int = 0
    stuck: bool = False


class State:
    """Everything that a reset empties."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.handshakes: defaultdict[str, Handshakes] = defaultdict(lambda: Handshakes(self.clock))
        self.profiles: dict[str, Profile] = {}
        self.credentials: dict[str, dict[str, str]] = {}
        self.locked_accounts: set[str] = set()
        self.calls: list[Call] = []
        self.faults = Faults()
        self.throttle = Throttle(lambda: self.clock.now().timestamp())
        self.paging = Paging()
        self.lifetimes = dict(LIFETIMES)
        self.pinned_ids: deque[str] = deque()

    def new_id(self) -> str:
        """The id of the next handshake: a pinned one while there are any."""
        return self.pinned_ids.popleft() if self.pinned_ids else f"h-{uuid.uuid4().hex}"

    def account_with_email(self, email: str, partition: str) -> str | None:
        """The account that has this e-mail address, in any case, None where nobody knows one."""
        for account, profile in self.profiles.items():
            if profile.email.casefold() == email.casefold():
                return account
        return membership.account_with_email(email, partition)

    def profile(self, account: str, partition: str) -> Profile:
        """What is known of `account`, made up where nothing is."""
        made_up = Profile(f"{account}@example.com", f"Account {account}")
        return self.profiles.get(account) or membership.profile(account, partition) or made_up


class StateBackend(BaseBackend):  # type: ignore[misc]  # moto is untyped
    """Carries the state through moto: entering and leaving mock_aws and POST /moto-api/reset end in `reset`."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.state = State()

    def reset(self) -> None:
        """Forget everything, and what moto itself forgets to forget."""
        super().reset()
        # moto 5.2.5 keeps this map of members to management accounts across resets: an account that was a member
        # in one test would crash DescribeOrganization in the next.
        organizations_backends.master_accounts.clear()


# moto resets every BackendDict that was used since the last reset: being one is the whole trick.
_backends = BackendDict(StateBackend, "local_handshakes", use_boto3_regions=False, additional_regions=["everywhere"])


def current_state() -> State:
    """The state since moto's last reset."""
    backend: StateBackend = _backends["everyone"]["everywhere"]
    return backend.state


def reset_organizations() -> None:
    """Empty this state and moto's organizations, and leave what else moto holds."""
    for account in list(organizations_backends.values()):
        account.reset()
    organizations_backends.clear()
    _backends["everyone"].reset()
