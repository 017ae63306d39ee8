"""A policy's files on disk, or in a revision of git, as in `main:policies`."""

import os
import subprocess
from pathlib import Path

from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.wording import escape, reason_of
from .files import read_files, select
from .strict_yaml import MAX_BYTES


class RevisionError(Exception):
    """Git can't give the revision or the path; the message says why."""


def read_files_or_revision(written: str) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """The bytes of each file by name, and a diagnostic for each unreadable one, of a path or of `REVISION:PATH`.

    As in git, PATH starts at the top of the repository, or with `./` at the current folder. A path that exists on disk
    comes first. Raises `RevisionError`.
    """
    revision, colon, _ = written.partition(":")
    if not colon or os.path.exists(written):  # noqa: PTH110 - Path.exists raises at a name that is too long
        return read_files(Path(written))
    if not revision or revision.startswith("-"):
        raise RevisionError(f"{escape(written)}: expected REVISION:PATH, as in main:policies")
    if _git("cat-file", "-t", written).strip() == b"blob":
        return {written: _blob(written)}, []
    names, diagnostics = select(written.rstrip("/"), _names_in(written))
    # The top of the repository is `main:`, the current folder `main:./`.
    folder = written if written.endswith((":", "/")) else f"{written}/"
    return {f"{folder}{name}": _blob(f"{folder}{name}") for name in names}, diagnostics


def _names_in(folder: str) -> list[str]:
    # Without --full-tree git leaves out what is not below the current folder.
    names = _git("ls-tree", "-z", "--name-only", "--full-tree", folder)
    return [name.decode(errors="surrogateescape") for name in names.split(b"\0") if name]


def _blob(name: str) -> bytes:
    # One byte beyond the limit shows that the file is too large.
    return _git("cat-file", "blob", name)[: MAX_BYTES + 1]


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607 - the user's git
    except OSError as error:
        raise RevisionError(f"git can't be run: {reason_of(error)}") from error
    if done.returncode:
        message = done.stderr.decode(errors="backslashreplace").strip().removeprefix("fatal: ")
        raise RevisionError(f"git: {escape(message)}")
    return done.stdout
