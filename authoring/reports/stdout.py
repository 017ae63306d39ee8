"""The standard output: what its character set lacks, and its end."""

import os
import sys


def silence_stdout() -> None:
    """Let whatever is still printed go nowhere, at the process's end as well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def escape_unprintable() -> None:
    """Show what the character set of stdout lacks escaped, instead of failing at it."""
    # A stand-in for stdout may have no such method.
    getattr(sys.stdout, "reconfigure", lambda **_: None)(errors="backslashreplace")
