"""Organizations and their members: access to moto's own state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.organizations.models import FakeAccount, organizations_backends

from local.organizations.payloads import Sender

MotoOrganization = Any
"""moto's FakeOrganization; moto is untyped."""

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
"""Partition → the Region of AWS Organizations in it."""


@dataclass(frozen=True)
class Profile:
    """An account's e-mail address and name, which it keeps when it changes its organization."""

    email: str
    name: str


def organization_of(account: str, partition: str) -> MotoOrganization | None:
    """The organization that `account` manages or is a member of; None for a standalone account."""
    own = organizations_backends[account][partition].org
    if own is not None:
        return own
    management, home = organizations_backends.master_accounts.get(account, (None, None))
    return organizations_backends[management][partition].org if management and home == partition else None


def organization_with_id(organization_id: str, partition: str) -> MotoOrganization | None:
    """The organization with that id; None if there is none."""
    return next((org for org in _organizations(partition) if org.id == organization_id), None)


def account_with_email(email: str, partition: str) -> str | None:
    """The member of any organization with this e-mail address, ignoring case; None if there is none."""
    for organization in _organizations(partition):
        for account in _backend(organization, partition).accounts:
            if account.email.casefold() == email.casefold():
                return str(account.id)
    return None


def profile(account: str, partition: str) -> Profile | None:
    """The profile of `account` in its organization; None for a standalone account."""
    organization = organization_of(account, partition)
    if organization is None:
        return None
    member = _backend(organization, partition).get_account_by_id(account)
    return Profile(member.email, member.name)


def describe_accounts(organization: MotoOrganization, partition: str) -> list[dict[str, Any]]:
    """The accounts of the organization in the order of their joining, as ListAccounts shows them."""
    backend = _backend(organization, partition)
    parents = {unit.id: unit.parent_id for unit in backend.ou if unit.type != "ROOT"}

    def path(unit: str) -> str:
        return f"{path(parents[unit])}{unit}/" if unit in parents else f"{organization.id}/{unit}/"

    return [
        {**account.describe(), "Paths": [f"{path(account.parent_id)}{account.id}/"]} for account in backend.accounts
    ]


def set_state(account: str, organization: MotoOrganization, partition: str, state: str) -> None:
    """Put an account of the organization into a state, as in SUSPENDED."""
    member = _backend(organization, partition).get_account_by_id(account)
    member.state, member.status = state, "ACTIVE" if state == "ACTIVE" else "SUSPENDED"


def invited_members(organization: MotoOrganization, partition: str) -> list[str]:
    """The ids of the members that joined by invitation; the organization created the others."""
    return [
        account.id
        for account in _backend(organization, partition).accounts
        if account.joined_method == "INVITED" and account.id != organization.master_account_id
    ]


def is_delegated_administrator(account: str, organization: MotoOrganization, partition: str) -> bool:
    """True if `account` is a delegated administrator for any service."""
    return any(admin.account.id == account for admin in _backend(organization, partition).admins)


def describe_sender(organization: MotoOrganization, partition: str) -> Sender:
    """The organization as the sender of a handshake."""
    management = _backend(organization, partition).get_account_by_id(organization.master_account_id)
    return Sender(
        organization=organization.id,
        account=organization.master_account_id,
        email=organization.master_account_email,
        name=management.name,
        feature_set=organization.feature_set,
        partition=partition,
    )


def create_organization(new: Sender) -> None:
    """Create an organization in moto, with the id and names of `new`."""
    backend = organizations_backends[new.account][new.partition]
    backend.create_organization(HOME_REGIONS[new.partition], FeatureSet=new.feature_set)
    backend.org.id = new.organization
    backend.org.master_account_email = new.email
    for thing in [*backend.accounts, *backend.ou, *backend.policies]:
        thing.organization_id = new.organization
    management = backend.accounts[0]
    management.email, management.name = new.email, new.name


def join(account: str, organization: MotoOrganization, partition: str, profile: Profile, *, invited: bool) -> None:
    """Make `account` a member of `organization`; it leaves any other one."""
    leave(account, partition)
    backend = _backend(organization, partition)
    # The joining time is moto's, real time: ListAccounts pages by it, so that it must be unique.
    member = FakeAccount(organization, AccountName=profile.name, Email=profile.email)
    member.id = account
    member.joined_method = "INVITED" if invited else "CREATED"
    backend.accounts.append(member)
    for policy in [policy for policy in backend.policies if policy.aws_managed]:
        backend.attach_policy(PolicyId=policy.id, TargetId=account)
    organizations_backends.master_accounts[account] = (organization.master_account_id, partition)


def leave(account: str, partition: str) -> None:
    """Remove a member from its organization; does nothing for a standalone account."""
    organization = organization_of(account, partition)
    if organization is None:
        return
    backend = _backend(organization, partition)
    backend.admins = [admin for admin in backend.admins if admin.account.id != account]
    backend.remove_account_from_organization(AccountId=account)


def _backend(organization: MotoOrganization, partition: str) -> Any:
    return organizations_backends[organization.master_account_id][partition]


def _organizations(partition: str) -> Iterator[MotoOrganization]:
    for account in list(organizations_backends):
        organization = organizations_backends[account][partition].org
        if organization is not None:
            yield organization
