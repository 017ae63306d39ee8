"""The results of each policy's test cases, as JSON, as JUnit's XML, and in words. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

from invitation_responder.core.escaping import escape

from ..testing.coverage import Coverage
from ..testing.running import Result
from .decision import decision_as_json


@dataclass(frozen=True, slots=True)
class SuiteResults:
    """One policy's results; `name` is its file or folder."""

    name: str
    sha256: str
    results: tuple[Result, ...]
    coverage: Coverage

    @property
    def failed(self) -> list[Result]:
        """The results that are not as expected."""
        return [result for result in self.results if not result.has_passed]


def in_words(tested: Sequence[SuiteResults]) -> list[tuple[str, tuple[str, ...]]]:
    """The counts, each with the uncovered parts below; if there are several policies, each has a line of its own."""
    total = sum(len(each.results) for each in tested)
    failed = sum(len(each.failed) for each in tested)
    cases = f"{total} case{'s' * (total != 1)}, {total - failed} passed, {failed} failed"
    if len(tested) == 1:
        return [(f"{cases}; {tested[0].coverage}", tested[0].coverage.uncovered)]
    return [(cases, ()), *((f"{escape(each.name)}: {each.coverage}", each.coverage.uncovered) for each in tested)]


def as_json(tested: Sequence[SuiteResults]) -> str:
    """One object: every case with its expected and its actual decision, and each policy's coverage."""
    cases = [_case(each, result) for each in tested for result in each.results]
    coverage = {each.name: _coverage(each) for each in tested}
    return json.dumps({"cases": cases, "coverage": coverage}, indent=2)


def _case(tested: SuiteResults, result: Result) -> dict[str, Any]:
    case, decision = result.case, result.decision
    expected = case.expected
    return {
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "column": case.column,
        "policy": tested.name,
        "at": result.at.isoformat(),
        "passed": result.has_passed,
        "difference": result.difference,
        "expected": {"effect": expected.effect, "rules": expected.rules, "reason": expected.reason or None},
        "found": decision_as_json(decision),
    }


def _coverage(tested: SuiteResults) -> dict[str, Any]:
    return {
        "policy_sha256": tested.sha256,
        "complete": not tested.coverage.uncovered,
        "rules": [
            {"name": rule.name, "decides": rule.decides, "conditions": rule.conditions}
            for rule in tested.coverage.rules
        ],
    }


def as_junit(tested: Sequence[SuiteResults]) -> str:
    """JUnit's XML, a test suite for each file. Characters that XML can't hold or nobody can see are escaped."""
    results = [result for each in tested for result in each.results]
    root = ET.Element("testsuites", {"name": "responder test", **_counts(results)})
    for file, some in groupby(results, lambda result: result.case.file):
        of_file = list(some)
        suite = ET.SubElement(root, "testsuite", {"name": escape(file), **_counts(of_file)})
        for result in of_file:
            _add_case(suite, result)
    ET.indent(root)
    # ASCII with character references reads the same in every encoding of stdout.
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="us-ascii").decode()}'


def _counts(results: list[Result]) -> dict[str, str]:
    failed = sum(not result.has_passed for result in results)
    seconds = sum(result.seconds for result in results)
    return {
        "tests": f"{len(results)}",
        "failures": f"{failed}",
        "errors": "0",
        "skipped": "0",
        "time": f"{seconds:.3f}",
    }


def _add_case(suite: ET.Element, result: Result) -> None:
    file = escape(result.case.file)
    attributes = {"name": escape(result.case.name), "classname": file, "file": file, "line": f"{result.case.line}"}
    case = ET.SubElement(suite, "testcase", {**attributes, "time": f"{result.seconds:.3f}"})
    if result.difference:
        failure = ET.SubElement(case, "failure", {"message": result.difference, "type": "decision"})
        failure.text = f"{result.case}\n{result.difference}"
