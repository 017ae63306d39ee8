"""One diagnostic: what is wrong with a source, or doubtful, and where."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from authoring.diagnostics.catalog import INVALID, LINTS, Lint, Severity
from authoring.diagnostics.wording import escape, quote_part

# Keys and list indices from the top of a source, as in `("rules", 1, "organizations", 0)`.
Loc = tuple[str | int, ...]


class Place(NamedTuple):
    """A line and a column, both counted from 1; columns are characters."""

    line: int
    column: int


START: Final = Place(1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One diagnostic. `file` is as the user gave it, `code` the stable id of its lint: IR000 if the source is invalid.

    `path` and `message` hold nothing that a terminal or a log could take for something else. `rule` is the rule that it
    is about, None if it is about the policy as a whole.
    """

    file: str
    place: Place
    path: str
    code: str
    message: str
    severity: Severity = field(compare=False)
    rule: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """One line, in the form that editors and CI turn into links."""
        return f"{self.location}: {self.text}"

    def with_lint(self) -> str:
        """One line that names the severity, the lint and its page, too."""
        return f"{self.location}: {self.severity}: {self.text} ({self.lint.label}, {self.lint.page})"

    @property
    def location(self) -> str:
        """`policies/main.yaml:3:7`."""
        return f"{escape(self.file)}:{self.place.line}:{self.place.column}"

    @property
    def text(self) -> str:
        """The message; if the source is invalid, it begins with the path."""
        return f"{self.path}: {self.message}" if self.path and self.code == INVALID.id else self.message

    @property
    def lint(self) -> Lint:
        """The lint that it comes from."""
        return LINTS[self.code]


class InvalidPolicy(Exception):  # noqa: N818 - it holds many diagnostics, and none of them is the program's error
    """Every diagnostic of an invalid source, in the order of files, lines and columns. There is at least one."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Sort the diagnostics, each once."""
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sorted(set(diagnostics)))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        """One line for each diagnostic."""
        return "\n".join(map(str, self.diagnostics))


def invalid(file: str, place: Place, loc: Loc, message: str) -> Diagnostic:
    """An error by which the source can't be used."""
    return Diagnostic(file, place, path_of(loc), INVALID.id, message, INVALID.severity)


def path_of(loc: Loc) -> str:
    """A place in words; inside a rule it starts at the rule: `organizations[0]`, `notes.any[1]`."""
    match loc:
        case "rules", int(), first, *others:
            loc = (first, *others)
    parts = (f"[{part}]" if isinstance(part, int) else f".{quote_part(part)}" for part in loc)
    return "".join(parts).removeprefix(".")
