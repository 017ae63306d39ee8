"""Who belongs to which organization: moto's own state, read and changed for the handshakes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.organizations.models import FakeAccount, organizations_backends

from local.organizations.payloads import Sender

MotoOrganization = Any
"""moto's FakeOrganization; moto is untyped."""

HOME_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
"""Where AWS Organizations lives in each partition."""


@dataclass(frozen=True)
class Profile:
    """What is known of an account wherever it belongs."""

    email: str
    name: str


def organization_of(account: str, partition: str) -> MotoOrganization | None:
    """The organization that `account` manages or is a member of, None for a standalone account."""
    own = organizations_backends[account][partition].org
    if own is not None:
        return own
    management, home = organizations_backends.master_accounts.get(account, (None, None))
    return organizations_backends[management][partition].org if management and home == partition else None


def organization_with_id(organization_id: str, partition: str) -> MotoOrganization | None:
    """The organization with that id, None where nobody declared it."""
    return next((org for org in _organizations(partition) if org.id == organization_id), None)


def account_with_email(email: str, partition: str) -> str | None:
    """The account in any organization that has this e-mail address, in any case."""
    for organization in _organizations(partition):
        for account in _backend(organization, partition).accounts:
            if account.email.casefold() == email.casefold():
                return str(account.id)
    return None


def profile(account: str, partition: str) -> Profile | None:
    """What its organization knows of `account`, None for a standalone account."""
    organization = organization_of(account, partition)
    if organization is None:
        return None
    member = _backend(organization, partition).get_account_by_id(account)
    return Profile(member.email, member.name)


def invited_members(organization: MotoOrganization, partition: str) -> list[str]:
    """The members that joined by invitation, as opposed to those that the organization created."""
    return [
        account.id
        for account in _backend(organization, partition).accounts
        if account.joined_method == "INVITED" and account.id != organization.master_account_id
    ]


def is_delegated_administrator(account: str, organization: MotoOrganization, partition: str) -> bool:
    """Whether the management account has delegated administration of any service to `account`."""
    return any(admin.account.id == account for admin in _backend(organization, partition).admins)


def describe_sender(organization: MotoOrganization, partition: str) -> Sender:
    """The organization as the handshakes name their sender."""
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
    """Make moto know an organization under the given id."""
    backend = organizations_backends[new.account][new.partition]
    backend.create_organization(HOME_REGIONS[new.partition], FeatureSet=new.feature_set)
    backend.org.id = new.organization
    backend.org.master_account_email = new.email
    for thing in [*backend.accounts, *backend.ou, *backend.policies]:
        thing.organization_id = new.organization
    management = backend.accounts[0]
    management.email, management.name = new.email, new.name


def join(account: str, organization: MotoOrganization, partition: str, profile: Profile, *, invited: bool) -> None:
    """Make `account` a member of `organization`, and of no other."""
    leave(account, partition)
    backend = _backend(organization, partition)
    # moto stamps the real time, not the clock's. ListAccounts pages by that stamp and needs it to be unique.
    member = FakeAccount(organization, AccountName=profile.name, Email=profile.email)
    member.id = account
    member.joined_method = "INVITED" if invited else "CREATED"
    backend.accounts.append(member)
    for policy in [policy for policy in backend.policies if policy.aws_managed]:
        backend.attach_policy(PolicyId=policy.id, TargetId=account)
    organizations_backends.master_accounts[account] = (organization.master_account_id, partition)


def leave(account: str, partition: str) -> None:
    """Take a member out of its organization; nothing happens to a standalone account."""
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
