"""The policy to deploy, which must pass the checks of `responder check` and the tests of `responder test`."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import perf_counter

from authoring.diagnostics.wording import escape
from authoring.language.compiler import compile_files
from authoring.language.source_map import Source
from authoring.lints.runner import lint
from authoring.source.files import read_files
from authoring.testing.loading import Suite, load_suites
from authoring.testing.running import run_cases
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy


class PolicyRefusedError(Exception):
    """The policy has errors or fails its tests; the message has a line for each, with its place."""


def load_deployable(path: Path, now: datetime, warn: Callable[[str], None]) -> Policy:
    """Load the policy, a file or a folder, if it passes its checks and tests at `now`.

    `warn` is called with a line for each diagnostic that is no error. Raises `InvalidPolicy` if the policy or its
    tests can't be read, and `PolicyRefusedError`.
    """
    source = compile_files(*read_files(path))
    _check(source, now, warn)
    _test(source.policy, path, now, warn)
    return source.policy


def _check(source: Source, now: datetime, warn: Callable[[str], None]) -> None:
    diagnostics = lint(source, now)
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    if errors:
        raise PolicyRefusedError("\n".join(error.with_lint() for error in errors))
    for diagnostic in diagnostics:
        warn(diagnostic.with_lint())


def _test(policy: Policy, path: Path, now: datetime, warn: Callable[[str], None]) -> None:
    """Run those tests in the folder `tests` beside the policy's files that are about this policy."""
    folder = (path if path.is_dir() else path.parent) / "tests"
    suites = [suite for suite in _suites(folder) if suite.policy == policy]
    if not suites:
        warn(
            f"Note: {escape(folder.as_posix())} has no tests of the policy: nothing shows that it decides as it is "
            "meant (docs/policy.md)"
        )
    results = [result for suite in suites for result in run_cases(suite.cases, Decider(policy), now, perf_counter)]
    failed = [f"{result.case}: {result.difference}" for result in results if not result.has_passed]
    if failed:
        count = f"{len(failed)} of {len(results)} policy tests failed, so nothing is deployed"
        raise PolicyRefusedError("\n".join([*failed, f"{count} (`responder test` shows them)"]))


def _suites(folder: Path) -> list[Suite]:
    has_files = folder.is_dir() and any(file.suffix.casefold() in (".yaml", ".yml") for file in folder.iterdir())
    return load_suites([folder]) if has_files else []
