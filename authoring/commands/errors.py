"""The exit statuses: 0 fine, 1 the command found something, 2 it was used wrongly or could not work."""

from typing import Final

import click

FOUND_SOMETHING: Final = 1
COULD_NOT_WORK: Final = 2
# The shells' statuses for SIGINT and SIGPIPE.
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


class RefusalError(click.ClickException):
    """The command could not work. click prints the message as one line on stderr."""

    exit_code = COULD_NOT_WORK


def complain(message: str, kind: str = "Error") -> None:
    """Print a problem on stderr, and go on."""
    click.echo(f"{kind}: {message}", err=True)


def warn(message: str) -> None:
    """Print a warning on stderr, and go on."""
    complain(message, kind="Warning")
