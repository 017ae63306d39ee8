"""One diagnostic: an error in a source, or a doubt about it, with its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .catalog import INVALID, LINTS, Lint, Severity
from .wording import escape, quote_part

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

    `path` and `message` are safe to print on a terminal or in a log. `rule` is the name of the rule concerned, None for
    the policy as a whole.
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
        """One line that also names the severity, the lint and its page."""
        return f"{self.location}: {self.severity}: {self.text} ({self.lint.label}, {self.lint.page})"

    @property
    def location(self) -> str:
        """The file, the line and the column: `policies/main.yaml:3:7`."""
        return f"{escape(self.file)}:{self.place.line}:{self.place.column}"

    @property
    def text(self) -> str:
        """The message, behind the path if the source is invalid."""
        return f"{self.path}: {self.message}" if self.path and self.code == INVALID.id else self.message

    @property
    def lint(self) -> Lint:
        """The lint of the code."""
        return LINTS[self.code]


class InvalidPolicy(Exception):  # noqa: N818 - it holds many diagnostics, and none of them is the program's error
    """An invalid source: its diagnostics, at least one, in the order of files, lines and columns."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Sort the diagnostics, and drop repeated ones."""
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sorted(set(diagnostics)))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        """One line for each diagnostic."""
        return "\n".join(map(str, self.diagnostics))


def invalid(file: str, place: Place, loc: Loc, message: str) -> Diagnostic:
    """The diagnostic (IR000) of a source that can't be used."""
    return Diagnostic(file, place, path_of(loc), INVALID.id, message, INVALID.severity)


def path_of(loc: Loc) -> str:
    """A `Loc` in words; inside a rule the path starts at the rule: `organizations[0]`, `notes.any[1]`."""
    match loc:
        case "rules", int(), first, *others:
            loc = (first, *others)
    parts = (f"[{part}]" if isinstance(part, int) else f".{quote_part(part)}" for part in loc)
    return "".join(parts).removeprefix(".")
