"""A policy's source → `Policy`, or every diagnostic with its place.

Nothing is compiled if any file is invalid: a policy that is half loaded answers wrongly.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from invitation_responder.core.policy import PROTECTED_BY_DEFAULT, VALUE_CONDITIONS, Keywords, Policy, Rule

from ..diagnostics.diagnostic import START, Diagnostic, InvalidPolicy, invalid
from ..diagnostics.wording import describe
from ..source.files import read_files
from ..source.strict_yaml import MAX_DIAGNOSTICS, read_yaml
from ..source.tree import Node
from ..source.validation import validate
from .checks import (
    contradictions,
    keys_in_no_file,
    keys_in_two_files,
    leaving_without_accepting,
    names_of_two_rules,
    repeated_values,
)
from .policy import Limits, PolicySource, RuleSource
from .source_map import Source, SourceFile


def load_policy(path: Path) -> Policy:
    """Compile a file, or the `*.yaml` files of a folder.

    Raises `InvalidPolicy` with the diagnostics of all files, unreadable files included.
    """
    return compile_files(*read_files(path)).policy


def compile_sources(sources: Mapping[str, bytes]) -> Policy:
    """Compile the files of one policy, given by their names. Pure.

    Raises `InvalidPolicy` with the diagnostics of all files.
    """
    return compile_files(sources).policy


def compile_files(sources: Mapping[str, bytes], unread: Sequence[Diagnostic] = ()) -> Source:
    """Compile the files of one policy, and keep the places; `unread` are diagnostics of unreadable files. Pure.

    Raises `InvalidPolicy` with the diagnostics of all files.
    """
    diagnostics = list(unread)
    files = [file for name in sorted(sources) if (file := _read(name, sources[name], diagnostics))]
    diagnostics.extend(keys_in_two_files(files))
    diagnostics.extend(islice(names_of_two_rules(files), MAX_DIAGNOSTICS))
    # The missing key may stand in a file that could not be read.
    if not unread and len(files) == len(sources):
        diagnostics.extend(keys_in_no_file(files))
    if diagnostics:
        raise InvalidPolicy(diagnostics)
    return Source(_merge([file.source for file in files if file.source]), files)


def _read(name: str, data: bytes, diagnostics: list[Diagnostic]) -> SourceFile | None:
    """Read and check one file by itself; None if its keys stay unknown."""
    root, malformed = read_yaml(name, data)
    diagnostics.extend(malformed)
    if root is None or not isinstance(root.value, dict):
        if not malformed:
            diagnostics.append(_not_a_policy(name, root))
        return None
    if not malformed and root.value and root.value.keys().isdisjoint(PolicySource.model_fields):
        # Another kind of file, given by accident: diagnostics of its contents would not help.
        diagnostics.append(invalid(name, START, (), "is no policy: it has none of a policy's keys, as in `version: 1`"))
        return None
    diagnostics.extend(islice(repeated_values(name, root), MAX_DIAGNOSTICS))
    diagnostics.extend(islice(leaving_without_accepting(name, root), MAX_DIAGNOSTICS))
    diagnostics.extend(islice(contradictions(name, root), MAX_DIAGNOSTICS))
    authored, wrong_values = validate(PolicySource, name, root)
    diagnostics.extend(wrong_values)
    return SourceFile(name, root, authored)


def _not_a_policy(name: str, root: Node | None) -> Diagnostic:
    if root is None or not root.value:
        return invalid(name, START, (), "is empty: a policy needs `version`, `mode` and `rules`")
    expected = "expected a mapping with `version`, `mode` and `rules`"
    return invalid(name, root.place, (), f"{expected}, found {describe(root.value)}")


def _merge(parts: list[PolicySource]) -> Policy:
    authored: dict[str, Any] = {key: getattr(part, key) for part in parts for key in part.model_fields_set}
    limits: Limits = authored.get("limits", Limits())
    return Policy(
        mode=authored["mode"],
        default=authored.get("default", "decline"),
        declines_per_sweep=limits.declines_per_sweep,
        wait=limits.wait,
        protect=tuple(authored.get("protect", PROTECTED_BY_DEFAULT)),
        rules=tuple(_rule(rule) for part in parts for rule in part.rules),
    )


def _rule(rule: RuleSource) -> Rule:
    notes = Keywords(any=tuple(rule.notes.any), all=tuple(rule.notes.all), none=tuple(rule.notes.none))
    return Rule(
        name=rule.name,
        effect=rule.effect,
        notes=notes if "notes" in rule.model_fields_set else None,
        expires=rule.expires,
        leave_organization=rule.leave_organization,
        # A named condition has values, so an empty list means that the condition is not named.
        **{condition: tuple(getattr(rule, condition)) or None for condition in VALUE_CONDITIONS},
    )
