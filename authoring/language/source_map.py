"""A compiled policy with its files: the places of its rules and keys, and the rules as they were authored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from invitation_responder.core.policy import Policy

from ..diagnostics.catalog import Lint, Severity
from ..diagnostics.diagnostic import Diagnostic, Loc, path_of
from ..diagnostics.wording import escape, quote
from ..source.tree import Node
from .policy import PolicySource, RuleSource


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file whose keys are known; `source` is None if the file is invalid."""

    name: str
    root: Node
    source: PolicySource | None


class RulePlace(NamedTuple):
    """The place of a rule, and the rule as it was authored."""

    file: str
    loc: Loc
    node: Node
    authored: RuleSource


class Source:
    """A valid policy, with the places of its rules and keys."""

    def __init__(self, policy: Policy, files: Sequence[SourceFile]) -> None:
        """Index the rules of `files`, which are all valid."""
        self.policy = policy
        self.authored = {file.name: file.source for file in files if file.source}
        self._roots = {file.name: file.root for file in files}
        self.rules: dict[str, RulePlace] = {
            rule.name: RulePlace(name, ("rules", index), root.value[index], rule)
            for name, source in self.authored.items()
            for index, rule in enumerate(source.rules)
            if (root := self._roots[name].find(("rules",))) and isinstance(root.value, list)
        }

    def where(self, rule: str) -> str:
        """The file and the line of a rule's name, for a message."""
        place = self.rules[rule]
        name = place.node.find(("name",)) or place.node
        return f"{escape(place.file)}:{name.place.line}"

    def find(self, *loc: str | int) -> tuple[str, Node]:
        """The file that has a key of the policy, and the key's node; the root of the first file if none has it."""
        for name, root in self._roots.items():
            if node := root.find(loc):
                return name, node
        name, root = next(iter(self._roots.items()))
        return name, root

    def diagnose(
        self, lint: Lint, rule: str | None, loc: Loc, message: str, severity: Severity | None = None
    ) -> Diagnostic:
        """A lint's diagnostic about a rule, or about the policy as a whole (None); `loc` is a key or value in it.

        A message about a rule continues `rule NAME `. An entry of `ignore` is shown at its key.
        """
        if rule is None:
            file, node = self.find(*loc)
        else:
            file, outer, root, _ = self.rules[rule]
            node = root.find(loc) or root
            loc, message = (*outer, *loc), f"rule {quote(rule)} {message}"
        place = node.key if "ignore" in loc else node.place
        return Diagnostic(file, place, path_of(loc), lint.id, message, severity or lint.severity, rule)
