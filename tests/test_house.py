"""What holds for the house as a whole: who imports whom, and that tests can fail."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = [
    pytest.param(function, id=f"{path.relative_to(ROOT)}::{function.name}")
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
]


def test_imports_run_one_way() -> None:
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("test", TESTS)
def test_every_test_can_fail(test: ast.FunctionDef) -> None:
    """Each asserts something, expects an exception, or calls a function of its file that does (named `assert_…`)."""
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(test))
    calls = [ast.unparse(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)]
    assert asserts or any(call == "pytest.raises" or call.startswith("assert_") for call in calls)


def test_only_what_the_bundle_holds_is_loaded_by_what_ships() -> None:
    """The handler's imports, in a process of their own: no YAML, no validator, no test backend."""
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; import invitation_responder.sweep, invitation_responder.metrics, invitation_responder.settings;"
            "print(*sorted({name.split('.')[0] for name in sys.modules}))",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"boto3", "aws_lambda_powertools"} <= set(loaded)
    assert not {"yaml", "pydantic", "pydantic_core", "click", "rich", "moto", "authoring", "local"} & set(loaded)
