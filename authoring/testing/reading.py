"""A file of policy tests → cases, or all diagnostics with their places. Pure."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from invitation_responder.core.handshake import Handshake, read_handshake
from invitation_responder.core.policy import Policy

from ..diagnostics.diagnostic import START, Diagnostic, Loc, invalid
from ..diagnostics.wording import describe, join_words, nearest, quote
from ..language.short_form import ShortForm, read_short_form
from ..replay.known_handshake import as_listed
from ..source.strict_yaml import MAX_DIAGNOSTICS, read_yaml
from ..source.tree import Node
from ..source.validation import validate
from .handshake_form import ApiForm
from .language import CaseSource, CasesSource
from .running import Expected, PolicyTestCase

# Resources nest in a handshake, to a depth that AWS does not document.
MAX_LEVELS: Final = 50
_MAX_LISTED: Final = 5
_OF_A_POLICY: Final = ("mode", "rules")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file that is valid in itself; `policy` is the path of the policy that it tests."""

    name: str
    policy: Path
    cases: tuple[PolicyTestCase, ...]
    root: Node = field(repr=False)


def read_cases(name: str, data: bytes) -> tuple[CaseFile | None, list[Diagnostic]]:
    """Read one file. An invalid file is None, with its diagnostics."""
    root, diagnostics = read_yaml(name, data, CasesSource.noun, MAX_LEVELS)
    if root is None or not isinstance(root.value, dict) or _is_policy(root):
        return None, diagnostics or [_no_cases(name, root)]
    _write_effects_out(root)
    diagnostics.extend(islice(_repetitions(name, root), MAX_DIAGNOSTICS))
    authored, wrong_values = validate(CasesSource, name, root)
    diagnostics.extend(wrong_values)
    if authored:
        diagnostics.extend(_needless_accounts(name, root, authored))
    if diagnostics or not authored:
        return None, diagnostics
    policy = Path(os.path.normpath(Path(name).parent / authored.policy))
    cases = (_case(name, root.at("cases", index), authored, case) for index, case in enumerate(authored.cases))
    return CaseFile(name, policy, tuple(cases), root), []


def unknown_rules(file: CaseFile, policy: Policy) -> Iterator[Diagnostic]:
    """A diagnostic for each expected rule that the policy does not have."""
    names = {rule.name for rule in policy.rules}
    for index, case in enumerate(file.cases):
        for position, rule in enumerate(case.expected.rules or ()):
            if rule not in names:
                loc = ("cases", index, "expect", "rules", position)
                message = f"{quote(rule)} is not a rule of the policy ({_suggest(rule, names)})"
                yield invalid(file.name, file.root.at(*loc).place, loc, message)


def _suggest(rule: str, names: set[str]) -> str:
    if near := nearest(rule, names):
        return f"did you mean {quote(near)}?"
    if len(names) > _MAX_LISTED:
        return f"none of its {len(names):,} rules has a name like that"
    return f"it has {join_words(sorted(names), 'and')}" if names else "it has none"


def _is_policy(root: Node) -> bool:
    return root.find(("cases",)) is None and any(root.find((key,)) for key in _OF_A_POLICY)


def _no_cases(name: str, root: Node | None) -> Diagnostic:
    needed = f"{CasesSource.noun} needs `version` and `cases`"
    if root is None or not root.value:
        return invalid(name, START, (), f"is empty: {needed}")
    if isinstance(root.value, dict):
        return invalid(name, START, (), f"is a policy: {needed} (give the folder of the tests, not the policy's)")
    return invalid(name, root.place, (), f"expected a mapping with `version` and `cases`, found {describe(root.value)}")


def _write_effects_out(root: Node) -> None:
    """Expand `expect: decline` to `expect: {effect: decline}`, at the same place."""
    for case in root.items("cases"):
        node = case.find(("expect",))
        if node and isinstance(node.value, str):
            node.value = {"effect": Node(node.place, node.value, node.place)}


def _repetitions(name: str, root: Node) -> Iterator[Diagnostic]:
    cases = root.items("cases")
    named = [(("cases", index, "name"), node) for index, case in enumerate(cases) if (node := case.find(("name",)))]
    yield from _find_repetitions(name, named, "names two cases", "rename one")
    for index, case in enumerate(cases):
        loc = ("expect", "rules")
        rules = [(("cases", index, *loc, position), node) for position, node in enumerate(case.items(*loc))]
        yield from _find_repetitions(name, rules, "is in this list twice", "remove one")


def _find_repetitions(
    name: str, nodes: Sequence[tuple[Loc, Node]], problem: str, what_to_do: str
) -> Iterator[Diagnostic]:
    seen: dict[str, Node] = {}
    for loc, node in nodes:
        if isinstance(node.value, str) and node.value:
            first = seen.setdefault(node.value, node)
            if first is not node:
                message = f"{quote(node.value)} {problem}: first at line {first.place.line} ({what_to_do})"
                yield invalid(name, node.place, loc, message)


def _needless_accounts(name: str, root: Node, authored: CasesSource) -> Iterator[Diagnostic]:
    for index, case in enumerate(authored.cases):
        if isinstance(case.handshake, ShortForm) and "account" in case.model_fields_set:
            loc = ("cases", index, "account")
            message = "belongs to the API's form, and this handshake is in the short form (write it in the handshake)"
            yield invalid(name, root.at(*loc).key, loc, message)


def _case(name: str, node: Node, file: CasesSource, authored: CaseSource) -> PolicyTestCase:
    rules = tuple(authored.expect.rules) if "rules" in authored.expect.model_fields_set else None
    expected = Expected(authored.expect.effect, rules, authored.expect.reason)
    unaddressed = None
    if isinstance(authored.handshake, ApiForm) and "account" not in authored.model_fields_set:
        unaddressed = as_listed(authored.handshake.raw, "")
    return PolicyTestCase(
        name, *node.place, authored.name, authored.at or file.at, _handshake(authored), expected, unaddressed
    )


def _handshake(authored: CaseSource) -> Handshake:
    if isinstance(authored.handshake, ShortForm):
        return read_short_form(authored.handshake)
    return read_handshake(authored.handshake.raw, authored.account)
