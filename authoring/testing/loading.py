"""The files of policy tests and the policies that they test, loaded whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from authoring.diagnostics.mistakes import Mistake, PolicyMistakes
from authoring.language.compiler import load_policy
from authoring.source.files import read_files
from authoring.testing.reading import CaseFile, read_cases, unknown_rules
from authoring.testing.running import Case
from invitation_responder.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Suite:
    """All cases of one policy; `name` is its file or folder."""

    name: str
    policy: Policy
    cases: tuple[Case, ...]


def load_suites(paths: Iterable[Path], policy: Path | None = None) -> list[Suite]:
    """Load test files, given by name or by their folder, together with their policies (or with `policy` alone).

    Raises `PolicyMistakes` with all mistakes of tests and policies.
    """
    files, mistakes = _read_all(paths)
    by_policy: dict[Path, list[CaseFile]] = {}
    for file in files:
        by_policy.setdefault(policy or file.policy, []).append(file)
    suites = [suite for path, tests in by_policy.items() if (suite := _load(path, tests, mistakes))]
    if mistakes:
        raise PolicyMistakes(mistakes)
    return suites


def _read_all(paths: Iterable[Path]) -> tuple[list[CaseFile], list[Mistake]]:
    sources: dict[str, bytes] = {}
    mistakes: list[Mistake] = []
    for path in paths:
        read, unread = read_files(path, "policy test")
        sources |= read
        mistakes += unread
    files = []
    for name, data in sources.items():
        file, told = read_cases(name, data)
        mistakes += told
        if file:
            files.append(file)
    return files, mistakes


def _load(path: Path, files: list[CaseFile], mistakes: list[Mistake]) -> Suite | None:
    """None where the policy has mistakes, which are added to the others."""
    try:
        policy = load_policy(path)
    except PolicyMistakes as told:
        mistakes.extend(told.mistakes)
        return None
    mistakes.extend(mistake for file in files for mistake in unknown_rules(file, policy))
    return Suite(path.as_posix(), policy, tuple(case for file in files for case in file.cases))
