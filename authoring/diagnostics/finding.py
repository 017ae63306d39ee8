"""What a lint finds, and where."""

from dataclasses import dataclass, field
from typing import NamedTuple

from authoring.diagnostics.catalog import LINTS, MISTAKE, Lint, Severity
from authoring.diagnostics.mistakes import Loc, Mistake, escaped


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding. Its place is that of a `Mistake`; text in it is safe to print."""

    file: str
    line: int
    column: int
    path: str
    id: str
    message: str
    severity: Severity = field(compare=False)

    def __str__(self) -> str:
        """One line, in the form that editors and CI turn into links."""
        place = f"{escaped(self.file)}:{self.line}:{self.column}"
        return f"{place}: {self.severity}: {self.text} ({self.id}, {self.lint.page})"

    @property
    def text(self) -> str:
        """The message; a mistake's begins with where in the policy it is."""
        return f"{self.path}: {self.message}" if self.path and self.id == MISTAKE.id else self.message

    @property
    def lint(self) -> Lint:
        """What kind of finding it is."""
        return LINTS[self.id]


class Found(NamedTuple):
    """What one lint says: about a rule, or (None) about the policy as a whole; at a key or value inside of that."""

    lint: Lint
    rule: str | None
    loc: Loc
    message: str
    severity: Severity | None = None


def of_mistake(mistake: Mistake) -> Finding:
    """A mistake is a finding, too."""
    place = mistake.file, mistake.line, mistake.column, mistake.path
    return Finding(*place, MISTAKE.id, mistake.message, MISTAKE.severity)
