"""The `responder` command: what its sub-commands have in common. One module a sub-command."""

import click

from authoring.commands.check import check
from authoring.commands.diff import diff
from authoring.commands.explain import explain
from authoring.commands.replay import replay
from authoring.commands.run import run
from authoring.commands.scp import scp
from authoring.commands.test import test


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="invitation-responder")
def main() -> None:
    """Answer AWS Organizations handshakes by a policy."""


main.add_command(check)
main.add_command(diff)
main.add_command(explain)
main.add_command(replay)
main.add_command(run)
main.add_command(scp)
main.add_command(test)
