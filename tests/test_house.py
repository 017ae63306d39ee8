"""What holds for the house as a whole: who imports whom, that tests can fail, that the documents tell the truth."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

from authoring.language.compiler import compile_sources, load_policy
from authoring.permissions.scp import service_control_policy
from invitation_responder.aws.event_bus import DETAIL_TYPES, POLICY_DETAIL_TYPES, SOURCE
from invitation_responder.core.record import Record

ROOT = Path(__file__).parents[1]


def test_imports_run_one_way() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_what_is_installed_is_whole_and_bears_names_of_its_own() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {
        f"{name}{'.'.join(('', *path.parent.relative_to(ROOT / folder).parts))}"
        for name, folder in project["package-dir"].items()
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert set(project["packages"]) == folders
    assert {name.split(".")[0] for name in folders} == {"invitation_responder", "invitation_responder_authoring"}


def test_every_test_can_fail() -> None:
    """Each asserts something, expects an exception, or calls a function that does (named `assert_…`)."""
    functions = [
        (path, function)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
    ]
    assert [f"{path.name}: {function.name}" for path, function in functions if not can_fail(function)] == []
    assert len(functions) > 100


def can_fail(test: ast.FunctionDef) -> bool:
    """Whether there is anything in it that could make it fail."""
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(test))
    calls = [ast.unparse(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)]
    return asserts or any(call == "pytest.raises" or call.startswith("assert_") for call in calls)


def test_only_what_the_bundle_holds_is_loaded_by_what_ships() -> None:
    """The handler's imports, in a process of their own: no YAML, no validator, no test backend, nothing of boto3."""
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, invitation_responder.sweep, invitation_responder.metrics, invitation_responder.settings;"
            "print(*sorted({name.split('.')[0] for name in sys.modules}))",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"botocore", "aws_lambda_powertools"} <= set(loaded)
    assert not {"yaml", "pydantic", "pydantic_core", "click", "rich", "moto", "authoring", "local"} & set(loaded)
    assert not {"boto3", "s3transfer"} & set(loaded)  # a tenth of a cold start


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language in a Markdown document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_the_policies_in_the_readme_compile() -> None:
    examples = blocks("README.md", "yaml")
    assert examples
    for example in examples:
        assert compile_sources({"README.md": example.encode()}).rules


def test_the_service_control_policy_in_the_readme_is_what_the_command_prints() -> None:
    (policy,) = (json.loads(block) for block in blocks("README.md", "json"))
    assert policy == service_control_policy(load_policy(ROOT / "local/policies")).document


def test_the_example_event_in_the_docs_has_every_name() -> None:
    (event,) = (json.loads(block) for block in blocks("docs/events.md", "json"))
    names = [field.name for field in fields(Record) if field.name != "sender_text"]
    assert list(event["detail"]) == ["event_id", "kind", *names]
    assert event["source"] == SOURCE
    assert event["detail-type"] == DETAIL_TYPES[event["detail"]["kind"]]
    text = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    known = {**DETAIL_TYPES, **POLICY_DETAIL_TYPES}
    assert all(f"| `{kind}` | {detail_type} |" in text for kind, detail_type in known.items())


def test_github_can_read_the_workflows() -> None:
    command = Path(sys.executable).with_name("check-jsonschema")
    for schema, files in (("github-workflows", "workflows/*.yml"), ("dependabot", "dependabot.yml")):
        paths = sorted((ROOT / ".github").glob(files))
        assert paths
        checked = subprocess.run(
            [command, "--builtin-schema", f"vendor.{schema}", *paths], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout


def test_every_action_is_pinned_by_its_commit_and_says_which_version_that_is() -> None:
    text = "".join(path.read_text() for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")))
    actions = re.findall(r"uses: (?!\./)(.*)", text)
    assert len(actions) > 3
    assert [each for each in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
