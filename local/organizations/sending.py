"""The operations of a sender: invite, cancel, and list the sent handshakes."""

from typing import Any

from local.organizations import all_features, listing, membership, parameters, payloads
from local.organizations.caller import Caller
from local.organizations.exceptions import AccessDeniedError, ConstraintError, DuplicateHandshakeError
from local.organizations.models import ApiHandshake, Handshake
from local.organizations.parameters import Request
from local.organizations.payloads import Resource, Sender

Answer = dict[str, Any]


def invite_account(caller: Caller, request: Request) -> Answer:
    """Answer InviteAccountToOrganization."""
    target, text = parameters.read_target(request), parameters.read_notes(request)
    organization = caller.managed_organization
    account = _account(caller, target)
    if account is not None and membership.organization_of(account, caller.partition) is organization:
        # An account of another organization may be invited: direct account transfers (November 2025).
        raise ConstraintError("ALREADY_IN_AN_ORGANIZATION", "The account is already a member.")
    if all_features.is_under_way(caller, organization.id):
        raise ConstraintError(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", "The organization is enabling all features."
        )
    sender = membership.describe_sender(organization, caller.partition)
    resources = [sender.resource, _resource(target), *payloads.build_notes(text)]
    return _send(caller, sender, "INVITE", target, resources)


def invite_to_transfer_responsibility(caller: Caller, request: Request) -> Answer:
    """Answer InviteOrganizationToTransferResponsibility."""
    target, text = parameters.read_target(request), parameters.read_notes(request)
    kind, start = (
        parameters.read_transfer_type(request),
        parameters.read_transfer_start(request, caller.state.clock.now()),
    )
    parameters.read_source_name(request)  # checked only: no handshake contains it
    organization = caller.managed_organization
    account = _account(caller, target)
    if account is not None and membership.organization_of(account, caller.partition) is organization:
        raise ConstraintError("SOURCE_AND_TARGET_CANNOT_MATCH", "Sender and recipient are the same.")
    sender = membership.describe_sender(organization, caller.partition)
    transfer_id = caller.state.new_id().replace("h-", "rt-", 1)
    details = payloads.build_transfer(sender, transfer_id, kind, start)
    resources = [*details, _resource(target), *payloads.build_notes(text)]
    return _send(caller, sender, "TRANSFER_RESPONSIBILITY", target, resources)


def cancel(caller: Caller, request: Request) -> Answer:
    """Answer CancelHandshake."""
    handshake = caller.find_sent(request)
    caller.close(handshake, "CANCELED")
    all_features.follow_up(caller, handshake)
    return {"Handshake": handshake.to_api()}


def list_sent(caller: Caller, request: Request) -> Answer:
    """Answer ListHandshakesForOrganization."""
    organization = caller.organization
    if caller.account != organization.master_account_id and not membership.is_delegated_administrator(
        caller.account, organization, caller.partition
    ):
        raise AccessDeniedError
    return listing.list_page(caller, request, caller.handshakes.sent_by(organization.id), "sent")


def _send(caller: Caller, sender: Sender, action: str, target: tuple[str, str], resources: list[Resource]) -> Answer:
    party = {"Type": target[0], "Id": target[1]}
    account = _account(caller, target)
    receivers = frozenset({account} if account is not None else ())
    if any(
        sent.is_pending and sent.action == action and (party in sent.api["Parties"] or receivers & sent.receivers)
        for sent in caller.handshakes.sent_by(sender.organization)
    ):
        raise DuplicateHandshakeError
    api: ApiHandshake = payloads.build_handshake(
        sender,
        action,
        caller.state.new_id(),
        requested=caller.state.clock.now(),
        lifetime=caller.state.lifetimes[action],
        parties=[party],
        resources=resources,
    )
    sent = Handshake(api, receivers, sender.account, sender.organization)
    caller.handshakes.add(sent)
    return {"Handshake": payloads.remove_notes(sent.to_api())}


def _account(caller: Caller, target: tuple[str, str]) -> str | None:
    kind, value = target
    return value if kind == "ACCOUNT" else caller.state.account_with_email(value, caller.partition)


def _resource(target: tuple[str, str]) -> Resource:
    return {"Type": target[0], "Value": target[1]}
