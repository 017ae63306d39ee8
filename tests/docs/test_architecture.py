"""docs/architecture.md tells the truth: its rooms are those of the contracts and of the folders, its paths exist."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text("utf-8")
PAGE: Final = ROOT / "docs" / "architecture.md"
DOCUMENT: Final = PAGE.read_text("utf-8")

# The headings of the tables: the container of the contract about it, and its folder.
HOUSE: Final = "The folders"
CONTAINERS: Final = {
    "`lambda/invitation_responder`": "invitation_responder",
    "`lambda/invitation_responder/core`": "invitation_responder.core",
    "`lambda/invitation_responder/organization`": "invitation_responder.organization",
    "`lambda/invitation_responder/courier`": "invitation_responder.courier",
    "`authoring`": "authoring",
    "`local`": "local",
}
WITHOUT_CONTRACT: Final = "`infra`"

_CODE: Final = re.compile(r"`([^`\n]+)`")
_FENCED: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMES_A_FILE: Final = re.compile(r"[\w.*-]+\.(?:py|md|json|yaml|yml|toml|txt|in)|Makefile")


def rooms(heading: str) -> list[set[str]]:
    """The rooms of the table under a heading, row by row."""
    section = re.split(r"^#+ ", DOCUMENT.split(f"\n### {heading}\n")[1], flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [set(_CODE.findall(row.split("|")[1])) for row in rows[2:]]


def layers(container: str | None) -> list[set[str]]:
    """The layers of the one contract about a package; of all packages if there is no container."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    containers = None if container is None else [container]
    (found,) = (each for each in contracts if each["type"] == "layers" and each.get("containers") == containers)
    return [set(layer.split(" | ")) for layer in found["layers"]]


def modules(folder: Path) -> set[str]:
    """The modules and the sub-packages in a package's folder."""
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    return files | {path.parent.name for path in folder.glob("*/__init__.py")}


def paths(document: str) -> list[str]:
    """The texts in backticks of a document that look like a path from the project's root; `*` stands for any name."""
    code = _CODE.findall(_FENCED.sub("", document))
    return [each for each in code if " " not in each and ("/" in each or _NAMES_A_FILE.fullmatch(each))]


def test_the_first_table_is_the_contract_between_the_folders() -> None:
    assert rooms(HOUSE) == layers(None)


@pytest.mark.parametrize(("heading", "container"), CONTAINERS.items())
def test_a_table_has_the_rooms_of_its_contract_in_the_order_of_the_layers(heading: str, container: str) -> None:
    assert rooms(heading) == layers(container)


@pytest.mark.parametrize("heading", [*CONTAINERS, WITHOUT_CONTRACT])
def test_a_table_has_the_rooms_that_there_are(heading: str) -> None:
    assert set().union(*rooms(heading)) == modules(ROOT / heading.strip("`"))


def test_every_package_that_a_contract_orders_has_a_table() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    ordered = [package for each in contracts if each["type"] == "layers" for package in each.get("containers", [])]
    assert ordered == list(CONTAINERS.values())


def test_every_room_is_explained() -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert [row for row in rows if not re.fullmatch(r"\| [^|]+ \| [^|]+\. \|", row)] == []


def test_every_path_on_the_page_exists() -> None:
    named = paths(DOCUMENT)
    assert len(named) > 50
    assert [path for path in named if not list(ROOT.glob(path))] == []


def test_every_path_in_a_decision_exists() -> None:
    named = {path for page in (ROOT / "docs" / "decisions").glob("*.md") for path in paths(page.read_text("utf-8"))}
    assert len(named) > 10
    assert [path for path in sorted(named) if not list(ROOT.glob(path))] == []


def test_every_link_of_the_page_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", DOCUMENT)
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_the_page_says_where_to_put_what_is_added_most_often() -> None:
    section = DOCUMENT.split("\n## Where to put\n")[1]
    assert re.findall(r"^### A new (.*)$", section, re.MULTILINE) == [
        "lint",
        "condition",
        "command",
        "alarm",
        "emulated operation",
    ]


def test_the_readme_leads_to_the_page_and_names_folders_that_exist() -> None:
    section = README.split("\n## Where things are\n")[1]
    assert "(docs/architecture.md)" in section
    folders = re.findall(r"^\| `([^`]+)/` \|", section, re.MULTILINE)
    assert {"lambda", "authoring", "infra", "local", "tests", "docs"} <= set(folders)
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_the_readme_shows_the_flow_in_a_picture_that_can_be_drawn() -> None:
    (picture,) = (text for language, text in _FENCED.findall(README) if language == "mermaid")
    first, *lines = picture.splitlines()
    assert first in ("flowchart TD", "flowchart LR")
    assert all(re.fullmatch(r" {4}\w+(\[.*\])?( <?-- .*| -->.*)?", line) for line in lines)
    assert [line for line in lines if line.count('"') % 2] == []
    assert [line for line in lines if not is_balanced(re.sub(r'"[^"]*"', "", line))] == []
    # What mermaid reads as the end of a subgraph.
    assert not re.search(r"\bend\b", re.sub(r'"[^"]*"', "", picture))


@pytest.mark.parametrize("text", ['a["b"', "a[(b])", "a)(", "]"])
def test_brackets_that_do_not_match_are_noticed(text: str) -> None:
    assert not is_balanced(text)


def is_balanced(text: str) -> bool:
    """True if every bracket is closed by its like, in order."""
    pairs = {")": "(", "]": "[", "}": "{"}
    opened: list[str] = []
    for character in text:
        if character in pairs.values():
            opened.append(character)
        elif character in pairs and (not opened or opened.pop() != pairs[character]):
            return False
    return not opened


def test_the_picture_is_on_the_first_pages_of_the_readme() -> None:
    positions = [README.index(text) for text in ("make demo", "```mermaid", "## The policy")]
    assert all(before < after for before, after in pairwise(positions))
