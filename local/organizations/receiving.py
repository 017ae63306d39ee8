"""The operations of a receiver (list, accept, decline), and DescribeHandshake, which both sides may call."""

from typing import Any

from local.organizations import all_features, listing, membership
from local.organizations.caller import Caller
from local.organizations.exceptions import AccessDeniedError, ConstraintError, MasterCannotLeaveError
from local.organizations.models import Handshake
from local.organizations.parameters import Request

Answer = dict[str, Any]


def list_received(caller: Caller, request: Request) -> Answer:
    """Answer ListHandshakesForAccount."""
    return listing.list_page(caller, request, caller.handshakes.received_by(caller.account), "received")


def describe(caller: Caller, request: Request) -> Answer:
    """Answer DescribeHandshake."""
    return {"Handshake": caller.find_visible(request).to_api()}


def decline(caller: Caller, request: Request) -> Answer:
    """Answer DeclineHandshake."""
    handshake = caller.find_received(request)
    caller.close(handshake, "DECLINED")
    all_features.follow_up(caller, handshake)
    return {"Handshake": handshake.to_api()}


def accept(caller: Caller, request: Request) -> Answer:
    """Answer AcceptHandshake."""
    handshake = caller.find_received(request)
    if handshake.is_pending:
        _check_acceptance(caller, handshake)
    caller.close(handshake, "ACCEPTED")
    if handshake.action == "INVITE":
        _join_sender(caller, handshake)
    all_features.follow_up(caller, handshake)
    return {"Handshake": handshake.to_api()}


def _check_acceptance(caller: Caller, handshake: Handshake) -> None:
    """Raise the API's error if the caller may not accept (the service model's documentation of AcceptHandshake)."""
    match handshake.action:
        case "INVITE":
            if caller.manages_an_organization:
                raise MasterCannotLeaveError
            organization = membership.organization_of(caller.account, caller.partition)
            if organization is not None and organization.id == handshake.sender_organization:
                raise ConstraintError("ALREADY_IN_AN_ORGANIZATION", "The account is already a member.")
        case "TRANSFER_RESPONSIBILITY":
            if caller.managed_organization.id == handshake.sender_organization:
                raise ConstraintError("SOURCE_AND_TARGET_CANNOT_MATCH", "Sender and recipient are the same.")
        case "APPROVE_ALL_FEATURES":
            if caller.managed_organization.feature_set != "CONSOLIDATED_BILLING":
                raise ConstraintError(
                    "ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization has already enabled all features."
                )
        case "ENABLE_ALL_FEATURES":
            if caller.organization.master_account_id == caller.account:
                raise AccessDeniedError  # "only a member account can accept"
        case _:
            pass  # AWS documents no condition for other actions


def _join_sender(caller: Caller, handshake: Handshake) -> None:
    organization = membership.organization_with_id(str(handshake.sender_organization), caller.partition)
    if organization is None:
        return  # a test seeded an invitation from an organization that it did not add
    profile = caller.state.profile(caller.account, caller.partition)
    membership.join(caller.account, organization, caller.partition, profile, invited=True)
