"""The standard output: the characters that it lacks, and its loss."""

import os
import sys


def silence_stdout() -> None:
    """Discard all further output, also at the process's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def escape_unprintable() -> None:
    """Escape the characters that stdout's encoding lacks, instead of failing at them."""
    # A stand-in for stdout may lack `reconfigure`.
    getattr(sys.stdout, "reconfigure", lambda **_: None)(errors="backslashreplace")
