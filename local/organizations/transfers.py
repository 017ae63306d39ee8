"""The operation that lists billing transfers for who was asked to hand over a bill."""

from datetime import datetime
from typing import Any

from local.organizations import membership, paging, parameters
from local.organizations.caller import Caller
from local.organizations.models import Transfer
from local.organizations.parameters import Request


def list_outbound(caller: Caller, request: Request) -> dict[str, Any]:
    """Answer ListOutboundResponsibilityTransfers: the transfers of the bill of the caller's own organization."""
    parameters.read_transfer_type(request)
    size = parameters.read_max_results(request)
    organization = caller.managed_organization
    listed, token = paging.take_page(
        [_describe(transfer, caller, organization) for transfer in caller.handshakes.transfers_from(caller.account)],
        size=size,
        token=request.get("NextToken"),
        scope=f"outbound {caller.account}",
        paging=caller.state.paging,
    )
    result: dict[str, Any] = {"ResponsibilityTransfers": listed}
    return result if token is None else result | {"NextToken": token}


def _describe(transfer: Transfer, caller: Caller, organization: membership.MotoOrganization) -> dict[str, Any]:
    """The API's object. The id and the start are those of the handshake's resources, if it has them."""
    resources = _resources(transfer.handshake.api.get("Resources"))
    transfer_id = resources.get("RESPONSIBILITY_TRANSFER") or str(transfer.handshake.id).replace("h-", "rt-", 1)
    sender = str(transfer.handshake.sender_account)
    described = {
        "Arn": f"arn:{caller.partition}:organizations::{caller.account}:transfer/{organization.id}"
        f"/billing/outbound/{transfer_id}",
        "Id": transfer_id,
        "Type": "BILLING",
        "Status": transfer.status,
        "Source": _participant(caller, caller.account),
        "Target": _participant(caller, sender),
        "ActiveHandshakeId": transfer.handshake.id,
    }
    if "TRANSFER_START_TIMESTAMP" in resources:
        described["StartTimestamp"] = datetime.fromisoformat(resources["TRANSFER_START_TIMESTAMP"])
    if transfer.ends_at is not None:
        described["EndTimestamp"] = transfer.ends_at
    return described


def _participant(caller: Caller, account: str) -> dict[str, str]:
    email = caller.state.profile(account, caller.partition).email
    return {"ManagementAccountId": account, "ManagementAccountEmail": email}


def _resources(tree: Any) -> dict[str, str]:
    """The values in a tree of resources by their types."""
    found: dict[str, str] = {}
    for resource in tree if isinstance(tree, list) else []:
        found[resource["Type"]] = resource.get("Value", "")
        found.update(_resources(resource.get("Resources")))
    return found
