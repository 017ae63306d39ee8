"""The answer of both list operations: one page of the handshakes that pass the filter."""

from collections.abc import Sequence
from typing import Any

from local.organizations import paging, parameters
from local.organizations.caller import Caller
from local.organizations.models import Handshake
from local.organizations.parameters import Request


def list_page(caller: Caller, request: Request, handshakes: Sequence[Handshake], side: str) -> dict[str, Any]:
    """Answer a list request with one page of `handshakes`; `side` keeps the tokens of both operations apart."""
    action, parent = parameters.read_filters(request)
    size = parameters.read_max_results(request)
    chosen = [
        handshake
        for handshake in handshakes
        if (action is None or handshake.action == action) and (parent is None or handshake.is_child_of(parent))
    ]
    listed, token = paging.take_page(
        chosen,
        size=size,
        token=request.get("NextToken"),
        scope=f"{side} {caller.account} {action} {parent}",
        paging=caller.state.paging,
    )
    result: dict[str, Any] = {"Handshakes": [handshake.to_api() for handshake in listed]}
    return result if token is None else result | {"NextToken": token}
