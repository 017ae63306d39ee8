"""Syntax errors of YAML: the place of the cause, and advice. Pure.

libyaml words its errors for people who know how YAML is parsed. Its words are only matched here, and never shown.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from ..diagnostics.diagnostic import START, Place
from ..diagnostics.wording import quote

_CLOSING: Final = {"[": "]", "{": "}"}
_NOUNS: Final = {"[": "list", "{": "mapping", "`": "a backtick", "\t": "a tab"}
_INDENTATION: Final = re.compile(r" *(- +)*")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of the parser, which stopped at `place`, inside the construct that begins at `begin`.

    `opened` is the place of the list or mapping that has not ended yet; `lines` are those of the whole text.
    """

    problem: str
    context: str
    place: Place
    begin: Place
    opened: Place
    lines: Sequence[str]

    def line(self, number: int) -> str:
        """The line of a number (from 1) without its end; empty if there is none."""
        return self.lines[number - 1].rstrip("\r") if 0 < number <= len(self.lines) else ""

    def character(self, place: Place) -> str:
        """The character at a place; empty at the end of a line."""
        return self.line(place.line)[place.column - 1 : place.column]

    def above(self, number: int) -> int:
        """The number of the nearest line above that has content; 0 if there is none."""
        return next((one for one in range(number - 1, 0, -1) if _has_content(self.line(one))), 0)

    @property
    def before(self) -> str:
        """The text before `place` on its line."""
        return self.line(self.place.line)[: self.place.column - 1]

    @property
    def is_at_end(self) -> bool:
        """True if nothing but comments comes after `place`."""
        here = self.line(self.place.line)[self.place.column - 1 :]
        return not any(map(_has_content, (here, *self.lines[self.place.line :])))


# The place of the cause, and the message; None if the cause is another one.
Explanation = tuple[Place, str] | None


def describe_syntax_error(
    error: yaml.MarkedYAMLError, text: str, opened: Place, *, has_begun: bool
) -> tuple[Place, str]:
    """The place of the cause, and the message. `has_begun` is True if a document has begun, behind its directives."""
    lines = text.split("\n")
    place = _within(lines, error.problem_mark)
    begin = _within(lines, error.context_mark) if error.context_mark else place
    complaint = Complaint(error.problem or "", error.context or "", place, begin, opened, lines)
    if "\t" in _indentation(complaint.line(place.line)):
        return place, "is indented with a tab, which YAML does not take (use spaces)"
    directive = None if has_begun else re.match(r"(?:[ \t]*(?:#.*)?\r?\n)*%", text)
    if directive:
        line = text.count("\n", 0, directive.end()) + 1
        return Place(line, 1), "a line can't begin with `%` (remove it, or put the text in quotes)"
    words = f"{complaint.problem} {complaint.context}"
    explanations = (explain(complaint) for pattern, explain in _EXPLANATIONS if re.search(pattern, words))
    explanation = next((one for one in explanations if one), None)
    return explanation or (place, "can't be read as YAML from here on (put unusual text in quotes)")


def _within(lines: Sequence[str], mark: "yaml.Mark | None") -> Place:
    """The place of a mark, or the end of the text if the mark is behind it: libyaml counts one line break too many."""
    if mark is None:
        return START
    return Place(mark.line + 1, mark.column + 1) if mark.line < len(lines) else Place(len(lines), len(lines[-1]) + 1)


def _has_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _describe_quotes(complaint: Complaint) -> Explanation:
    if "end of stream" in complaint.problem or "document" in complaint.problem:
        quote = complaint.character(complaint.begin)
        return complaint.begin, f"opens a quote that is not closed (write `{quote}` where the text ends)"
    backslash = complaint.line(complaint.place.line)[: complaint.place.column].rfind("\\")
    place = Place(complaint.place.line, backslash + 1)
    return place, r"a backslash begins an escape, and this is none (write `\\`, or use single quotes)"


def _second_colon(complaint: Complaint) -> Explanation:
    line, column = complaint.place
    if re.search(r":\s", complaint.before):
        return complaint.place, "a second `: ` on one line (put text that holds one in quotes)"
    above = complaint.line(complaint.above(line))
    indented = len(_indent_of(complaint.before))
    begin = Place(line, min(indented + 1, column))
    if not above:
        return None
    if indented > len(_indent_of(above)) and not re.match(r" *-\S", above):
        return begin, "is indented further than the key above it, which has its value (indent both alike)"
    return begin, "begins no key: the line above lacks its `: `, or the space after `-` or `:` (write `mode: audit`)"


def _indent_of(line: str) -> str:
    """The indentation of a line's key, with the dashes of the items that begin on the line."""
    match = _INDENTATION.match(line)
    return match[0] if match else ""


def _no_colon(complaint: Complaint) -> Explanation:
    if dash := _no_dash(complaint, complaint.begin.line):
        return dash
    what_to_do = "write as in `mode: audit`, or as in `- o-exampleorgid` for an item of a list"
    return complaint.begin, f"lacks the `: ` between a key and its value ({what_to_do})"


def _no_dash(complaint: Complaint, number: int) -> Explanation:
    """The explanation of a value on a line of its own, below a key without a value."""
    text = _without_comment(complaint.line(number))
    above = _without_comment(complaint.line(complaint.above(number)))
    value = text.strip()
    if not above.endswith(":") or not value or value[0] in "-[{" or ":" in value:
        return None
    place = Place(number, len(text) - len(text.lstrip()) + 1)
    item = quote(f"- {value}")
    what_to_do = f"write {item} for an item of a list, else put it behind the `:`"
    return place, f"is no key, and the one above has no value ({what_to_do})"


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line).rstrip()


def _flow(complaint: Complaint) -> Explanation:
    """The explanation inside of brackets: a comma is missing, or the bracket is not closed."""
    closing = _CLOSING.get(complaint.character(complaint.begin), "]")
    if complaint.is_at_end or complaint.place.line > complaint.begin.line:
        return _describe_unclosed(complaint, complaint.begin)
    return complaint.place, f"expected `,` or `{closing}` (write it, or put the text in quotes)"


def _describe_unclosed(complaint: Complaint, opened: Place) -> Explanation:
    bracket = complaint.character(opened)
    if bracket not in _CLOSING:
        return None
    what_to_do = f"write `{_CLOSING[bracket]}` where it ends"
    if not complaint.is_at_end:
        what_to_do += f", or a `,` that is missing before line {complaint.place.line}"
    return opened, f"opens a {_NOUNS[bracket]} that is not closed ({what_to_do})"


def _no_value(complaint: Complaint) -> Explanation:
    return (
        _describe_unclosed(complaint, complaint.opened) if complaint.is_at_end else _strange(complaint, complaint.place)
    )


def _strange_here(complaint: Complaint) -> Explanation:
    # libyaml reads the `*bill` of `*bill@…` as an alias, and stops only at the `@`.
    alias = re.search(r"[*&][\w-]+$", complaint.before)
    return _strange(complaint, Place(complaint.place.line, alias.start() + 1) if alias else complaint.place)


def _strange_begin(complaint: Complaint) -> Explanation:
    return _strange(complaint, complaint.begin)


def _strange(complaint: Complaint, place: Place) -> Explanation:
    character = complaint.character(place)
    name = _NOUNS.get(character, quote(character)) if character not in _CLOSING else quote(character)
    return place, f"a value can't begin with {name} (remove it, or put the text in quotes)"


def _block_text(complaint: Complaint) -> Explanation:
    sign = complaint.character(complaint.begin)
    return complaint.begin, f"`{sign}` begins text that stands on the lines below it (put other text in quotes)"


def _list_beside_key(complaint: Complaint) -> Explanation:
    return complaint.place, "a list begins on a line of its own (or write it as `[a, b]`)"


def _elsewhere(complaint: Complaint) -> Explanation:
    """The explanation of text that the list or the mapping around it can't hold."""
    if complaint.before.strip():
        if complaint.character(complaint.place) in _CLOSING.values():
            return complaint.place, "closes nothing (remove it)"
        return (
            complaint.place,
            "stands behind the end of a value (put it all into one pair of quotes, or several values into `[a, b]`)",
        )
    if complaint.place.column == complaint.begin.column and complaint.context:
        first = complaint.begin.line
        if "mapping" in complaint.context:
            return complaint.place, f"is a list item beside the keys from line {first} on (indent it below its key)"
        what_to_do = "indent it as the keys of an item, or begin it with `- `"
        return complaint.place, f"is no item of the list that begins at line {first} ({what_to_do})"
    return complaint.place, "is indented like nothing above it (use as many spaces as the keys or items beside it)"


_EXPLANATIONS: Final[tuple[tuple[str, Callable[[Complaint], Explanation]], ...]] = (
    ("quoted scalar", _describe_quotes),
    ("mapping values are not allowed", _second_colon),
    ("could not find expected ':'", _no_colon),
    ("flow (sequence|mapping)", _flow),
    ("node content", _no_value),
    ("cannot start any token", _strange_here),
    ("alias|anchor|tag", _strange_begin),
    ("block scalar", _block_text),
    ("sequence entries are not allowed", _list_beside_key),
    ("block (mapping|collection)|document start", _elsewhere),
)
