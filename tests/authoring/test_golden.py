"""The output of `responder check`, to the letter: policies with one thing wrong, each beside the text that people see.

Rewrite the texts with `GOLDEN=write .venv/bin/python -m pytest tests/authoring/test_golden.py`, and read them before
they are committed.

The places of diagnostics are stated by hand, and not by the program: a comment below a line has a caret below the
column (`# ^ IR004`). If no comment can follow, or the column is the first, a file beside the policy says
`line:column id`, and for a folder `file:line:column id`.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from authoring.cli import main
from authoring.diagnostics.catalog import INVALID, LINTS

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[2] / "docs" / "lints"
DAY = "2026-11-25"
IS_WRITTEN = os.environ.get("GOLDEN") == "write"
CARET = re.compile(r"#(?P<space> *)\^ (?P<id>IR\d{3})\r?")
MEBIBYTE = 1024 * 1024

CASES = sorted(path for path in GOLDEN.glob("*/*") if path.suffix == ".yaml" or path.is_dir())
IDS = [path.relative_to(GOLDEN).as_posix().removesuffix(".yaml") for path in CASES]


def too_large(path: Path) -> None:
    path.write_bytes(b"#" * (MEBIBYTE + 1))


def too_many_values(path: Path) -> None:
    path.write_text("version: 1\nmode: audit\nrules: []\nprotect: [" + "INVITE, " * 50_000 + "]\n")


def link_to_nowhere(path: Path) -> None:
    path.mkdir()
    (path / "a.yaml").symlink_to("nowhere")


def pipe(path: Path) -> None:
    path.mkdir()
    os.mkfifo(path / "a.yaml")


# Files that don't keep well in a repository.
MADE: dict[str, Callable[[Path], None]] = {
    "files-too-large": too_large,
    "files-too-many-values": too_many_values,
    "folder-with-a-link": link_to_nowhere,
    "folder-with-a-pipe": pipe,
}


def check(path: Path, monkeypatch: pytest.MonkeyPatch, form: str = "text") -> Result:
    """Check a policy from its own folder, so that its name is short."""
    monkeypatch.chdir(path.parent)
    result = CliRunner().invoke(main, ["check", "--at", DAY, "--format", form, path.name])
    assert result.exit_code in (0, 1), result.output
    assert result.stderr == ""
    return result


def assert_is_golden(text: str, golden: Path) -> None:
    """The text equals the golden file, and fits a terminal."""
    if IS_WRITTEN:
        golden.write_text(text, encoding="utf-8", newline="")
    assert text == golden.read_bytes().decode()
    assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize("path", CASES, ids=IDS)
def test_what_is_found_is_told_to_the_letter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_is_golden(check(path, monkeypatch).stdout, path.with_suffix(".txt"))


@pytest.mark.parametrize("name", MADE)
def test_what_a_repository_does_not_hold_is_told_to_the_letter(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ("policy.yaml" if name.startswith("files") else "policies")
    MADE[name](path)

    assert_is_golden(check(path, monkeypatch).stdout, GOLDEN / "mistakes" / f"{name}.txt")


@pytest.mark.parametrize("path", CASES, ids=IDS)
def test_it_is_found_where_the_author_of_the_file_says(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(check(path, monkeypatch, "json").stdout)

    assert sorted((each["file"], each["line"], each["column"], each["id"]) for each in found) == sorted(places(path))


def places(path: Path) -> Iterator[tuple[str, int, int, str]]:
    """The expected places of diagnostics, by the carets in the files and by the file beside them."""
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        name = file.relative_to(path.parent).as_posix()
        if file.is_file():
            yield from ((name, *place) for place in carets(file.read_bytes().decode("utf-8-sig", "replace")))
    beside = path.with_suffix(".place")
    for line in beside.read_text().splitlines() if beside.exists() else ():
        place, lint = line.split()
        *others, row, column = place.split(":")
        yield others[0] if others else path.name, int(row), int(column), lint


def carets(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and id of each caret; a caret's line is the last one without a caret."""
    printed = 0
    for number, line in enumerate(text.split("\n"), 1):
        caret = CARET.fullmatch(line)
        if caret:
            yield printed, len(caret["space"]) + 2, caret["id"]
        else:
            printed = number


def test_every_text_is_that_of_a_file() -> None:
    texts = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.glob("*/*.txt")}
    assert texts == {f"{name}.txt" for name in IDS} | {f"mistakes/{name}.txt" for name in MADE}


def test_every_lint_has_a_golden_file_and_a_page() -> None:
    found = {lint: any(name.startswith(f"lints/{lint}-") for name in IDS) for lint in LINTS if lint != INVALID.id}
    assert found == dict.fromkeys(found, True)
    assert {path.stem for path in DOCS.glob("IR*.md")} == set(LINTS)


def test_every_golden_mistake_is_one() -> None:
    for path in sorted((GOLDEN / "mistakes").glob("*.txt")):
        assert f"= {INVALID.label}: {INVALID.page}" in path.read_text("utf-8"), path.name
