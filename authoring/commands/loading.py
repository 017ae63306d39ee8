"""The loading of a policy for a command that needs one. Separate from errors.py, since its imports take time."""

from pathlib import Path

import click

from invitation_responder.core.policy import Policy

from ..diagnostics.diagnostic import InvalidPolicy
from ..language.compiler import load_policy
from .errors import RefusalError


def load_or_exit(path: Path) -> Policy:
    """Load a policy; if it is invalid, print every diagnostic on stderr and raise `RefusalError`."""
    try:
        return load_policy(path)
    except InvalidPolicy as error:
        click.echo(str(error), err=True)
        raise RefusalError(f"{path}: the policy can't be used, so nothing was done") from error
