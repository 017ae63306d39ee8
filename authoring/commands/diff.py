"""`responder diff`: the changes in meaning by an edit of a policy."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from invitation_responder.core.policy import Policy

from ..analysis.review import review
from ..diagnostics.diagnostic import InvalidPolicy
from ..language.compiler import compile_files
from ..reports.diff import as_json, as_markdown, as_text
from ..reports.terminal import show
from ..source.git import RevisionError, read_files_or_revision
from .errors import FOUND_SOMETHING, RefusalError
from .options import at_option


@click.command(
    epilog="""\b
Examples:
  responder diff main:policies policies
  responder diff old.yaml new.yaml --format json
  responder diff origin/main:policies policies --fail-on widening

\b
Exit status:
  0  compared, and nothing was found that --fail-on names
  1  something was
  2  it could not work: a broken policy, an unknown revision"""
)
# The type is for the shell's completion: REVISION:PATH is taken, too.
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@at_option
@click.option(
    "--fail-on",
    type=click.Choice(["widening", "narrowing", "change"]),
    help="Exit with 1 where there is such a change.",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def diff(old: str, new: str, *, now: datetime, fail_on: str | None, form: str) -> None:
    """Show what is answered differently by NEW than by OLD.

    OLD and NEW are policies: a file, a folder, or either of them in a revision
    of git, as in main:policies. For each class of handshakes that is decided
    differently, now or later, one is shown, with both decisions and the edit.
    Widening: less is declined, or more accepted. Nothing is said where nothing
    changes in meaning, whatever changes in the text.
    """
    found = review(_load(old), _load(new), now)
    if form == "json":
        click.echo(json.dumps(as_json(found), indent=2))
    elif form == "markdown":
        click.echo("\n".join(as_markdown(found)))
    else:
        for line in as_text(found):
            show(*line)
    counts = {name: found.count(name) for name in ("widening", "narrowing")}
    counts["change"] = sum(counts.values())
    sys.exit(FOUND_SOMETHING if fail_on and counts[fail_on] else 0)


def _load(written: str) -> Policy:
    if ":" not in written and not Path(written).exists():
        raise RefusalError(f"{written}: no such file or folder (of a revision of git, write {written}:policies)")
    try:
        return compile_files(*read_files_or_revision(written)).policy
    except InvalidPolicy as diagnostics:
        click.echo(str(diagnostics), err=True)
        raise RefusalError(f"{written}: the policy can't be used, so nothing was compared") from diagnostics
    except RevisionError as error:
        raise RefusalError(str(error)) from error
