"""docs/policy.md tells the truth: its examples do what it says, and its tables say what the schema says.

A comment that nobody sees in rendered Markdown says what a block of YAML is:

- `<!-- policy -->`: a policy of one file, without a mistake, an error or a warning; a new example begins here;
- `<!-- policy with mistakes -->` or `with findings`: one in which `responder check` finds what is shown next;
- `<!-- file policies/NAME.yaml -->`: one file of a policy's folder; an example begins with its `policy.yaml`;
- `<!-- tests -->`: tests of the example's policy, and all of them pass.

A block of `console` is run where the example's files are, and prints what is shown.
"""

import re
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pytest
from click.testing import CliRunner

from authoring.cli import main
from authoring.language.compiler import compile_files
from authoring.language.policy import Limits, Notes, PolicySource, RuleSource
from authoring.language.short_form import ShortForm
from authoring.lints.runner import lint
from authoring.source.strict_yaml import MAX_BYTES, MAX_LEVELS, MAX_NODES
from authoring.source.validation import SourceModel
from authoring.testing.language import CaseSource, CasesSource, Expectation
from authoring.testing.loading import load_suites
from authoring.testing.running import run_cases
from invitation_responder.core.decision import Decider
from invitation_responder.core.handshake import ACTIONS
from invitation_responder.core.policy import PROTECTED_BY_DEFAULT
from support.editors import ROOT, complaints, schema_of

DOCUMENT: Final = (ROOT / "docs" / "policy.md").read_text("utf-8")
NOW: Final = datetime(2026, 11, 25, tzinfo=UTC)
POLICY: Final = "policies/policy.yaml"
TESTS: Final = "policies/tests/policy.yaml"

_BLOCK: Final = re.compile(
    r"(?:^<!-- (?P<what>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass
class Example:
    """The files of a policy and its tests, and the commands that are run on them, each with what it prints."""

    heading: str
    is_right: bool = True
    files: dict[str, str] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)

    @property
    def policy(self) -> dict[str, str]:
        """The policy's files alone."""
        return {name: text for name, text in self.files.items() if name != TESTS}

    def write(self, folder: Path) -> None:
        """Put the files where they belong."""
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")


def read_examples() -> list[Example]:
    """All examples of the document. What no comment explains stops it."""
    examples: list[Example] = []
    for block in _BLOCK.finditer(DOCUMENT):
        what, language, text = block["what"], block["language"], block["text"]
        if what in ("policy", "policy with mistakes", "policy with findings") or what == f"file {POLICY}":
            heading = re.findall(r"^#+ (.*)$", DOCUMENT[: block.start()], re.MULTILINE)[-1]
            examples.append(Example(heading, is_right="with" not in what, files={POLICY: text}))
        elif what and (match := re.fullmatch(r"file (policies/\w+\.yaml)", what)):
            examples[-1].files[match[1]] = text
        elif what == "tests":
            assert TESTS not in examples[-1].files, text
            examples[-1].files[TESTS] = text
        else:
            assert (what, language) == (None, "console"), f"what is this? {block[0]}"
            for command, printed in re.findall(r"^\$ responder (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                examples[-1].commands[command] = printed
        assert language == ("yaml" if what else "console"), block[0]
    return examples


EXAMPLES: Final = read_examples()
RIGHT: Final = [example for example in EXAMPLES if example.is_right]


def test_every_block_is_an_example() -> None:
    assert DOCUMENT.count("```") == 2 * len(list(_BLOCK.finditer(DOCUMENT)))
    assert len(EXAMPLES) > 15
    assert all(example.commands for example in EXAMPLES if not example.is_right), "shows what is wrong with it"
    assert sum("$ responder" in line for line in DOCUMENT.splitlines()) == sum(len(e.commands) for e in EXAMPLES)


def heading_of(example: Example) -> str:
    """How an example is called in a test's name."""
    return example.heading


@pytest.mark.parametrize("example", RIGHT, ids=heading_of)
def test_a_policy_is_right(example: Example) -> None:
    source = compile_files({name: text.encode() for name, text in example.policy.items()})

    assert [str(diagnostic) for diagnostic in lint(source, NOW) if diagnostic.severity != "note"] == []
    assert all(complaints(text) == set() for text in example.policy.values())


@pytest.mark.parametrize("example", [each for each in RIGHT if TESTS in each.files], ids=heading_of)
def test_the_tests_of_a_policy_pass(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example.write(tmp_path)

    (suite,) = load_suites([Path(TESTS).parent])
    results = run_cases(suite.cases, Decider(suite.policy), NOW, perf_counter)

    assert suite.name == "policies"
    assert results
    assert [f"{result.case}: {result.difference}" for result in results if not result.has_passed] == []
    assert complaints(example.files[TESTS], "tests") == set()


@pytest.mark.parametrize(
    ("example", "command"),
    [
        pytest.param(example, command, id=f"{example.heading}: responder {command}")
        for example in EXAMPLES
        for command in example.commands
    ],
)
def test_a_command_prints_what_is_shown(
    example: Example, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    example.write(tmp_path)

    ran = CliRunner().invoke(main, shlex.split(command))

    assert ran.output == example.commands[command]
    assert ran.exit_code == (0 if example.is_right else 1)


# The tables: what they are about, and where the schema has it.
TABLES: Final[dict[str, tuple[type[SourceModel], str, str | None]]] = {
    "Of a policy": (PolicySource, "policy", None),
    "Of limits": (Limits, "policy", "Limits"),
    "Of a rule": (RuleSource, "policy", "RuleSource"),
    "Of notes": (Notes, "policy", "Notes"),
    "Of a file of tests": (CasesSource, "tests", None),
    "Of a case": (CaseSource, "tests", "CaseSource"),
    "Of a handshake in short": (ShortForm, "tests", "ShortForm"),
    "Of an expectation": (Expectation, "tests", "Expectation"),
}
# A file of a folder may leave them to another one, and so does the schema.
IN_ONE_FILE: Final = ("mode", "rules")


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of the first table of a section, by the text of their first cell."""
    section = re.split(r"^#+ ", DOCUMENT.split(f"# {heading}\n")[1], flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {first.strip("`"): others for first, *others in cells[2:]}


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_says_what_the_schema_says(heading: str) -> None:
    model, kind, definition = TABLES[heading]
    schema = schema_of(kind)
    described = schema["$defs"][definition] if definition else schema
    table = rows(heading)

    assert list(table) == list(model.model_fields), "every key, in the schema's order"
    for key, (value, default, meaning) in table.items():
        in_schema = described["properties"][key]
        needed = key in described.get("required", ()) or (model is PolicySource and key in IN_ONE_FILE)
        assert meaning == model.model_fields[key].description
        assert meaning == in_schema.get("description", meaning)
        assert default.startswith("required") == needed
        assert [code for code in _defaults(in_schema) if f"`{code}`" not in default] == []
        assert [code for code in _values(in_schema) if code not in value] == []


def _defaults(in_schema: dict[str, Any]) -> list[str]:
    default = in_schema.get("default", "")
    if isinstance(default, bool):
        return [str(default).lower()]
    return [str(each) for each in (default if isinstance(default, list) else [default]) if each != ""]


def _values(in_schema: dict[str, Any]) -> list[str]:
    """What the cell of the values says in any case: each of a few words, or the link to them; a number's limits."""
    words = in_schema.get("enum") or in_schema.get("items", {}).get("enum", [])
    if list(words) == list(ACTIONS):
        return ["[actions](#actions)"]
    if in_schema.get("type") == ["integer", "string"]:
        return [f"from {in_schema['minimum']} to {in_schema['maximum']}"]
    return [f"`{word}`" for word in dict.fromkeys(map(str, words))]


def test_all_actions_are_explained_and_the_default_of_protect_is_told() -> None:
    assert set(rows("Actions")) == set(ACTIONS)
    assert re.findall(r"`(\w+)`", rows("Of a policy")["protect"][1]) == list(PROTECTED_BY_DEFAULT)


def test_all_conditions_are_explained() -> None:
    conditions = list(RuleSource.model_fields)
    conditions = conditions[conditions.index("actions") : conditions.index("ignore")]
    explained = [name for row in rows("Conditions") for name in re.findall(r"\w+", row)]
    assert set(explained) == set(conditions)


def test_the_limits_of_a_file_are_told() -> None:
    printed = " ".join(rows("Strict YAML"))
    assert f"{MAX_BYTES // 2**20} MiB" in printed
    assert f"{MAX_NODES:,} keys and values" in printed
    assert f"{MAX_LEVELS} levels" in printed


def test_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", DOCUMENT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(([^)]+)\)", DOCUMENT)

    assert {link for link in links if link.startswith("#") and link[1:] not in anchors} == set()
    files = {link for link in links if not link.startswith(("#", "https:"))}
    assert {link for link in files if not (ROOT / "docs" / link.split("#")[0]).exists()} == set()
    assert files
    assert all(len(set(pair)) == 2 for pair in pairwise(sorted(headings))), "a link could mean either"
