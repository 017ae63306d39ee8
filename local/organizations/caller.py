"""The account that calls an operation, and what it may see and do."""

from dataclasses import dataclass

from local.organizations import membership, parameters
from local.organizations.exceptions import AccessDeniedError, HandshakeNotFoundError, NotInUseError, to_service_error
from local.organizations.membership import MotoOrganization
from local.organizations.models import (
    AlreadyInStateError,
    ClosedState,
    Handshake,
    Handshakes,
    InvalidTransitionError,
    UnknownHandshakeError,
)
from local.organizations.parameters import Request
from local.organizations.state import State


@dataclass(frozen=True)
class Caller:
    """The account of the credentials in use, in its partition."""

    account: str
    partition: str
    state: State

    @property
    def handshakes(self) -> Handshakes:
        """The handshakes of the caller's partition."""
        return self.state.handshakes[self.partition]

    @property
    def organization(self) -> MotoOrganization:
        """The organization that the caller manages or is a member of; raises `NotInUseError` if there is none."""
        organization = membership.organization_of(self.account, self.partition)
        if organization is None:
            raise NotInUseError
        return organization

    @property
    def managed_organization(self) -> MotoOrganization:
        """The organization that the caller manages; raises `NotInUseError`, or `AccessDeniedError` for a member."""
        organization = self.organization
        if organization.master_account_id != self.account:
            raise AccessDeniedError
        return organization

    @property
    def manages_an_organization(self) -> bool:
        """True if the caller is the management account of an organization."""
        organization = membership.organization_of(self.account, self.partition)
        return organization is not None and organization.master_account_id == self.account

    def find_visible(self, request: Request) -> Handshake:
        """The handshake of the request's HandshakeId; raises `HandshakeNotFoundError` unless the caller is a party.

        The model says HandshakeNotFound for "we can't find" and AccessDenied for missing permissions. An account that
        is no party must not learn which ids are taken.
        """
        try:
            handshake = self.handshakes.get(parameters.read_handshake_id(request.get("HandshakeId")))
        except UnknownHandshakeError:
            raise HandshakeNotFoundError from None
        if self.account not in handshake.receivers and self.account != handshake.sender_account:
            raise HandshakeNotFoundError
        return handshake

    def find_received(self, request: Request) -> Handshake:
        """The handshake of the request's HandshakeId; raises `AccessDeniedError` if the caller is only its sender."""
        handshake = self.find_visible(request)
        if self.account not in handshake.receivers:
            raise AccessDeniedError
        return handshake

    def find_sent(self, request: Request) -> Handshake:
        """The handshake of the request's HandshakeId; raises `AccessDeniedError` if the caller is only a receiver."""
        handshake = self.find_visible(request)
        if self.account != handshake.sender_account:
            raise AccessDeniedError
        return handshake

    def close(self, handshake: Handshake, state: ClosedState) -> None:
        """Close a handshake now; raises the API's error if it is closed already."""
        try:
            self.handshakes.close(handshake, state)
        except (AlreadyInStateError, InvalidTransitionError) as error:
            raise to_service_error(error) from error
