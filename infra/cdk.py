"""The CDK's command, with a sentence where two deployments meet: `python -m infra.cdk deploy …`."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

CDK: Final = Path(__file__).parent.parent / "node_modules" / ".bin" / "cdk"
# What CloudFormation says to the later of two deployments. Both use the CDK's one name for a change set: the other one
# has replaced it, executed it, or is still at work on the stack.
_CONFLICT: Final = re.compile(
    r"InvalidChangeSetStatus|ChangeSetNotFound|OperationInProgress|is in \w+_IN_PROGRESS state"
)
CONFLICT_MESSAGE: Final = (
    "Another deployment of this stack is under way, or was faster: nothing of this one is done.\n"
    "When the other one has ended, run this again; what it would still change is shown before it asks.\n"
)


def translate(line: str) -> str:
    """A line that the CDK printed, or what it means."""
    return CONFLICT_MESSAGE if _CONFLICT.search(line) else line


def main() -> int:
    """Run the CDK with the terminal as it is; returns its exit status."""
    # Errors only: prompts and tables need the terminal itself.
    with subprocess.Popen([str(CDK), "--no-notices", *sys.argv[1:]], stderr=subprocess.PIPE, text=True) as cdk:  # noqa: S603 - the user's own
        assert cdk.stderr  # noqa: S101 - asked for above
        try:
            for line in cdk.stderr:
                sys.stderr.write(translate(line))
                sys.stderr.flush()
        except KeyboardInterrupt:  # the CDK has heard it, too, and says what became of the deployment
            sys.stderr.write(cdk.stderr.read())
    return cdk.returncode


if __name__ == "__main__":
    sys.exit(main())
