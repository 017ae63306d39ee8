"""The `responder` command group: loads its sub-commands, and handles the loss of stdout."""

import sys
from importlib import import_module
from typing import Any, Final

import click

from .commands.errors import INTERRUPTED, PIPE_CLOSED, RefusalError
from .diagnostics.wording import reason_of
from .reports.stdout import silence_stdout

# Each command is a module of its name, imported only when the command is used: few need boto3.
COMMANDS: Final = (
    "acknowledge",
    "check",
    "completion",
    "coverage",
    "diff",
    "estimate",
    "explain",
    "replay",
    "run",
    "schema",
    "scp",
    "test",
)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and flush stdout.

        An interrupt and a closed pipe exit with the shells' statuses; any other failed write raises `RefusalError`.
        """
        try:
            try:
                return super().invoke(ctx)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except OSError as error:
            silence_stdout()
            if isinstance(error, BrokenPipeError):  # the reader has seen enough
                sys.exit(PIPE_CLOSED)
            raise RefusalError(f"stdout can't be written ({reason_of(error)})") from error

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f".commands.{cmd_name}", __package__), cmd_name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="""\b
Examples:
  responder check && responder test
  responder diff main:policies policies
  responder run --policy policies --audit

\b
Exit status: 0 fine, 1 it found something, 2 it was used wrongly or could not
work. Each command's --help has its own examples.""",
)
@click.version_option(package_name="invitation-responder")
def main() -> None:
    """Answer AWS Organizations handshakes by a policy."""
