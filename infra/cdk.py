"""The CDK's command with a clear message for two deployments at once: `python -m infra.cdk deploy …`."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

CDK: Final = Path(__file__).parent.parent / "node_modules" / ".bin" / "cdk"
# CloudFormation's errors for the later of two deployments. Both use the CDK's one name for a change set: the other
# deployment has replaced or executed it, or is still updating the stack.
_CONFLICT: Final = re.compile(
    r"InvalidChangeSetStatus|ChangeSetNotFound|OperationInProgress|is in \w+_IN_PROGRESS state"
)
CONFLICT_MESSAGE: Final = (
    "Another deployment of this stack is under way, or was faster: nothing of this one is done.\n"
    "When the other one has ended, run this again; what it would still change is shown before it asks.\n"
)


def translate(line: str) -> str:
    """The line, or `CONFLICT_MESSAGE` for an error that two deployments at once cause."""
    return CONFLICT_MESSAGE if _CONFLICT.search(line) else line


def main() -> int:
    """Run the CDK on this terminal; returns its exit status."""
    # Only stderr is piped: prompts and tables need the terminal itself.
    with subprocess.Popen([str(CDK), "--no-notices", *sys.argv[1:]], stderr=subprocess.PIPE, text=True) as cdk:  # noqa: S603 - the user's own
        assert cdk.stderr  # noqa: S101 - stderr=PIPE sets it
        try:
            for line in cdk.stderr:
                sys.stderr.write(translate(line))
                sys.stderr.flush()
        except KeyboardInterrupt:  # the CDK gets the signal, too, and prints the deployment's state
            sys.stderr.write(cdk.stderr.read())
    return cdk.returncode


if __name__ == "__main__":
    sys.exit(main())
