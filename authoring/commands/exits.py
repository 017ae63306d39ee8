"""How a command ends: 0 fine, 1 it found something, 2 it was used wrongly or could not work."""

from pathlib import Path
from typing import Final

import click

from authoring.mistakes import PolicyMistakes
from authoring.source import load_policy
from invitation_responder.policy import Policy

FOUND_SOMETHING: Final = 1
COULD_NOT_WORK: Final = 2


class RefusalError(click.ClickException):
    """The command could not work. Shown as one line on stderr."""

    exit_code = COULD_NOT_WORK


def load_or_refuse(path: Path) -> Policy:
    """The policy; or every mistake of it on stderr, and the end."""
    try:
        return load_policy(path)
    except PolicyMistakes as mistakes:
        click.echo(str(mistakes), err=True)
        raise RefusalError(f"{path}: the policy can't be used, so nothing was done") from mistakes


def complain(message: str, kind: str = "Error") -> None:
    """Say on stderr what is wrong, and go on."""
    click.echo(f"{kind}: {message}", err=True)


def warn(message: str) -> None:
    """Say on stderr what somebody should know, and go on."""
    complain(message, kind="Warning")
