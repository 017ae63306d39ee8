"""The `responder` command: what its sub-commands have in common. One module a sub-command."""

import click

from authoring.commands.check import check
from authoring.commands.completion import completion
from authoring.commands.diff import diff
from authoring.commands.explain import explain
from authoring.commands.replay import replay
from authoring.commands.run import run
from authoring.commands.schema import schema
from authoring.commands.scp import scp
from authoring.commands.test import test


@click.group(
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


for _command in (check, completion, diff, explain, replay, run, schema, scp, test):
    main.add_command(_command)
