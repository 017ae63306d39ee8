"""The tree that strict YAML is read into: text with places."""

from dataclasses import dataclass

from ..diagnostics.diagnostic import Loc, Place


@dataclass(slots=True)
class Node:
    """A piece of a source: text, a list or a mapping; None if a diagnostic already says what is wrong.

    `key` is the place of the key in front of the node; without a key, it is the node's own place.
    """

    place: Place
    value: "str | list[Node] | dict[str, Node] | None"
    key: Place

    def plain(self) -> object:
        """The node's value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, loc: Loc) -> "Node | None":
        """The node at `loc`, if there is one."""
        node: Node | None = self
        for part in loc:
            if node and isinstance(node.value, dict) and isinstance(part, str):
                node = node.value.get(part)
            elif node and isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
            else:
                return None
        return node

    def items(self, *loc: str | int) -> "list[Node]":
        """The items of the list at `loc`; none if there is no list."""
        node = self.find(loc)
        return node.value if node and isinstance(node.value, list) else []

    def at(self, *loc: str | int) -> "Node":
        """The node at `loc`, for a tree that is known to have one."""
        node = self.find(loc)
        assert node is not None  # noqa: S101 - for mypy: callers know that it is there
        return node
