"""The diagnostics of a check, as text for a terminal, as JSON, and as annotations for GitHub. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..diagnostics.catalog import WORST_FIRST
from ..diagnostics.diagnostic import Diagnostic
from .excerpt import excerpt, lines_of
from .terminal import Line, wrap

_STYLES: Final = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
# Stands for a space at which no line may break; the name of a file can't contain it.
_GLUE: Final = "\0"
# GitHub's names of the severities.
_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def as_text(diagnostics: Sequence[Diagnostic], sources: Mapping[str, bytes]) -> Iterator[tuple[Line, ...]]:
    """Lines for a terminal: each diagnostic with its line and a caret, then the summary."""
    lines = {name: lines_of(source) for name, source in sources.items()}
    for diagnostic in diagnostics:
        place = f"{diagnostic.location}: "
        # The text is wrapped before it is coloured. The location, which editors turn into a link, stays in one piece,
        # even with spaces in it.
        head = f"{place}{diagnostic.severity}"
        first, *others = wrap(f"{head.replace(' ', _GLUE)}: {diagnostic.text}", "    ", "").split("\n")
        yield ((place, "bold"), (diagnostic.severity, _STYLES[diagnostic.severity]), first[len(head) :])
        yield from ((line,) for line in others)
        yield from ((line,) for line in excerpt(lines.get(diagnostic.file, ()), *diagnostic.place))
        yield (f"      = {diagnostic.lint.label}: {diagnostic.lint.page}",)
        yield ("",)
    yield (summary(diagnostics),)


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """The number of diagnostics of each severity, in a sentence."""
    counts = {severity: sum(diagnostic.severity == severity for diagnostic in diagnostics) for severity in WORST_FIRST}
    parts = [f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts.items() if count]
    return f"{', '.join(parts)}." if parts else "Nothing found."


def as_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """One object for each diagnostic."""
    return [
        {
            "file": diagnostic.file,
            "line": diagnostic.place.line,
            "column": diagnostic.place.column,
            "path": diagnostic.path,
            "id": diagnostic.code,
            "slug": diagnostic.lint.slug,
            "severity": diagnostic.severity,
            "title": diagnostic.lint.title,
            "message": diagnostic.message,
            "page": diagnostic.lint.page,
        }
        for diagnostic in diagnostics
    ]


def as_annotations(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Workflow commands, which GitHub shows on the lines of a pull request.

    The escapes are those of GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts).
    """
    for diagnostic in diagnostics:
        properties = {
            "file": diagnostic.file,
            "line": str(diagnostic.place.line),
            "col": str(diagnostic.place.column),
            "title": f"{diagnostic.lint.label}: {diagnostic.lint.title}",
        }
        written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{_COMMANDS[diagnostic.severity]} {written}::{_data(f'{diagnostic.text} ({diagnostic.lint.page})')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
