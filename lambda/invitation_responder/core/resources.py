"""A handshake's Resources: a tree of types and values, and whose each of them is. No input makes reading it raise.

Where a type nests is documented nowhere, so that the whole tree is read.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_NO_ACCOUNTS: Final[frozenset[str]] = frozenset()
# What these hold belongs to the account that they name.
ACCOUNT_TYPES: Final = frozenset({"ACCOUNT", "MANAGEMENT_ACCOUNT"})


class Resource(NamedTuple):
    """One resource, and the accounts that it stands with: what is written there is theirs."""

    kind: str
    value: str
    accounts: frozenset[str]


def read_resources(resources: object, problems: list[str]) -> Iterator[Resource]:
    """All resources of the tree, in document order; where a type nests is documented nowhere.

    A resource stands with the management accounts of its own list; where there are none, with the account that holds
    the list, however deep. In an organization that is none.
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
    """The accounts that a handshake's Resources call MANAGEMENT_ACCOUNT, well-formed or not. Never raises."""
    resources = read_resources(raw.get("Resources"), []) if isinstance(raw, dict) else ()
    return frozenset(each.value for each in resources if each.kind == "MANAGEMENT_ACCOUNT")


def _management_accounts(siblings: list[object]) -> frozenset[str]:
    accounts = (
        each.get("Value") for each in siblings if isinstance(each, dict) and each.get("Type") == "MANAGEMENT_ACCOUNT"
    )
    return frozenset(account for account in accounts if isinstance(account, str))


def _holders(kind: str, value: str, outer: frozenset[str]) -> frozenset[str]:
    """The accounts that hold what such a resource holds."""
    if kind in ACCOUNT_TYPES:
        return frozenset({value})
    return _NO_ACCOUNTS if kind == "ORGANIZATION" else outer
