"""A policy's source → `Policy`, or every mistake with its place.

Nothing is compiled while there is one mistake in any file: a policy that is half loaded answers wrongly.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from authoring.diagnostics.mistakes import Loc, Mistake, PolicyMistakes, escaped, found, path_of, shown
from authoring.language.policy import Limits, Notes, PolicySource, RuleSource
from authoring.source.files import read_files
from authoring.source.strict_yaml import MOST_FLAWS, read_yaml
from authoring.source.tree import START, Node
from authoring.source.validation import validate
from invitation_responder.core.policy import (
    EXCLUDING,
    PROTECTED_BY_DEFAULT,
    VALUE_CONDITIONS,
    Effect,
    Keywords,
    Policy,
    Rule,
    normalize,
)

__all__ = ["Mistake", "PolicyMistakes", "Source", "compile_files", "compile_sources", "load_policy"]

# What stands in one file of a policy at most.
_ONCE: Final = ("mode", "default", "limits", "protect")
# What all files together must have, and what to do about it.
_NEEDED: Final = {"mode": "write `mode: audit` or `mode: enforce`", "rules": "write `rules: []` for none"}
_KEYWORD_LISTS: Final = tuple(Notes.model_fields)
# How the values of a list are compared, where not as they are written.
_COMPARED_AS: Final[dict[str, Callable[[str], str]]] = {
    "management_emails": str.casefold,
    **dict.fromkeys(_KEYWORD_LISTS, normalize),
}


@dataclass(frozen=True, slots=True)
class _File:
    """One file whose keys are known; `source` is None where there is a mistake in it."""

    name: str
    root: Node
    source: PolicySource | None


class RulePlace(NamedTuple):
    """Where a rule stands, and what its author wrote there."""

    file: str
    loc: Loc
    node: Node
    said: RuleSource


class Source:
    """A policy together with the files that say it."""

    def __init__(self, policy: Policy, files: Sequence[_File]) -> None:
        """`files` have no mistakes."""
        self.policy = policy
        self.said = {file.name: file.source for file in files if file.source}
        self._roots = {file.name: file.root for file in files}
        self.rules: dict[str, RulePlace] = {
            said.name: RulePlace(name, ("rules", index), root.value[index], said)
            for name, source in self.said.items()
            for index, said in enumerate(source.rules)
            if (root := self._roots[name].find(("rules",))) and isinstance(root.value, list)
        }

    def where(self, rule: str) -> str:
        """The file and the line of a rule's name, to be told in a message."""
        place = self.rules[rule]
        name = place.node.find(("name",)) or place.node
        return f"{escaped(place.file)}:{name.place.line}"

    def find(self, *loc: str | int) -> tuple[str, Node]:
        """The file in which a key of the policy stands, and its node; the start of the first file where none does."""
        for name, root in self._roots.items():
            if node := root.find(loc):
                return name, node
        name, root = next(iter(self._roots.items()))
        return name, root


def load_policy(path: Path) -> Policy:
    """Compile a file, or the `*.yaml` files of a folder.

    Raises `PolicyMistakes` with all mistakes of all files, one that can't be read included.
    """
    return compile_files(*read_files(path)).policy


def compile_sources(sources: Mapping[str, bytes]) -> Policy:
    """Compile files that are one policy together, given by their names. Pure.

    Raises `PolicyMistakes` with all mistakes of all files.
    """
    return compile_files(sources).policy


def compile_files(sources: Mapping[str, bytes], unread: Sequence[Mistake] = ()) -> Source:
    """Compile as `compile_sources` does, and keep the places; `unread` tells of files that could not be read. Pure."""
    mistakes = list(unread)
    files = [file for name in sorted(sources) if (file := _read(name, sources[name], mistakes))]
    mistakes.extend(_keys_in_two_files(files))
    mistakes.extend(islice(_names_of_two_rules(files), MOST_FLAWS))
    # What is missing may stand in a file that could not be read.
    if not unread and len(files) == len(sources):
        mistakes.extend(_keys_in_no_file(files))
    if mistakes:
        raise PolicyMistakes(mistakes)
    return Source(_merge([file.source for file in files if file.source]), files)


def _read(name: str, data: bytes, mistakes: list[Mistake]) -> _File | None:
    """Check what can be checked in one file alone; None where its keys stay unknown."""
    root, flaws = read_yaml(data)
    mistakes.extend(Mistake(name, *flaw.place, path_of(flaw.loc), flaw.message) for flaw in flaws)
    if root is None or not isinstance(root.value, dict):
        if not flaws:
            mistakes.append(_not_a_policy(name, root))
        return None
    if not flaws and root.value and root.value.keys().isdisjoint(PolicySource.model_fields):
        # Another file, given by mistake: what stands in it is nobody's business here.
        mistakes.append(Mistake(name, *START, "", "is no policy: it has none of a policy's keys, as in `version: 1`"))
        return None
    mistakes.extend(islice(_repeated_values(name, root), MOST_FLAWS))
    mistakes.extend(islice(_leaving_without_accepting(name, root), MOST_FLAWS))
    mistakes.extend(islice(_contradictions(name, root), MOST_FLAWS))
    said, told = validate(PolicySource, name, root)
    mistakes.extend(told)
    return _File(name, root, said)


def _not_a_policy(name: str, root: Node | None) -> Mistake:
    if root is None or not root.value:
        return Mistake(name, *START, "", "is empty: a policy needs `version`, `mode` and `rules`")
    expected = "expected a mapping with `version`, `mode` and `rules`"
    return Mistake(name, *root.place, "", f"{expected}, found {found(root.value)}")


def _repeated_values(name: str, root: Node) -> Iterator[Mistake]:
    """Say which values of a list are in it already, compared as handshakes are with them."""
    for loc in _value_lists(root):
        form = _COMPARED_AS.get(str(loc[-1]), str)
        seen: dict[str, Node] = {}
        for index, item in enumerate(_items(root.find(loc))):
            if isinstance(item.value, str) and (formed := form(item.value)):
                first = seen.setdefault(formed, item)
                if first is not item:
                    same = "" if first.value == item.value else f", both compared as {shown(formed)}"
                    message = f"{shown(item.value)} is in this list twice: first at line {first.place.line}{same}"
                    yield Mistake(name, *item.place, path_of((*loc, index)), f"{message} (remove one)")


def _leaving_without_accepting(name: str, root: Node) -> Iterator[Mistake]:
    """Say which rules would leave an organization without accepting an invitation, and nothing else."""
    for index, rule in enumerate(_items(root.find(("rules",)))):
        leave, effect = rule.find(("leave_organization",)), rule.find(("effect",))
        if leave is None or leave.value != "true":
            continue
        actions = [item.value for item in _items(rule.find(("actions",)))]
        if effect and effect.value in get_args(Effect) and effect.value != "accept":
            message = "an account leaves its organization only by accepting (remove it, or write `effect: accept`)"
        elif actions != ["INVITE"]:
            message = "an account leaves its organization only for an invitation (write `actions: [INVITE]`)"
        else:
            continue
        yield Mistake(name, *leave.key, path_of(("rules", index, "leave_organization")), message)


def _contradictions(name: str, root: Node) -> Iterator[Mistake]:
    """Say which values a rule excludes that it also asks for."""
    for index, rule in enumerate(_items(root.find(("rules",)))):
        for excluding, condition in EXCLUDING.items():
            asked = {item.value: item for item in _items(rule.find((condition,))) if isinstance(item.value, str)}
            for position, item in enumerate(_items(rule.find((excluding,)))):
                if isinstance(item.value, str) and (other := asked.get(item.value)):
                    message = f"{shown(item.value)} is in `{condition}` of this rule, too: at line {other.place.line}"
                    path = path_of(("rules", index, excluding, position))
                    yield Mistake(name, *item.place, path, f"{message} (remove it from one of the two)")


def _value_lists(root: Node) -> Iterator[Loc]:
    yield ("protect",)
    for index, _ in enumerate(_items(root.find(("rules",)))):
        for condition in VALUE_CONDITIONS:
            yield "rules", index, condition
        for part in _KEYWORD_LISTS:
            yield "rules", index, "notes", part


def _items(node: Node | None) -> list[Node]:
    return node.value if node and isinstance(node.value, list) else []


def _keys_in_two_files(files: list[_File]) -> Iterator[Mistake]:
    for key in _ONCE:
        first: str | None = None
        for file in files:
            node = file.root.find((key,))
            if node and first:
                yield Mistake(file.name, *node.key, key, f"stands in two files: first at {first} (remove one)")
            elif node:
                first = f"{escaped(file.name)}:{node.key.line}"


def _names_of_two_rules(files: list[_File]) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for file in files:
        for rule in _items(file.root.find(("rules",))):
            node = rule.find(("name",))
            if node and isinstance(node.value, str) and node.value:
                if node.value in seen:
                    message = f"{shown(node.value)} names two rules: first at {seen[node.value]} (rename one)"
                    yield Mistake(file.name, *node.place, "name", message)
                else:
                    seen[node.value] = f"{escaped(file.name)}:{node.place.line}"


def _keys_in_no_file(files: list[_File]) -> Iterator[Mistake]:
    first = files[0].name if files else "."
    where = "in all files" if len(files) > 1 else ""
    for key, what_to_do in _NEEDED.items():
        if not any(file.root.find((key,)) for file in files):
            yield Mistake(first, *START, "", f"`{key}` is missing {where}".rstrip() + f" ({what_to_do})")


def _merge(parts: list[PolicySource]) -> Policy:
    said: dict[str, Any] = {key: getattr(part, key) for part in parts for key in part.model_fields_set}
    limits: Limits = said.get("limits", Limits())
    return Policy(
        mode=said["mode"],
        default=said.get("default", "decline"),
        declines_per_sweep=limits.declines_per_sweep,
        wait=limits.wait,
        protect=tuple(said.get("protect", PROTECTED_BY_DEFAULT)),
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
        # A condition that is named has values, so that an empty one is one that is not named.
        **{condition: tuple(getattr(rule, condition)) or None for condition in VALUE_CONDITIONS},
    )
