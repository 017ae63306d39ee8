"""The accounts of an organization: ListAccounts, which the management account and delegated administrators may call.

An account's `State` says whether it can be swept. Older endpoints give `Status` alone, which AWS was to retire on
9 September 2026 (AWS Organizations API reference, Account).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from invitation_responder.aws.pace import Pace
from invitation_responder.aws.pages import pages
from invitation_responder.core.policy import ACCOUNT_ID

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

CALLS_A_SECOND: Final = 6.0  # the quota is 8 a second for an account, and people in the console use the same one


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the organization. `state` is that of AWS, as in ACTIVE; `paths` name its organizational units.

    `name` is what its owner calls it; empty if AWS does not say.
    """

    id: str
    state: str
    paths: tuple[str, ...] = ()
    name: str = ""

    @property
    def is_active(self) -> bool:
        """True if the account can be swept: it is neither suspended, closed nor still being created."""
        return self.state == "ACTIVE"

    def is_in(self, units: Collection[str]) -> bool:
        """True if the account is in one of these organizational units, however deep."""
        return any(part in units for path in self.paths for part in path.split("/"))


def list_accounts(client: "OrganizationsClient", pace: Pace | None = None) -> list[Account]:
    """All accounts of the organization by number, each once; raises `ListingError`."""
    pace = pace or Pace(1 / CALLS_A_SECOND)

    def call(**parameters: Any) -> Any:
        pace.wait()
        return client.list_accounts(**parameters)

    # An account that moves to another page while pages are read is listed twice: the later word counts.
    accounts = {
        account.id: account
        for page in pages(call, "ListAccounts")
        for raw in page.get("Accounts") or ()
        if (account := _read(raw))
    }
    return [accounts[name] for name in sorted(accounts)]


def _read(raw: Mapping[str, Any]) -> Account | None:
    """An element of `Accounts`; None if it has no account number, by which alone it could be swept."""
    number = raw.get("Id")
    if not (isinstance(number, str) and ACCOUNT_ID.fullmatch(number)):
        return None
    state = raw.get("State") or raw.get("Status") or "unknown"
    paths, name = raw.get("Paths"), raw.get("Name")
    return Account(
        number,
        str(state),
        tuple(map(str, paths)) if isinstance(paths, list) else (),
        name if isinstance(name, str) else "",
    )
