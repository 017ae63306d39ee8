"""The migration of an organization from consolidated billing to all features.

The sources disagree on who receives which handshake. This follows the service model: EnableAllFeatures returns the
parent handshake, which nobody receives; every *invited* member receives an ENABLE_ALL_FEATURES of its own; when all
have accepted, the management account receives an APPROVE_ALL_FEATURES, and its acceptance ends the migration. (One
sentence of the model has the management account accept an ENABLE_ALL_FEATURES; the text of AcceptHandshake and of
Handshake$Action say otherwise.) One decline ends the migration until EnableAllFeatures is called again.
"""

from typing import Any

from local.organizations import membership, payloads
from local.organizations.caller import Caller
from local.organizations.exceptions import ConstraintError
from local.organizations.models import ClosedState, Handshake, UnknownHandshakeError
from local.organizations.parameters import Request
from local.organizations.payloads import Sender

ENABLE, APPROVE = "ENABLE_ALL_FEATURES", "APPROVE_ALL_FEATURES"


def enable_all_features(caller: Caller, _request: Request) -> dict[str, Any]:
    """Answer EnableAllFeatures."""
    organization = caller.managed_organization
    if organization.feature_set != "CONSOLIDATED_BILLING":
        raise ConstraintError(
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization has already enabled all features."
        )
    if is_under_way(caller, organization.id):
        raise ConstraintError(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", "The process has already started."
        )
    sender = membership.describe_sender(organization, caller.partition)
    parent = _send(caller, sender, ENABLE, receiver=None, parent=None)
    for account in membership.invited_members(organization, caller.partition):
        _send(caller, sender, ENABLE, receiver=account, parent=parent)
    _request_approval_once_accepted(caller, parent)
    return {"Handshake": parent.to_api()}


def is_under_way(caller: Caller, organization_id: str) -> bool:
    """True if the organization has a pending migration to all features."""
    return any(
        sent.is_pending and sent.action == ENABLE and not sent.receivers
        for sent in caller.handshakes.sent_by(organization_id)
    )


def follow_up(caller: Caller, closed: Handshake) -> None:
    """Continue or end the migration after one of its handshakes was answered or canceled; ignores other actions."""
    if closed.action not in {ENABLE, APPROVE}:
        return
    parent = _parent(caller, closed)
    accepted = closed.api["State"] == "ACCEPTED"
    if closed.action == APPROVE and accepted:
        caller.managed_organization.feature_set = "ALL"
        _close(caller, [parent], "ACCEPTED")
    elif accepted and parent is not None:
        _request_approval_once_accepted(caller, parent)
    elif not accepted:
        _close(caller, [parent], "CANCELED" if closed.api["State"] == "CANCELED" else "DECLINED")
        root = parent or closed
        _close(caller, caller.handshakes.children_of(str(root.id)), "CANCELED")


def _request_approval_once_accepted(caller: Caller, parent: Handshake) -> None:
    children = caller.handshakes.children_of(str(parent.id))
    if not parent.is_pending or any(child.api["State"] != "ACCEPTED" for child in children):
        return
    parent.api["State"] = "OPEN"  # "all recipients have responded. The sender can now complete the handshake action"
    organization = membership.organization_with_id(str(parent.sender_organization), caller.partition)
    if organization is not None:
        sender = membership.describe_sender(organization, caller.partition)
        _send(caller, sender, APPROVE, receiver=sender.account, parent=parent)


def _send(caller: Caller, sender: Sender, action: str, *, receiver: str | None, parent: Handshake | None) -> Handshake:
    resources: list[payloads.Resource] = [{"Type": "ORGANIZATION", "Value": sender.organization}]
    if parent is not None:
        resources.append({"Type": "PARENT_HANDSHAKE", "Value": parent.id})
    parties = []
    if receiver is not None:
        parties.append({"Type": "ACCOUNT", "Id": receiver})
        resources.append({"Type": "ACCOUNT", "Value": receiver})
    api = payloads.build_handshake(
        sender,
        action,
        caller.state.new_id(),
        requested=caller.state.clock.now(),
        lifetime=caller.state.lifetimes[action],
        parties=parties,
        resources=resources,
        state="REQUESTED",
    )
    receivers = frozenset() if receiver is None else frozenset({receiver})
    sent = Handshake(
        api, receivers, sender.account, sender.organization, parent=str(parent.id) if parent is not None else None
    )
    caller.handshakes.add(sent)
    return sent


def _parent(caller: Caller, child: Handshake) -> Handshake | None:
    if child.parent is None:
        return None
    try:
        return caller.handshakes.get(child.parent)
    except UnknownHandshakeError:
        return None  # a test seeded the child alone


def _close(caller: Caller, handshakes: list[Handshake] | list[Handshake | None], state: ClosedState) -> None:
    for handshake in handshakes:
        if handshake is not None and handshake.is_pending:
            caller.handshakes.close(handshake, state)
