"""Lists that AWS gives in pages, read to their end or not at all."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from invitation_responder.aws.client import CALL_ERRORS, describe_error

PAGE_SIZE: Final = 20  # the most that Organizations takes
MAX_PAGES: Final = 5000


class ListingError(Exception):
    """A list can't be read, or not to its end. Nothing may be answered by it. The cause is the error of the call."""


def pages(call: Callable[..., Any], operation: str, max_pages: int = MAX_PAGES) -> Iterator[Mapping[str, Any]]:
    """Every page of a list operation of Organizations; raises `ListingError`.

    An empty page may still carry a token. botocore's paginator would go round in circles for ever.
    """
    seen: set[str] = set()
    token = ""
    while len(seen) < max_pages:
        try:
            page = call(MaxResults=PAGE_SIZE, **({"NextToken": token} if token else {}))
        except CALL_ERRORS as error:
            raise ListingError(f"{operation} failed: {describe_error(error)}") from error
        yield page
        token = page.get("NextToken") or ""
        if not token:
            return
        if token in seen:
            raise ListingError(f"{operation} gave a pagination token a second time, so the listing has no end")
        seen.add(token)
    raise ListingError(f"{operation} has more than {max_pages} pages, so the listing has no end")
