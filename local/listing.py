"""The answer of both list operations."""

from collections.abc import Sequence
from typing import Any

from local import inputs, paging
from local.caller import Caller
from local.handshakes import Handshake
from local.inputs import Request


def answer(caller: Caller, request: Request, handshakes: Sequence[Handshake], side: str) -> dict[str, Any]:
    """One page of the handshakes that the request's filter lets through."""
    action, parent = inputs.filters(request)
    size = inputs.max_results(request)
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
