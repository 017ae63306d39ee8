"""A handshake's Resources: a tree of types and values, each with the accounts that it belongs to. Reading never raises.

The nesting of types is undocumented, so the whole tree is read.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_NO_ACCOUNTS: Final[frozenset[str]] = frozenset()
# Resources nested in one of these types belong to the account that is its value.
ACCOUNT_TYPES: Final = frozenset({"ACCOUNT", "MANAGEMENT_ACCOUNT"})


class Resource(NamedTuple):
    """One resource, and the accounts that it belongs to."""

    kind: str
    value: str
    accounts: frozenset[str]


def read_resources(resources: object, problems: list[str]) -> Iterator[Resource]:
    """All resources of the tree, in document order. Malformed parts are skipped, and noted in `problems` once.

    A resource belongs to the management accounts in its own list; without any, to the nearest account that encloses the
    list. An organization in between cuts that off: its resources belong to no account.
    """
    malformed = False
    waiting: list[tuple[object, frozenset[str], frozenset[str]]] = [(resources, _NO_ACCOUNTS, _NO_ACCOUNTS)]
    while waiting:
        node, holders, beside = waiting.pop()
        if node is None:
            continue
        if isinstance(node, list):
            beside = _management_accounts(node) or beside
            waiting.extend((each, holders, beside) for each in reversed(node))
            continue
        if not isinstance(node, dict):
            malformed = True
            continue
        kind, value = node.get("Type"), node.get("Value")
        if isinstance(kind, str) and isinstance(value, str):
            yield Resource(kind, value, beside or holders)
            holders = _holders(kind, value, holders)
        elif not isinstance(kind, str | None) or not isinstance(value, str | None):
            malformed = True
        children = node.get("Resources")
        if isinstance(children, list):
            waiting.append((children, holders, _NO_ACCOUNTS))
        elif children is not None:
            malformed = True
    if malformed:
        problems.append("its Resources are malformed")


def management_accounts_in(raw: object) -> frozenset[str]:
    """The MANAGEMENT_ACCOUNT values in a raw handshake's Resources, well-formed or not. Never raises."""
    resources = read_resources(raw.get("Resources"), []) if isinstance(raw, dict) else ()
    return frozenset(each.value for each in resources if each.kind == "MANAGEMENT_ACCOUNT")


def _management_accounts(siblings: list[object]) -> frozenset[str]:
    accounts = (
        each.get("Value") for each in siblings if isinstance(each, dict) and each.get("Type") == "MANAGEMENT_ACCOUNT"
    )
    return frozenset(account for account in accounts if isinstance(account, str))


def _holders(kind: str, value: str, outer: frozenset[str]) -> frozenset[str]:
    """The accounts that the resources nested in this resource belong to; `outer` are those it belongs to itself."""
    if kind in ACCOUNT_TYPES:
        return frozenset({value})
    return _NO_ACCOUNTS if kind == "ORGANIZATION" else outer
