"""The answer of both list operations."""

from collections.abc import Sequence
from typing import Any

from local.organizations import paging, parameters
from local.organizations.caller import Caller
from local.organizations.models import Handshake
from local.organizations.parameters import Request


def answer(caller: Caller, request: Request, handshakes: Sequence[Handshake], side: str) -> dict[str, Any]:
    """One page of the handshakes that the request's filter lets through."""
    action, parent = parameters.filters(request)
    size = parameters.max_results(request)
    chosen = [
        handshake
        for handshake in handshakes
        if (action is None or handshake.action == action) and (parent is None or handshake.is_child_of(parent))
    ]
    shown, token = paging.page(
        chosen,
        size=size,
        token=request.get("NextToken"),
        scope=f"{side} {caller.account} {action} {parent}",
        paging=caller.state.paging,
    )
    result: dict[str, Any] = {"Handshakes": [handshake.shown() for handshake in shown]}
    return result if token is None else result | {"NextToken": token}
