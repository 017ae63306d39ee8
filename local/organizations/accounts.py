"""The accounts of the caller's organization: moto's own, with the `Paths` that moto lacks."""

from typing import Any

from local.organizations import membership, paging, parameters
from local.organizations.caller import Caller
from local.organizations.exceptions import AccessDeniedError
from local.organizations.parameters import Request


def list_accounts(caller: Caller, request: Request) -> dict[str, Any]:
    """Answer ListAccounts, for the management account and delegated administrators."""
    organization = caller.organization
    if not (
        organization.master_account_id == caller.account
        or membership.is_delegated_administrator(caller.account, organization, caller.partition)
    ):
        raise AccessDeniedError
    page, token = paging.take_page(
        membership.describe_accounts(organization, caller.partition),
        size=parameters.read_max_results(request),
        token=request.get("NextToken"),
        scope=f"accounts {caller.account}",
        paging=caller.state.paging,
    )
    return {"Accounts": list(page), **({} if token is None else {"NextToken": token})}
