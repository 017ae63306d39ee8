"""Starts ministack, extended by those features of AWS that the stacks use and ministack lacks.

Run it with the Python that ministack is installed for: `python -P local/cloud/emulator.py`. The consequences for the
tests: docs/decisions/0008-what-the-local-cloud-proves.md.
"""

import os
import signal
import sys
import threading
from pathlib import Path

import ministack.app

sys.path.append(str(Path(__file__).parents[2]))  # last, so that it hides no module of ministack's
from local.cloud.extensions import (
    conditions,
    event_buses,
    event_sources,
    execution_role,
    iam,
    observability,
    organizations,
    scheduler,
    stack_sets,
    state_machines,
)


def _end_with_the_parent() -> None:
    """Wait until the parent process is gone (its end of the pipe is closed), then kill this process group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # The execution's role is asked for before the function is called.
    for extension in (
        iam,
        conditions,
        event_buses,
        event_sources,
        observability,
        organizations,
        scheduler,
        stack_sets,
        state_machines,
        execution_role,
    ):
        extension.install()
    ministack.app.main()
