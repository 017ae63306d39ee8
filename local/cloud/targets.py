"""The accounts that a service-managed stack set deploys to. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any


class UnsupportedTargetsError(ValueError):
    """The local cloud does not know this kind of deployment target."""


def target_accounts(
    accounts: Iterable[Mapping[str, Any]], targets: Mapping[str, Any], *, management_account: str
) -> list[str]:
    """The ids of the active accounts, as ListAccounts gives them, that `DeploymentTargets` name; in their order.

    The management account never is a target (CloudFormation user guide, "Create StackSets with service-managed
    permissions"). Raises `UnsupportedTargetsError`.
    """
    units = set(targets.get("OrganizationalUnitIds", []))
    named = set(targets.get("Accounts", []))
    kind = targets.get("AccountFilterType", "NONE")
    if kind not in ("NONE", "INTERSECTION", "DIFFERENCE"):
        raise UnsupportedTargetsError(f"the local cloud knows no AccountFilterType `{kind}`")
    if not units:
        raise UnsupportedTargetsError("the local cloud deploys to OrganizationalUnitIds only")
    if named and kind == "NONE":
        raise UnsupportedTargetsError("Accounts in DeploymentTargets need an AccountFilterType")
    return [
        str(account["Id"])
        for account in accounts
        if account["Id"] != management_account
        and account["State"] == "ACTIVE"
        and any(part in units for path in account["Paths"] for part in path.split("/"))
        and (kind == "NONE" or (account["Id"] in named) == (kind == "INTERSECTION"))
    ]
