"""A policy for a command that can't do without it."""

from pathlib import Path

import click

from authoring.commands.errors import RefusalError
from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.compiler import load_policy
from invitation_responder.core.policy import Policy


def load_or_exit(path: Path) -> Policy:
    """The policy; or every mistake of it on stderr, and the end."""
    try:
        return load_policy(path)
    except InvalidPolicy as diagnostics:
        click.echo(str(diagnostics), err=True)
        raise RefusalError(f"{path}: the policy can't be used, so nothing was done") from diagnostics
