"""A policy's source → `Policy`, or every mistake with its place.

Nothing is compiled while there is one mistake in any file: a policy that is half loaded answers wrongly.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from authoring.files import read_files
from authoring.language import MISTAKE, Limits, Notes, PolicySource, RuleSource
from authoring.mistakes import Loc, Mistake, PolicyMistakes, escaped, found, listed, nearest, path_of, shown
from authoring.strict_yaml import MOST_FLAWS, read_yaml
from authoring.tree import START, Node
from invitation_responder.policy import PROTECTED_BY_DEFAULT, VALUE_CONDITIONS, Keywords, Policy, Rule, normalize

__all__ = ["Mistake", "PolicyMistakes", "compile_sources", "load_policy"]

# What stands in one file of a policy at most.
_ONCE: Final = ("mode", "default", "limits", "protect")
# What all files together must have, and what to do about it.
_NEEDED: Final = {"mode": "write `mode: audit` or `mode: enforce`", "rules": "write `rules: []` for none"}
# What each file or each of its rules must have.
_NEEDED_EACH: Final = {
    "version": "write `version: 1`",
    "name": "every rule has a name of its own",
    "effect": "every rule says decline, allow or accept",
}
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


def load_policy(path: Path) -> Policy:
    """Compile a file, or the `*.yaml` files of a folder.

    Raises `PolicyMistakes` with all mistakes of all files, one that can't be read included.
    """
    return _compile(*read_files(path))


def compile_sources(sources: Mapping[str, bytes]) -> Policy:
    """Compile files that are one policy together, given by their names. Pure.

    Raises `PolicyMistakes` with all mistakes of all files.
    """
    return _compile(sources, [])


def _compile(sources: Mapping[str, bytes], unread: list[Mistake]) -> Policy:
    mistakes = list(unread)
    files = [file for name in sorted(sources) if (file := _read(name, sources[name], mistakes))]
    mistakes.extend(_keys_in_two_files(files))
    mistakes.extend(_names_of_two_rules(files))
    # What is missing may stand in a file that could not be read.
    if not unread and len(files) == len(sources):
        mistakes.extend(_keys_in_no_file(files))
    if mistakes:
        raise PolicyMistakes(mistakes)
    return _merge([file.source for file in files if file.source])


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
    try:
        return _File(name, root, PolicySource.model_validate(root.plain()))
    except ValidationError as error:
        mistakes.extend(_told(name, root, error.errors(include_url=False, include_input=False)))
        return _File(name, root, None)


def _not_a_policy(name: str, root: Node | None) -> Mistake:
    if root is None or not root.value:
        return Mistake(name, *START, "", "is empty: a policy needs `version`, `mode` and `rules`")
    expected = "expected a mapping with `version`, `mode` and `rules`"
    return Mistake(name, *root.place, "", f"{expected}, found {found(root.value)}")


def _told(name: str, root: Node, errors: list[ErrorDetails]) -> Iterator[Mistake]:
    """Give pydantic's errors their places and our words."""
    told = (mistake for error in errors if (mistake := _tell(name, root, error)))
    yield from islice(told, MOST_FLAWS)
    if next(told, None):
        yield Mistake(name, *START, "", f"has more than {MOST_FLAWS:,} mistakes: the rest of them is not shown")


def _tell(name: str, root: Node, error: ErrorDetails) -> Mistake | None:
    """None where a flaw has already told it."""
    *outer, key = error["loc"]
    node = root.find((*outer, key))
    if node is None:
        owner = root.find(tuple(outer)) if outer else None
        place = owner.place if owner else START
        return Mistake(name, *place, path_of(tuple(outer)), f"`{key}` is missing ({_NEEDED_EACH[str(key)]})")
    if error["type"] == "extra_forbidden":
        return Mistake(name, *node.key, path_of(tuple(outer)), _unknown_key(tuple(outer), str(key)))
    if node.value is None:
        return None
    return Mistake(name, *node.place, path_of((*outer, key)), _wrong_value(error, str(key), node))


def _unknown_key(outer: Loc, key: str) -> str:
    owner, model = _owner(outer)
    near = nearest(key, model.model_fields)
    hint = f"did you mean {shown(near)}?" if near else f"expected {listed(model.model_fields, 'or')}"
    return f"{shown(key)} is not a key of {owner} ({hint})"


def _owner(loc: Loc) -> tuple[str, type[BaseModel]]:
    match loc:
        case ():
            return "a policy", PolicySource
        case (_,):
            return "limits", Limits
        case (_, _):
            return "a rule", RuleSource
        case _:
            return "notes", Notes


def _wrong_value(error: ErrorDetails, key: str, node: Node) -> str:
    if error["type"] == MISTAKE:
        return str(error["ctx"]["message"])
    if error["type"] == "too_short":
        return f"is an empty list, which would match nothing (write a value, or remove `{key}`)"
    if error["type"] == "list_type":
        if key == "rules":
            return f"expected a list of rules, each beginning with `- name:`, or `[]`; found {found(node.value)}"
        return f"expected a list, as in `[a, b]`, found {found(node.value)}"
    return f"expected a mapping, as in `key: value`, found {found(node.value)}"


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
        # A condition that is named has values, so that an empty one is one that is not named.
        **{condition: tuple(getattr(rule, condition)) or None for condition in VALUE_CONDITIONS},
    )
