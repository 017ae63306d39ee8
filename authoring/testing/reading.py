"""A file of policy tests → cases, or every mistake with its place. Pure."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from authoring.diagnostics.mistakes import Loc, Mistake, found, listed, nearest, path_of, shown
from authoring.language.short_form import ShortForm, read_short_form
from authoring.replay.known_handshake import listed_case
from authoring.source.strict_yaml import MOST_FLAWS, read_yaml
from authoring.source.tree import START, Node
from authoring.source.validation import validate
from authoring.testing.handshake_form import ApiForm
from authoring.testing.language import CaseSource, CasesSource
from authoring.testing.running import Case, Expected
from invitation_responder.core.handshake import Handshake, read_handshake
from invitation_responder.core.policy import Policy

# Resources nest in a handshake, and nobody says how deep.
MOST_LEVELS: Final = 50
_MOST_LISTED: Final = 5
_OF_A_POLICY: Final = ("mode", "rules")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file without a mistake of its own."""

    name: str
    policy: Path
    cases: tuple[Case, ...]
    root: Node = field(repr=False)


def read_cases(name: str, data: bytes) -> tuple[CaseFile | None, list[Mistake]]:
    """Read one file; it is None where there is a mistake in it."""
    root, flaws = read_yaml(data, CasesSource.noun, MOST_LEVELS)
    mistakes = [Mistake(name, *flaw.place, path_of(flaw.loc), flaw.message) for flaw in flaws]
    if root is None or not isinstance(root.value, dict) or _is_policy(root):
        return None, mistakes or [_no_cases(name, root)]
    _write_effects_out(root)
    mistakes.extend(islice(_repetitions(name, root), MOST_FLAWS))
    said, told = validate(CasesSource, name, root)
    mistakes.extend(told)
    if said:
        mistakes.extend(_needless_accounts(name, root, said))
    if mistakes or not said:
        return None, mistakes
    policy = Path(os.path.normpath(Path(name).parent / said.policy))
    cases = (_case(name, _at(root, "cases", index), said, case) for index, case in enumerate(said.cases))
    return CaseFile(name, policy, tuple(cases), root), []


def unknown_rules(file: CaseFile, policy: Policy) -> Iterator[Mistake]:
    """Say which rules are expected that the policy does not have."""
    names = {rule.name for rule in policy.rules}
    for index, case in enumerate(file.cases):
        for position, rule in enumerate(case.expected.rules or ()):
            if rule not in names:
                loc = ("cases", index, "expect", "rules", position)
                message = f"{shown(rule)} is not a rule of the policy ({_meant(rule, names)})"
                yield Mistake(file.name, *_at(file.root, *loc).place, path_of(loc), message)


def _meant(rule: str, names: set[str]) -> str:
    if near := nearest(rule, names):
        return f"did you mean {shown(near)}?"
    if len(names) > _MOST_LISTED:
        return f"none of its {len(names):,} rules has a name like that"
    return f"it has {listed(sorted(names), 'and')}" if names else "it has none"


def _is_policy(root: Node) -> bool:
    return root.find(("cases",)) is None and any(root.find((key,)) for key in _OF_A_POLICY)


def _no_cases(name: str, root: Node | None) -> Mistake:
    needed = f"{CasesSource.noun} needs `version` and `cases`"
    if root is None or not root.value:
        return Mistake(name, *START, "", f"is empty: {needed}")
    if isinstance(root.value, dict):
        return Mistake(name, *START, "", f"is a policy: {needed} (give the folder of the tests, not the policy's)")
    return Mistake(name, *root.place, "", f"expected a mapping with `version` and `cases`, found {found(root.value)}")


def _write_effects_out(root: Node) -> None:
    """Make `expect: {effect: decline}` of `expect: decline`, at its place."""
    for case in _items(root.find(("cases",))):
        node = case.find(("expect",))
        if node and isinstance(node.value, str):
            node.value = {"effect": Node(node.place, node.value, node.place)}


def _repetitions(name: str, root: Node) -> Iterator[Mistake]:
    cases = _items(root.find(("cases",)))
    named = [(("cases", index, "name"), node) for index, case in enumerate(cases) if (node := case.find(("name",)))]
    yield from _repeated(name, named, "names two cases", "rename one")
    for index, case in enumerate(cases):
        loc = ("expect", "rules")
        rules = [(("cases", index, *loc, position), node) for position, node in enumerate(_items(case.find(loc)))]
        yield from _repeated(name, rules, "is in this list twice", "remove one")


def _repeated(name: str, nodes: Sequence[tuple[Loc, Node]], problem: str, what_to_do: str) -> Iterator[Mistake]:
    seen: dict[str, Node] = {}
    for loc, node in nodes:
        if isinstance(node.value, str) and node.value:
            first = seen.setdefault(node.value, node)
            if first is not node:
                message = f"{shown(node.value)} {problem}: first at line {first.place.line} ({what_to_do})"
                yield Mistake(name, *node.place, path_of(loc), message)


def _needless_accounts(name: str, root: Node, said: CasesSource) -> Iterator[Mistake]:
    for index, case in enumerate(said.cases):
        if isinstance(case.handshake, ShortForm) and "account" in case.model_fields_set:
            loc = ("cases", index, "account")
            message = "belongs to the API's form, and this handshake is in the short form (write it in the handshake)"
            yield Mistake(name, *_at(root, *loc).key, path_of(loc), message)


def _case(name: str, node: Node, file: CasesSource, said: CaseSource) -> Case:
    rules = tuple(said.expect.rules) if "rules" in said.expect.model_fields_set else None
    expected = Expected(said.expect.effect, rules, said.expect.reason)
    unaddressed = None
    if isinstance(said.handshake, ApiForm) and "account" not in said.model_fields_set:
        unaddressed = listed_case(said.handshake.raw, "")
    return Case(name, *node.place, said.name, said.at or file.at, _handshake(said), expected, unaddressed)


def _handshake(said: CaseSource) -> Handshake:
    if isinstance(said.handshake, ShortForm):
        return read_short_form(said.handshake)
    return read_handshake(said.handshake.raw, said.account)


def _items(node: Node | None) -> list[Node]:
    return node.value if node and isinstance(node.value, list) else []


def _at(root: Node, *loc: str | int) -> Node:
    node = root.find(loc)
    assert node is not None  # noqa: S101 - for mypy: the file has been checked
    return node
