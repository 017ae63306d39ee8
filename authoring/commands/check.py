"""`responder check`: the errors in a policy, and its lints."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click

from ..diagnostics.catalog import WORST_FIRST, Severity
from ..diagnostics.diagnostic import Diagnostic, InvalidPolicy
from ..language.compiler import compile_files
from ..lints.runner import lint
from ..reports.check import as_annotations, as_json, as_text
from ..reports.sarif import as_sarif
from ..reports.stdout import escape_unprintable
from ..reports.terminal import show
from ..source.files import read_files
from .errors import FOUND_SOMETHING
from .options import at_option


@click.command(
    epilog="""\b
Examples:
  responder check
  responder check policies --fail-on warning
  responder check --format github
  responder check --format sarif > policies.sarif

\b
Exit status:
  0  nothing as bad as --fail-on was found
  1  something was: a mistake always is
  2  used wrongly, or no such file"""
)
@click.argument(
    "paths",
    metavar="[POLICY]...",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True),
    default=(Path("policies"),),
)
@at_option
@click.option(
    "--fail-on",
    type=click.Choice(WORST_FIRST),
    default="error",
    show_default=True,
    help="Exit with 1 where something as bad as this is found, or worse.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", show_default=True
)
def check(paths: tuple[Path, ...], *, now: datetime, fail_on: Severity, form: str) -> None:
    """Find every mistake of each POLICY, and what it hardly means.

    A POLICY is a file, or a folder whose files are one policy together;
    `policies` where none is named. A policy with a mistake can't be used: mend
    it first, the lints come after. What each id means, and how to mend it or
    ignore it with a reason, is in docs/lints.
    """
    sources: dict[str, bytes] = {}
    diagnostics: list[Diagnostic] = []
    for path in paths:
        read, unread = read_files(path)
        sources |= read
        try:
            diagnostics.extend(lint(compile_files(read, unread), now))
        except InvalidPolicy as error:
            diagnostics.extend(error.diagnostics)
    _print(diagnostics, sources, form)
    failing = WORST_FIRST[: WORST_FIRST.index(fail_on) + 1]
    sys.exit(FOUND_SOMETHING if any(diagnostic.severity in failing for diagnostic in diagnostics) else 0)


def _print(diagnostics: Sequence[Diagnostic], sources: dict[str, bytes], form: str) -> None:
    escape_unprintable()  # stdout's encoding may lack characters of a file's name
    match form:
        case "json":
            click.echo(json.dumps(as_json(diagnostics), indent=2))
        case "sarif":
            click.echo(json.dumps(as_sarif(diagnostics, version("invitation-responder")), indent=2))
        case "github":
            for annotation in as_annotations(diagnostics):
                click.echo(annotation)
        case _:
            for line in as_text(diagnostics, sources):
                show(*line)
