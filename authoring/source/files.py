"""The files of a policy: one file, or a folder whose `*.yaml` files are one policy together."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..diagnostics.diagnostic import START, Diagnostic, invalid
from ..diagnostics.wording import reason_of
from .strict_yaml import MAX_BYTES

_ENDING: Final = ".yaml"
_NEAR_ENDINGS: Final = (".yaml", ".yml")
_NOT_READ: Final = "is not read: the files of a folder end in `.yaml` (rename it, or move it elsewhere)"


def read_files(path: Path, noun: str = "policy") -> tuple[dict[str, bytes], list[Diagnostic]]:
    """The bytes of each file, by its name as the user would write it, and a diagnostic for each unreadable file.

    `path` is a file or a folder; `noun` says in messages what the files are.
    """
    sources: dict[str, bytes] = {}
    diagnostics: list[Diagnostic] = []
    try:
        files = [path]
        if path.is_dir():
            names, diagnostics = select(path.as_posix(), (file.name for file in path.iterdir()), noun)
            files = [path / name for name in names]
    except (OSError, ValueError) as error:
        return {}, [_unreadable(path, f"can't be read: {reason_of(error)}")]
    for file in files:
        problem = _read(file, sources)
        if problem:
            diagnostics.append(_unreadable(file, problem))
    return sources, diagnostics


def select(folder: str, names: Iterable[str], noun: str = "policy") -> tuple[list[str], list[Diagnostic]]:
    """The names of the policy's files in a folder, and a diagnostic for each name that only looks like one.

    A file such as `rules.yml` would otherwise be left out unseen.
    """
    near = sorted(name for name in names if Path(name).suffix.casefold() in _NEAR_ENDINGS and not name.startswith("."))
    diagnostics = [invalid(f"{folder}/{name}", START, (), _NOT_READ) for name in near if not name.endswith(_ENDING)]
    if not near:
        missing = f"holds no {noun}: there is no `*.yaml` file directly in this folder"
        diagnostics.append(invalid(folder, START, (), missing))
    return [name for name in near if name.endswith(_ENDING)], diagnostics


def _read(file: Path, sources: dict[str, bytes]) -> str | None:
    """Read one file into `sources`; returns the reason if it can't be read, else None."""
    try:
        if file.is_dir():
            return "is a folder, where a file is expected"
        if file.is_symlink() and not file.exists():
            return "is a link to a file that does not exist"
        if not file.exists():
            return "does not exist"
        # Opening a pipe would wait for its writer.
        if not file.is_file():
            return "is not a regular file"
        with file.open("rb") as opened:
            # One byte beyond the limit shows that the file is too large.
            sources[file.as_posix()] = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return f"can't be read: {reason_of(error)}"
    return None


def _unreadable(file: Path, message: str) -> Diagnostic:
    return invalid(file.as_posix(), START, (), message)
