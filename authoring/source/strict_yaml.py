"""Strict YAML: bytes in, a tree of text with places and the structural diagnostics out.

Nothing is resolved or constructed: a scalar is the text that was written (account numbers, `no`, dates). Whatever makes
a file mean something else than it seems to (duplicate keys, aliases, tags, invisible line breaks) is an error. The tree
is built from parser events, so neither depth nor repetition costs more than the bytes that were read.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import yaml

from ..diagnostics.diagnostic import START, Diagnostic, Loc, Place, invalid
from ..diagnostics.wording import quote
from .syntax_errors import describe_syntax_error
from .tree import Node

MAX_BYTES: Final = 1024 * 1024
MAX_LEVELS: Final = 10
# More than any organization has accounts. Checking this many takes a second, whatever is wrong with them.
MAX_NODES: Final = 50_000
# Nobody reads more of them, and the diagnostics of a machine's garbage should not take minutes.
MAX_DIAGNOSTICS: Final = 1000

if not yaml.__with_libyaml__:
    raise ImportError("PyYAML is installed without libyaml, which its wheels bring: install it from a wheel")

# The characters that YAML forbids, a byte order mark that is not at the start, and the line breaks of YAML that editors
# do not show (NEL, LS, PS, a lone CR): one of these could end a comment unseen.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)"
)


def read_yaml(
    file: str, source: bytes, noun: str = "a policy", max_levels: int = MAX_LEVELS
) -> tuple[Node | None, list[Diagnostic]]:
    """Read one file; returns its tree and its diagnostics.

    The tree is None if the file holds no document or, with a diagnostic, if it can't be read to its end. `file` is its
    name in diagnostics; `noun` says in messages what the file is.
    """
    if len(source) > MAX_BYTES:
        return None, [
            invalid(file, START, (), "is larger than 1 MiB, the most that one file may be: split it over several")
        ]
    source = source.removeprefix(codecs.BOM_UTF8)
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        readable = source[: error.start].decode()
        place = _place_in(readable, len(readable))
        return None, [invalid(file, place, (), f"is not UTF-8: byte 0x{source[error.start]:02x} (save it as UTF-8)")]
    if diagnostics := list(_forbidden_characters(file, text, noun)):
        return None, diagnostics
    builder = _Builder(file, noun, max_levels)
    complete = builder.build(text)
    return builder.root if complete else None, builder.diagnostics


def _place_in(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _forbidden_characters(file: str, text: str, noun: str) -> Iterator[Diagnostic]:
    """A diagnostic for the first of each forbidden character: one wrong editor setting can leave thousands."""
    seen: set[str] = set()
    for match in _FORBIDDEN.finditer(text):
        character = match[0]
        if character not in seen:
            seen.add(character)
            name = f"the character U+{ord(character):04X}"
            yield invalid(file, _place_in(text, match.start()), (), f"{name} is not allowed in {noun} (remove it)")


@dataclass(slots=True)
class _Open:
    """A list or mapping that has not ended yet. `key` is the key whose value comes next."""

    node: Node
    loc: Loc
    key: str | None = None
    key_place: Place = START
    # The next value belongs to no key, because its key is invalid.
    drop_next: bool = False


@dataclass(slots=True)
class _Builder:
    """Builds the tree, event by event."""

    file: str
    noun: str
    max_levels: int
    root: Node | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _documents: int = 0
    _nodes: int = 0

    def build(self, text: str) -> bool:
        """Read `text` as far as possible; returns True if that was to its end."""
        try:
            for event in yaml.parse(text, Loader=yaml.CLoader):
                place = _place(event.start_mark)
                if not (self._take(event, place) and self._is_within_limits(event, place)):
                    return False
        except yaml.MarkedYAMLError as error:
            opened = self._open[-1].node.place if self._open else START
            return self._stop(*describe_syntax_error(error, text, opened, has_begun=self._documents > 0))
        return True

    def _is_within_limits(self, event: yaml.Event, place: Place) -> bool:
        self._nodes += isinstance(event, yaml.NodeEvent)
        if self._nodes > MAX_NODES:
            return self._stop(place, f"has more than {MAX_NODES:,} keys and values: split it over several files")
        if len(self.diagnostics) >= MAX_DIAGNOSTICS:
            return self._stop(place, f"has {MAX_DIAGNOSTICS:,} mistakes up to here, and is not read on")
        return True

    def _stop(self, place: Place, message: str) -> Literal[False]:
        """Add a diagnostic after which reading on makes no sense; returns False."""
        self.diagnostics.append(invalid(self.file, place, (), message))
        return False

    def _diagnose(self, place: Place, message: str) -> None:
        self.diagnostics.append(invalid(self.file, place, self._loc(), message))

    def _loc(self) -> Loc:
        return self._open[-1].loc if self._open else ()

    def _take(self, event: yaml.Event, place: Place) -> bool:
        """Take the next event; returns False if reading on makes no sense."""
        if isinstance(event, yaml.ScalarEvent):
            self._check_properties(event, place)
            is_merge = event.value == "<<" and event.implicit[0]
            self._add(Node(place, event.value, place), is_merge=is_merge)
        elif isinstance(event, yaml.AliasEvent):
            self._diagnose(place, f"alias {quote(f'*{event.anchor}')}: {self.noun} has no aliases (write it out)")
            self._add(Node(place, None, place))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_properties(event, place)
            return self._enter(Node(place, {} if isinstance(event, yaml.MappingStartEvent) else [], place))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                return self._stop(
                    place, "a second document starts here: a file holds one (remove the `---`, or split it)"
                )
        return True

    def _check_properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, place: Place) -> None:
        if event.anchor is not None:
            self._diagnose(place, f"anchor {quote(f'&{event.anchor}')}: {self.noun} has no anchors (remove it)")
        if event.tag is not None:
            message = f"tag {quote(event.tag)}: {self.noun} has no tags (remove it; everything is text anyway)"
            self._diagnose(place, message)

    def _enter(self, node: Node) -> bool:
        if len(self._open) == self.max_levels:
            message = f"is nested deeper than {self.max_levels} levels, which nothing in {self.noun} is"
            return self._stop(node.place, message)
        part = self._add(node)
        self._open.append(_Open(node, self._loc() if part is None else (*self._loc(), part)))
        return True

    def _add(self, node: Node, *, is_merge: bool = False) -> str | int | None:
        """Add a node to its parent, or take it as the next key; returns the last part of its loc, if it has one."""
        if not self._open:
            self.root = node
            return None
        parent = self._open[-1]
        if isinstance(parent.node.value, list):
            parent.node.value.append(node)
            return len(parent.node.value) - 1
        if parent.drop_next:
            parent.drop_next = False
            return None
        if parent.key is None:
            self._add_key(parent, node, is_merge=is_merge)
            return None
        return self._add_value(parent, node, parent.key)

    def _add_value(self, parent: _Open, node: Node, key: str) -> str:
        assert isinstance(parent.node.value, dict)  # noqa: S101 - for mypy: only mappings have keys
        node.key = parent.key_place
        parent.node.value[key] = node
        parent.key = None
        return key

    def _add_key(self, parent: _Open, node: Node, *, is_merge: bool) -> None:
        assert isinstance(parent.node.value, dict)  # noqa: S101 - for mypy: only mappings have keys
        key = node.value
        if isinstance(key, str) and key not in parent.node.value and not is_merge:
            parent.key, parent.key_place = key, node.place
            return
        parent.drop_next = True
        if is_merge:
            self._diagnose(node.place, f"merge key `<<`: {self.noun} has no merge keys (write the keys out)")
        elif isinstance(key, str):
            first = parent.node.value[key].key.line
            self._diagnose(node.place, f"key {quote(key)} is here twice: first at line {first} (remove one)")
        elif key is not None:
            self._diagnose(node.place, "a key must be text, and this is a list or a mapping")


def _place(mark: Any) -> Place:  # libyaml's marks are not in the stubs
    return Place(mark.line + 1, mark.column + 1)
