"""Files of policy tests with the policies that they test, loaded whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from invitation_responder.core.policy import Policy

from ..diagnostics.diagnostic import Diagnostic, InvalidPolicy
from ..language.compiler import load_policy
from ..source.files import read_files
from .reading import CaseFile, read_cases, unknown_rules
from .running import PolicyTestCase


@dataclass(frozen=True, slots=True)
class Suite:
    """All cases of one policy; `name` is the policy's file or folder."""

    name: str
    policy: Policy
    cases: tuple[PolicyTestCase, ...]


def load_suites(paths: Iterable[Path], policy: Path | None = None) -> list[Suite]:
    """Load test files, given by file or by folder, with the policies that they test, or with `policy` instead.

    Raises `InvalidPolicy` with all diagnostics of tests and policies.
    """
    files, diagnostics = _read_all(paths)
    by_policy: dict[Path, list[CaseFile]] = {}
    for file in files:
        by_policy.setdefault(policy or file.policy, []).append(file)
    suites = [suite for path, tests in by_policy.items() if (suite := _load(path, tests, diagnostics))]
    if diagnostics:
        raise InvalidPolicy(diagnostics)
    return suites


def _read_all(paths: Iterable[Path]) -> tuple[list[CaseFile], list[Diagnostic]]:
    sources: dict[str, bytes] = {}
    diagnostics: list[Diagnostic] = []
    for path in paths:
        read, unread = read_files(path, "policy test")
        sources |= read
        diagnostics += unread
    files = []
    for name, data in sources.items():
        file, invalid = read_cases(name, data)
        diagnostics += invalid
        if file:
            files.append(file)
    return files, diagnostics


def _load(path: Path, files: list[CaseFile], diagnostics: list[Diagnostic]) -> Suite | None:
    """The suite of one policy; None if the policy is invalid, and then its diagnostics are added to `diagnostics`."""
    try:
        policy = load_policy(path)
    except InvalidPolicy as error:
        diagnostics.extend(error.diagnostics)
        return None
    diagnostics.extend(diagnostic for file in files for diagnostic in unknown_rules(file, policy))
    return Suite(path.as_posix(), policy, tuple(case for file in files for case in file.cases))
