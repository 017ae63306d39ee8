"""`responder completion`: the script by which a shell completes commands, options and files."""

from typing import Final

import click
from click.shell_completion import get_completion_class

_SHELLS: Final = ("bash", "zsh", "fish")


@click.command(
    epilog="""\b
Examples:
  source <(responder completion bash)
  source <(responder completion zsh)
  responder completion fish | source"""
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    Source it in the shell's start-up file.
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - for mypy: click has all of these
    root = context.find_root()
    click.echo(found(root.command, {}, root.info_name or "responder", "_RESPONDER_COMPLETE").source())
