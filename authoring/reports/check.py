"""What a check found, as text for a terminal, as JSON, and as annotations for GitHub. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from authoring.diagnostics.catalog import WORST_FIRST
from authoring.diagnostics.finding import Finding
from authoring.diagnostics.mistakes import escaped
from authoring.reports.excerpt import excerpt, lines_of
from authoring.reports.terminal import Line, wrapped

_STYLES: Final = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
# Stands for a space where no line may end; no name of a file is shown with it.
_GLUE: Final = "\0"
# What GitHub calls them.
_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def as_text(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> Iterator[tuple[Line, ...]]:
    """Lines for a terminal: each finding with its line and a caret, then how many there are."""
    lines = {name: lines_of(source) for name, source in sources.items()}
    for finding in findings:
        place = f"{escaped(finding.file)}:{finding.line}:{finding.column}: "
        # The words are wrapped first, and coloured then. What editors turn into a link is one word, whatever is in it.
        head = f"{place}{finding.severity}"
        first, *others = wrapped(f"{head.replace(' ', _GLUE)}: {finding.text}", "    ", "").split("\n")
        yield ((place, "bold"), (finding.severity, _STYLES[finding.severity]), first[len(head) :])
        yield from ((line,) for line in others)
        yield from ((line,) for line in excerpt(lines.get(finding.file, ()), finding.line, finding.column))
        yield (f"      = {finding.id}: {finding.lint.page}",)
        yield ("",)
    yield (summary(findings),)


def summary(findings: Sequence[Finding]) -> str:
    """How many there are, in a sentence."""
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in WORST_FIRST}
    told = [f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts.items() if count]
    return f"{', '.join(told)}." if told else "Nothing found."


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """One object for each."""
    return [
        {
            "file": finding.file,
            "line": finding.line,
            "column": finding.column,
            "path": finding.path,
            "id": finding.id,
            "severity": finding.severity,
            "title": finding.lint.title,
            "message": finding.message,
            "page": finding.lint.page,
        }
        for finding in findings
    ]


def as_annotations(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands, which GitHub shows on the lines of a pull request.

    The escapes are those of GitHub's own toolkit (actions/toolkit, packages/core/src/command.ts).
    """
    for finding in findings:
        properties = {
            "file": finding.file,
            "line": str(finding.line),
            "col": str(finding.column),
            "title": f"{finding.id} {finding.lint.title}",
        }
        told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{_COMMANDS[finding.severity]} {told}::{_data(f'{finding.text} ({finding.lint.page})')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
