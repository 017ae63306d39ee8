"""The results as JSON, as JUnit's XML and in words, to the letter."""

import json
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree as ET

import junitparser
from hypothesis import given
from hypothesis import strategies as st

from authoring.reports.test import SuiteResults, as_json, as_junit, in_words
from authoring.testing.coverage import Coverage, RuleCoverage
from authoring.testing.running import Expected, PolicyTestCase, Result
from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake

AT = datetime(2026, 12, 1, tzinfo=UTC)
REASON = "no rule matches INVITE, and the default is decline"
INCOMPLETE = Coverage((RuleCoverage("ours", decides=False, conditions={"actions": True, "expires": False}),))
COMPLETE = Coverage((RuleCoverage("ours", decides=True, conditions={}),))


def result(name: str, expected: Expected, file: str = "tests/a.yaml", seconds: float = 0.25) -> Result:
    """The result of a handshake that was declined by default."""
    case = PolicyTestCase(file, 7, 5, name, None, Handshake("h-00000001", "222222222222"), expected)
    return Result(case, AT, Decision("decline", REASON), seconds)


def suite(*results: Result, name: str = "policies", coverage: Coverage = INCOMPLETE) -> SuiteResults:
    """The results of a policy."""
    return SuiteResults(name, "0123abcd", results, coverage)


PASSED = result("declined", Expected("decline"))
FAILED = result('let <through> & "seen"\x1b[31m\u202e é', Expected("allow", ("ours",), "rule"))
BY_FILE = suite(PASSED, FAILED, result("another", Expected("decline", ()), "tests/b\udcff.yaml", 1))


def test_counts_in_words() -> None:
    assert in_words([suite(PASSED, FAILED)]) == [
        (
            "2 cases, 1 passed, 1 failed; 0 of 1 rules decide in a case, 1 of 2 conditions are shown failing",
            ("rule ours: decides in no case", "rule ours: no case shows expires failing"),
        )
    ]
    assert in_words([suite(PASSED, coverage=COMPLETE)]) == [
        ("1 case, 1 passed, 0 failed; 1 of 1 rules decide in a case, 0 of 0 conditions are shown failing", ())
    ]


def test_several_policies_are_counted_together_and_covered_apart() -> None:
    assert in_words([suite(PASSED, FAILED, name="a\n"), suite(PASSED, name="b", coverage=COMPLETE)]) == [
        ("3 cases, 2 passed, 1 failed", ()),
        (
            "a\\n: 0 of 1 rules decide in a case, 1 of 2 conditions are shown failing",
            ("rule ours: decides in no case", "rule ours: no case shows expires failing"),
        ),
        ("b: 1 of 1 rules decide in a case, 0 of 0 conditions are shown failing", ()),
    ]


def test_json() -> None:
    found = {"effect": "decline", "rules": [], "reason": REASON}
    place = {"file": "tests/a.yaml", "line": 7, "column": 5, "policy": "policies", "at": "2026-12-01T00:00:00+00:00"}
    assert json.loads(as_json([suite(PASSED, FAILED), suite(name="b", coverage=COMPLETE)])) == {
        "cases": [
            {
                "name": "declined",
                **place,
                "passed": True,
                "difference": None,
                "expected": {"effect": "decline", "rules": None, "reason": None},
                "found": found,
            },
            {
                "name": FAILED.case.name,
                **place,
                "passed": False,
                "difference": f"expected allow by rule ours, got decline: {REASON}",
                "expected": {"effect": "allow", "rules": ["ours"], "reason": "rule"},
                "found": found,
            },
        ],
        "coverage": {
            "policies": {
                "policy_sha256": "0123abcd",
                "complete": False,
                "rules": [{"name": "ours", "decides": False, "conditions": {"actions": True, "expires": False}}],
            },
            "b": {
                "policy_sha256": "0123abcd",
                "complete": True,
                "rules": [{"name": "ours", "decides": True, "conditions": {}}],
            },
        },
    }
    assert as_json([BY_FILE]).isascii()


JUNIT = r"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="responder test" tests="3" failures="1" errors="0" skipped="0" time="1.500">
  <testsuite name="tests/a.yaml" tests="2" failures="1" errors="0" skipped="0" time="0.500">
    <testcase name="declined" classname="tests/a.yaml" file="tests/a.yaml" line="7" time="0.250" />
    <testcase name="let &lt;through&gt; &amp; &quot;seen&quot;\x1b[31m\u202e &#233;" classname="tests/a.yaml" file="tests/a.yaml" line="7" time="0.250">
      <failure message="expected allow by rule ours, got decline: no rule matches INVITE, and the default is decline" type="decision">tests/a.yaml:7:5: let &lt;through&gt; &amp; "seen"\x1b[31m\u202e &#233;
expected allow by rule ours, got decline: no rule matches INVITE, and the default is decline</failure>
    </testcase>
  </testsuite>
  <testsuite name="tests/b\udcff.yaml" tests="1" failures="0" errors="0" skipped="0" time="1.000">
    <testcase name="another" classname="tests/b\udcff.yaml" file="tests/b\udcff.yaml" line="7" time="1.000" />
  </testsuite>
</testsuites>"""  # noqa: E501 - as it is printed


def test_junit() -> None:
    assert as_junit([BY_FILE]) == JUNIT


def test_a_reader_of_junit_reads_it() -> None:
    suites = junitparser.JUnitXml.fromstring(as_junit([BY_FILE]).encode())
    assert (suites.tests, suites.failures, suites.errors, suites.time) == (3, 1, 0, 1.5)
    assert [(suite.name, [case.name for case in suite]) for suite in suites] == [
        ("tests/a.yaml", ["declined", 'let <through> & "seen"\\x1b[31m\\u202e é']),
        ("tests/b\\udcff.yaml", ["another"]),
    ]
    (failure,) = list(next(iter(suites)))[1].result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == f"expected allow by rule ours, got decline: {REASON}"


@given(st.text(), st.text(), st.text(min_size=1))
def test_no_name_breaks_the_xml(name: str, file: str, reason: str) -> None:
    report = as_junit([suite(result(name, Expected("decline", None, reason), file))])
    root = ET.parse(BytesIO(report.encode())).getroot()  # noqa: S314 - our own
    (case,) = root.iter("testcase")
    assert report.isascii()
    assert all(part.isprintable() for part in case.attrib.values())
