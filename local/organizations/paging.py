"""Pages of a list, with empty or endless pages if a test asks for them."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TypeVar

from local.organizations.exceptions import InvalidInputError
from local.organizations.state import Paging

Item = TypeVar("Item")


def take_page(
    items: Sequence[Item], *, size: int, token: str | None, scope: str, paging: Paging
) -> tuple[Sequence[Item], str | None]:
    """Up to `size` of the `items`, and the next page's token, None after the last.

    A token is valid for the `scope` that it was issued for; raises `InvalidInputError` for any other token.
    """
    start, empty_pages = _decode_token(token, scope) if token is not None else (0, paging.empty_pages_first)
    if paging.stuck:
        return items[:size], _encode_token(0, 0, scope)
    if empty_pages:
        return [], _encode_token(start, empty_pages - 1, scope)
    end = start + size
    return items[start:end], _encode_token(end, 0, scope) if end < len(items) else None


def _encode_token(start: int, empty_pages: int, scope: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, empty_pages, scope]).encode()).decode()


def _decode_token(token: str, scope: str) -> tuple[int, int]:
    try:
        start, empty_pages, given_for = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error):
        given_for = None
    if given_for != scope:
        # The enumeration's name; the prose calls it INVALID_PAGINATION_TOKEN (see InvalidInputError).
        raise InvalidInputError("INVALID_NEXT_TOKEN", "Get the value for NextToken from the previous answer.")
    return start, empty_pages
