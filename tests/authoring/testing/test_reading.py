"""A file of policy tests → cases: both forms of a handshake, times, places, and the policy under test."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from authoring.language.short_form import SOME_ACCOUNT
from authoring.testing.reading import CaseFile, read_cases
from authoring.testing.running import Expected, PolicyTestCase
from invitation_responder.core.handshake import Sender, read_handshake
from support.embedded import invitation
from support.strategies import examples

Read = Callable[[str], CaseFile]

HEAD = "version: 1\ncases:\n"
ARN = "arn:aws:organizations::111111111111:handshake/o-exampleorgid/invite/h-examplehandshake"


@pytest.fixture
def one(read: Read) -> Callable[[str], PolicyTestCase]:
    """A function that reads a file with one case: its handshake, maybe followed by more keys."""

    def one(handshake: str) -> PolicyTestCase:
        (case,) = read(f"{HEAD}  - name: a\n    expect: decline\n    handshake: {handshake}\n").cases
        return case

    return one


def test_a_case_says_what_is_expected_and_where_it_stands(read: Read) -> None:
    file = read(
        HEAD + "  - {name: a, handshake: {}, expect: decline}\n"
        "  -   name: b\n"
        "      handshake: {}\n"
        "      expect: {effect: allow, rules: [x, y], reason: part}\n"
        "  - {name: c, handshake: {}, expect: {effect: undecided, rules: []}}\n"
    )
    assert [(case.file, case.line, case.column, case.name, case.expected) for case in file.cases] == [
        ("tests/t.yaml", 3, 5, "a", Expected("decline")),
        ("tests/t.yaml", 4, 7, "b", Expected("allow", ("x", "y"), "part")),
        ("tests/t.yaml", 7, 5, "c", Expected("undecided", ())),
    ]


@pytest.mark.parametrize(
    ("file", "case", "expected"),
    [
        pytest.param("", "", None, id="nothing said: none of its own"),
        pytest.param("at: 2026-12-01", "", datetime(2026, 12, 1, tzinfo=UTC), id="the file's day, from 00:00 UTC"),
        pytest.param(
            "at: 2026-12-01", "at: 2027-04-01", datetime(2027, 4, 1, tzinfo=UTC), id="the case's goes before the file's"
        ),
        pytest.param(
            "", "at: 2027-04-01T01:30+02:00", datetime(2027, 3, 31, 23, 30, tzinfo=UTC), id="an offset is counted in"
        ),
    ],
)
def test_when_a_case_is_judged(read: Read, file: str, case: str, expected: datetime | None) -> None:
    source = f"version: 1\n{file}\ncases:\n- name: a\n  handshake: {{}}\n  expect: decline\n  {case}\n"
    assert [case.at for case in read(source).cases] == [expected]


@pytest.mark.parametrize(
    ("name", "policy", "expected"),
    [
        pytest.param("policies/tests/t.yaml", "", "policies", id="the folder above the file's by default"),
        pytest.param("t.yaml", "", "..", id="the folder above the current one"),
        pytest.param("policies/tests/t.yaml", "policy: ../shop.yaml", "policies/shop.yaml", id="another file there"),
        pytest.param("policies/tests/t.yaml", "policy: /etc/policy", "/etc/policy", id="an absolute path"),
    ],
)
def test_which_policy_is_tested(name: str, policy: str, expected: str) -> None:
    source = f"version: 1\n{policy}\ncases: [{{name: a, handshake: {{}}, expect: decline}}]\n"
    file, diagnostics = read_cases(name, source.encode())
    assert diagnostics == []
    assert file
    assert file.policy == Path(expected)


def test_the_short_form(one: Callable[[str], PolicyTestCase]) -> None:
    handshake = one("{organization: o-exampleorgid, management_account: 111111111111, notes: CHG-1}").handshake
    assert handshake.sender == Sender("o-exampleorgid", "111111111111")
    assert (handshake.action, handshake.receiver, handshake.notes) == ("INVITE", SOME_ACCOUNT, "CHG-1")
    assert handshake.problems == ()


@pytest.mark.parametrize(
    ("handshake", "problem"),
    [
        pytest.param("{Action: INVITE}", "its Id is missing or malformed", id="one member is enough to be the API's"),
        pytest.param(f"{{Id: h-short, Arn: '{ARN}'}}", "its Id is missing or malformed", id="an id that is none"),
        pytest.param("{Resources: a}", "its Resources are malformed", id="resources that are text"),
        pytest.param("{State: [], Action: {}}", "its State is missing or malformed", id="lists and mappings anywhere"),
        pytest.param("{Parties: []}", "it names no sender: its Arn is missing or malformed", id="nothing but parties"),
        pytest.param("{RequestedTimestamp: noon}", "its RequestedTimestamp is malformed", id="a time that is none"),
        pytest.param(
            "{ExpirationTimestamp: " + "9" * 400 + "}", "its ExpirationTimestamp is malformed", id="too large a time"
        ),
        pytest.param("{ExpirationTimestamp: [1]}", "its ExpirationTimestamp is malformed", id="a list of times"),
    ],
)
def test_the_api_form_may_be_malformed(one: Callable[[str], PolicyTestCase], handshake: str, problem: str) -> None:
    assert problem in one(handshake).handshake.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1795348800", datetime(2026, 11, 22, 12, tzinfo=UTC), id="epoch seconds"),
        pytest.param("1795348800.5", datetime(2026, 11, 22, 12, 0, 0, 500000, UTC), id="with a fraction"),
        pytest.param("2026-11-22T13:00:00+01:00", datetime(2026, 11, 22, 12, tzinfo=UTC), id="ISO 8601"),
    ],
)
def test_the_api_forms_timestamps(one: Callable[[str], PolicyTestCase], text: str, expected: datetime) -> None:
    handshake = one(f"{{RequestedTimestamp: {text}, ExpirationTimestamp: '{text}'}}").handshake
    assert (handshake.requested_at, handshake.expires_at) == (expected, expected)


def test_the_receiver_of_the_api_form_stands_beside_it(read: Read) -> None:
    case = "{name: %s, handshake: {Id: h-examplehandshake}, expect: undecided%s}"
    file = read(f"version: 1\ncases: [{case % ('a', '')}, {case % ('b', ', account: 222222222222')}]\n")
    assert [case.handshake.receiver for case in file.cases] == [SOME_ACCOUNT, "222222222222"]
    assert [case.unaddressed is None for case in file.cases] == [False, True]


def test_resources_nest_deeper_than_anything_in_a_policy(one: Callable[[str], PolicyTestCase]) -> None:
    notes = "{Type: NOTES, Value: deep}"
    for _ in range(20):
        notes = f"{{Type: PARENT_HANDSHAKE, Resources: [{notes}]}}"
    assert one(f"{{Resources: [{notes}]}}").handshake.notes == "deep"


def test_what_the_cli_prints_can_be_pasted(one: Callable[[str], PolicyTestCase]) -> None:
    printed = """{
        "Id": "h-00000001",
        "Arn": "arn:aws:organizations::999999999999:handshake/o-stranger0001/invite/h-00000001",
        "Parties": [{"Id": "o-stranger0001", "Type": "ORGANIZATION"}, {"Id": "222222222222", "Type": "ACCOUNT"}],
        "State": "OPEN",
        "Action": "INVITE",
        "RequestedTimestamp": "2026-11-22T11:00:00+00:00",
        "ExpirationTimestamp": "2026-12-06T12:00:00+00:00",
        "Resources": [
            {
                "Type": "ORGANIZATION",
                "Value": "o-stranger0001",
                "Resources": [
                    {"Type": "MASTER_EMAIL", "Value": "mallory@evil.example"},
                    {"Type": "MASTER_NAME", "Value": "Mallory Ltd"}
                ]
            },
            {"Type": "NOTES", "Value": "a gift card\\nfor you"}
        ]
    }"""
    assert one(printed).handshake == read_handshake(invitation(), SOME_ACCOUNT)


# Pieces of test files, so that drawn inputs get far into the reader.
PIECES = st.sampled_from(
    [
        *("version: 1\n", "cases:\n", "  - name: a\n", "    expect: decline\n", "    handshake: {}\n", "    at: 1\n"),
        *(
            "    expect: {effect: allow, rules: [a, a, [], &a b]}\n",
            "    handshake: {Id: h-1, Resources: [{}, [[]]]}\n",
        ),
        *("    handshake: {Id: 1, notes: a}\n", "    account: '1'\n", "policy:\n", "  - [*a]\n", "- <<: {}\n", "? [\n"),
        *("    handshake: {ExpirationTimestamp: 1e9}\n", '    name: "\\ud800\\0"\n', "\t", "---\n", "}", "\x85"),
    ]
)


@given(st.binary(max_size=200) | st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join).map(str.encode))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    file, diagnostics = read_cases("t.yaml", data)
    assert (file is None) == bool(diagnostics)
    assert all("\n" not in str(diagnostic) for diagnostic in diagnostics)


def json_objects() -> st.SearchStrategy[dict[str, Any]]:
    """Objects that look like the API's, with texts as their only values."""
    texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
    values = st.recursive(texts, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2))
    members = ("Id", "Arn", "Parties", "State", "Action", "Resources", "RequestedTimestamp", "ExpirationTimestamp")
    return st.dictionaries(st.sampled_from(members), values, min_size=1)


@examples(300)
@given(json_objects())
def test_any_object_of_the_api_is_taken_as_it_is(raw: dict[str, Any]) -> None:
    cases = [{"name": "a", "handshake": raw, "expect": "undecided"}]
    data = yaml.safe_dump({"version": 1, "cases": cases}, allow_unicode=False, default_style='"').replace("!!int ", "")
    file, diagnostics = read_cases("t.yaml", data.encode())
    assert diagnostics == []
    assert file
    assert file.cases[0].handshake.problems
