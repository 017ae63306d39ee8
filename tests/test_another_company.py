"""The project in another company's hands: its own policy in `policies/`, its own settings in `cdk.json`.

`policies/` is the user's: what the project's tests expect of a policy, they expect of one of their own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from support.synthesis import run_app

ROOT: Final = Path(__file__).parents[1]
COMPANY: Final = Path(__file__).parent / "another-company"
# What reads the repository itself, or runs a program in it; the other tests write their own files.
READERS: Final = (
    "tests/test_house.py",
    "tests/authoring/source/test_files.py",
    "tests/authoring/language/test_schema.py::test_the_schemas_beside_the_policy_are_what_the_command_prints",
    "tests/authoring/commands/test_terminal.py::test_a_full_disk_is_told_in_one_line",
    "tests/authoring/commands/test_test.py",
    "tests/local/demo/test_demo.py",
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as the company has it: a policy in three files, enforcing, with few tests; its own settings."""
    clone = tmp_path_factory.mktemp("company") / "clone"
    made = ("policies", "node_modules", "build", "dist", "cdk.out", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".git", ".venv", ".cloud", ".*_cache", *made))
    shutil.copytree(ROOT / "local/policies", clone / "local/policies")
    shutil.copytree(COMPANY / "policies", clone / "policies")
    settings = json.loads((clone / "cdk.json").read_text())
    settings["context"] |= {"alarm_email": "cloud@globex.example", "schedule": "30m"}
    (clone / "cdk.json").write_text(json.dumps(settings))
    return clone


def run(clone: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the clone, which imports what is there."""
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


def responder(clone: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the clone's `responder`."""
    return run(clone, "-c", "from authoring.cli import main; main()", *arguments)


def test_the_projects_own_tests_pass(clone: Path) -> None:
    done = run(clone, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:cov", "--quiet", *READERS)
    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) > 40


def test_what_its_pull_requests_must_pass_passes(clone: Path) -> None:
    checked = responder(clone, "check", "--format", "github", "policies")
    assert (checked.returncode, checked.stdout) == (0, "")
    tested = responder(clone, "test", "policies/tests")
    assert tested.returncode == 0
    assert tested.stdout.startswith("1 case, 1 passed, 0 failed; 1 of 3 rules decide in a case")


def test_its_policy_can_be_deployed(clone: Path, tmp_path: Path) -> None:
    done = run_app(tmp_path / "out", {"policy": str(clone / "policies"), "alarm_email": "cloud@globex.example"})
    # It enforces: what only the compiled policy protects is told, and nothing else is.
    [note] = [line for line in done.stderr.splitlines() if "there is no Python 3.13" not in line]
    assert (done.returncode, note[:70]) == (
        0,
        "Note: how a handshake's ARN calls ADD_ORGANIZATIONS_SERVICE_LINKED_ROL",
    )


def test_the_demo_shows_on_request_what_the_companys_policy_makes_of_its_cast(clone: Path) -> None:
    note = run(clone, "-m", "local.demo.demo", "policies").stdout
    assert "The policy, policies: default decline, wait 2h, rules: " in note
    assert "hammer-sale (accept)" in note
    assert "no rule matches INVITE from organization o-exampleorgid" in note


def test_no_test_expects_anything_of_the_users_policy() -> None:
    reading = re.compile(r'(ROOT|parents\[\d\]) / "(policies|cdk\.json)')
    tests = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")}
    # The one asks for the schemas, if they are there; for the other the root is a name and no folder.
    assert {name for name, text in tests.items() if reading.search(text)} == {"test_schema.py", "test_configuration.py"}
