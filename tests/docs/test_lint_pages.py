"""The pages of the lints tell the truth: what is said to be found is found, and what is said to be fixed is not."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from authoring.cli import main
from authoring.diagnostics.catalog import CAN_BE_IGNORED, LINTS, Lint

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "lints"
IDS = list(LINTS)


def ids_found(policy: str, folder: Path) -> set[str]:
    """The ids of what is found in a policy, on the day of the examples."""
    file = folder / "policy.yaml"
    file.write_text(policy, encoding="utf-8")
    checked = CliRunner().invoke(main, ["check", "--at", "2026-11-25", "--format", "json", str(file)])
    return {diagnostic["id"] for diagnostic in json.loads(checked.stdout)}


def blocks(page: str) -> list[str]:
    """The policies on a page."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("lint", LINTS.values(), ids=IDS)
def test_a_page_has_the_title_and_the_parts_that_all_have(lint: Lint) -> None:
    title, *lines = (ROOT / lint.page).read_text(encoding="utf-8").splitlines()

    assert title == f"# {lint.label}: {lint.title}"
    assert [line for line in lines if line.startswith("#")] == [
        "## Why it matters",
        "## How to fix it",
        "## How to ignore it",
    ]


@pytest.mark.parametrize("lint", IDS)
def test_the_first_example_is_found_and_the_others_are_not(lint: str, tmp_path: Path) -> None:
    wrong, fixed, *ignored = blocks(f"{lint}.md")

    assert ids_found(wrong, tmp_path) == {lint}
    assert ids_found(fixed, tmp_path) == set()
    assert len(ignored) == (lint in CAN_BE_IGNORED)
    for example in ignored:
        assert ids_found(example, tmp_path).isdisjoint({lint, "IR015", "IR000"})
        assert lint in ids_found(re.sub(r"^ *ignore: .*\n", "", example, flags=re.MULTILINE), tmp_path)


def test_the_table_is_the_catalog() -> None:
    table = re.findall(
        r"^\| \[(\w+)\]\((.*)\) \| `(.*)` \| (\w+) \| (.*) \|$", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE
    )

    assert table == [(lint.id, f"{lint.id}.md", lint.slug, lint.severity, lint.title) for lint in LINTS.values()]


def test_nothing_is_found_in_the_example_beside_the_table(tmp_path: Path) -> None:
    (example,) = blocks("README.md")

    assert ids_found(example, tmp_path) == set()
