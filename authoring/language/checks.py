"""Checks across the values and the files of a policy: repetitions, contradictions, misplaced keys. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, get_args

from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import EXCLUDING, VALUE_CONDITIONS, Effect

from ..diagnostics.diagnostic import START, Diagnostic, Loc, invalid
from ..diagnostics.wording import escape, quote
from ..source.tree import Node
from .policy import Notes
from .source_map import SourceFile

# The keys that at most one file of a policy may have.
_ONCE: Final = ("mode", "default", "limits", "protect")
# The keys that some file of a policy must have, each with the advice if none has.
_NEEDED: Final = {"mode": "write `mode: audit` or `mode: enforce`", "rules": "write `rules: []` for none"}
_KEYWORD_LISTS: Final = tuple(Notes.model_fields)
# The forms in which values are compared, unless as they are written.
_COMPARED_AS: Final[dict[str, Callable[[str], str]]] = {
    "management_emails": str.casefold,
    **dict.fromkeys(_KEYWORD_LISTS, normalize),
}


def repeated_values(name: str, root: Node) -> Iterator[Diagnostic]:
    """A diagnostic for each value that a list repeats, in the form that is compared with handshakes."""
    for loc in _value_lists(root):
        form = _COMPARED_AS.get(str(loc[-1]), str)
        seen: dict[str, Node] = {}
        for index, item in enumerate(root.items(*loc)):
            if isinstance(item.value, str) and (formed := form(item.value)):
                first = seen.setdefault(formed, item)
                if first is not item:
                    same = "" if first.value == item.value else f", both compared as {quote(formed)}"
                    message = f"{quote(item.value)} is in this list twice: first at line {first.place.line}{same}"
                    yield invalid(name, item.place, (*loc, index), f"{message} (remove one)")


def leaving_without_accepting(name: str, root: Node) -> Iterator[Diagnostic]:
    """A diagnostic for each rule with `leave_organization` that does not only accept invitations."""
    for index, rule in enumerate(root.items("rules")):
        leave, effect = rule.find(("leave_organization",)), rule.find(("effect",))
        if leave is None or leave.value != "true":
            continue
        actions = [item.value for item in rule.items("actions")]
        if effect and effect.value in get_args(Effect) and effect.value != "accept":
            message = "an account leaves its organization only by accepting (remove it, or write `effect: accept`)"
        elif actions != ["INVITE"]:
            message = "an account leaves its organization only for an invitation (write `actions: [INVITE]`)"
        else:
            continue
        yield invalid(name, leave.key, ("rules", index, "leave_organization"), message)


def contradictions(name: str, root: Node) -> Iterator[Diagnostic]:
    """A diagnostic for each value that a rule both asks for and excludes."""
    for index, rule in enumerate(root.items("rules")):
        for excluding, condition in EXCLUDING.items():
            asked = {item.value: item for item in rule.items(condition) if isinstance(item.value, str)}
            for position, item in enumerate(rule.items(excluding)):
                if isinstance(item.value, str) and (other := asked.get(item.value)):
                    message = f"{quote(item.value)} is in `{condition}` of this rule, too: at line {other.place.line}"
                    loc = ("rules", index, excluding, position)
                    yield invalid(name, item.place, loc, f"{message} (remove it from one of the two)")


def _value_lists(root: Node) -> Iterator[Loc]:
    yield ("protect",)
    for index, _ in enumerate(root.items("rules")):
        for condition in VALUE_CONDITIONS:
            yield "rules", index, condition
        for part in _KEYWORD_LISTS:
            yield "rules", index, "notes", part


def keys_in_two_files(files: Sequence[SourceFile]) -> Iterator[Diagnostic]:
    """Keys that stand in more than one file, though one may have them."""
    for key in _ONCE:
        first: str | None = None
        for file in files:
            node = file.root.find((key,))
            if node and first:
                yield invalid(file.name, node.key, (key,), f"stands in two files: first at {first} (remove one)")
            elif node:
                first = f"{escape(file.name)}:{node.key.line}"


def names_of_two_rules(files: Sequence[SourceFile]) -> Iterator[Diagnostic]:
    """Names that two rules of the policy have."""
    seen: dict[str, str] = {}
    for file in files:
        for rule in file.root.items("rules"):
            node = rule.find(("name",))
            if node and isinstance(node.value, str) and node.value:
                if node.value in seen:
                    message = f"{quote(node.value)} names two rules: first at {seen[node.value]} (rename one)"
                    yield invalid(file.name, node.place, ("name",), message)
                else:
                    seen[node.value] = f"{escape(file.name)}:{node.place.line}"


def keys_in_no_file(files: Sequence[SourceFile]) -> Iterator[Diagnostic]:
    """Keys that no file has, though one must."""
    first = files[0].name if files else "."
    where = "in all files" if len(files) > 1 else ""
    for key, what_to_do in _NEEDED.items():
        if not any(file.root.find((key,)) for file in files):
            yield invalid(first, START, (), f"`{key}` is missing {where}".rstrip() + f" ({what_to_do})")
