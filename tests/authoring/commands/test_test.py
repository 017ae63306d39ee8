"""`responder test`, as people and machines see it."""

import json
from pathlib import Path

import junitparser
import pytest
from click.testing import CliRunner, Result

from authoring.cli import main

ROOT = Path(__file__).parents[3]
POLICY = """\
version: 1
mode: enforce
rules:
  - name: ours
    effect: allow
    organizations: [o-exampleorgid]
    expires: 2027-03-31
  - name: migration
    effect: accept
    notes: {any: ["CHG-"]}
"""
TESTS = """\
version: 1
at: 2026-12-01
cases:
  - name: ours is left to a person
    handshake: {organization: o-exampleorgid}
    expect: {effect: allow, rules: [ours]}
  - name: "ours is accepted\\e[31m, which is a long name for something that is not so and never was"
    handshake: {organization: o-exampleorgid}
    expect: {effect: accept, rules: [migration]}
  - name: a stranger
    at: 2027-04-01
    handshake: {}
    expect: {effect: decline, reason: protected}
"""
PASSING = """\
version: 1
cases:
  - {name: ours, handshake: {organization: o-exampleorgid}, expect: allow}
"""
TEXT = r"""policies/tests/t.yaml:7:5: ours is accepted\x1b[31m, which is a long name for
something that is not so and never was
  expected accept by rule migration, got allow: rule ours allows INVITE from
  organization o-exampleorgid (management account 999999999999)

policies/tests/t.yaml:10:5: a stranger
  expected a reason with `protected`, got: no rule matches INVITE from
  organization o-somebodyelse (management account 999999999999), and the default
  is decline

3 cases, 1 passed, 2 failed; 1 of 2 rules decide in a case, 1 of 3 conditions
are shown failing
  rule migration: decides in no case
  rule ours: no case shows organizations failing
  rule ours: no case shows expires failing
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a policy and its tests, as the current folder."""
    monkeypatch.chdir(tmp_path)
    write("policies/policy.yaml", POLICY)
    write("policies/tests/t.yaml", TESTS)
    return tmp_path


def write(name: str, text: str) -> None:
    """Write a file, with its folders."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def run(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, ["test", *arguments])


def test_what_people_read() -> None:
    result = run()
    assert (result.stdout, result.stderr, result.exit_code) == (TEXT, "", 1)


def test_all_passed() -> None:
    write("policies/tests/t.yaml", PASSING)
    result = run("--at", "2026-12-01")
    assert (result.exit_code, result.stdout) == (
        0,
        "1 case, 1 passed, 0 failed; 1 of 2 rules decide in a case, 1 of 3 conditions are\n"
        "shown failing\n"
        "  rule migration: decides in no case\n"
        "  rule ours: no case shows organizations failing\n"
        "  rule ours: no case shows expires failing\n",
    )


def test_what_is_not_covered_fails_where_that_is_asked_for() -> None:
    write("policies/tests/t.yaml", PASSING)
    result = run("--at", "2026-12-01", "--fail-uncovered")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "  rule migration: decides in no case\n" in result.stdout


@pytest.mark.parametrize("form", ["json", "junit"])
def test_then_machines_output_stays_whole_and_people_are_told(form: str) -> None:
    write("policies/tests/t.yaml", PASSING)
    flags = ("--at", "2026-12-01", "--format", form)
    quiet, printed = run(*flags), run(*flags, "--fail-uncovered")
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert printed.exit_code == 1
    assert printed.stderr == (
        "rule migration: decides in no case\n"
        "rule ours: no case shows organizations failing\n"
        "rule ours: no case shows expires failing\n"
    )
    assert "migration" not in printed.stdout or json.loads(printed.stdout)["coverage"]["policies"]["complete"] is False


def test_json_is_one_object() -> None:
    result = run("--format", "json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(case["name"][:16], case["file"], case["line"], case["passed"]) for case in document["cases"]] == [
        ("ours is left to ", "policies/tests/t.yaml", 4, True),
        ("ours is accepted", "policies/tests/t.yaml", 7, False),
        ("a stranger", "policies/tests/t.yaml", 10, False),
    ]
    assert [case["at"] for case in document["cases"]][1:] == ["2026-12-01T00:00:00+00:00", "2027-04-01T00:00:00+00:00"]
    assert [rule["name"] for rule in document["coverage"]["policies"]["rules"]] == ["migration", "ours"]


def test_junit_is_read_by_a_reader_of_it() -> None:
    result = run("--format", "junit")
    suites = junitparser.JUnitXml.fromstring(result.stdout.encode())
    assert result.exit_code == 1
    assert (suites.tests, suites.failures) == (3, 2)
    assert [case.name.split(",")[0] for suite in suites for case in suite] == [
        "ours is left to a person",
        "ours is accepted\\x1b[31m",
        "a stranger",
    ]


def test_the_time_given_holds_where_the_tests_name_none() -> None:
    write("policies/tests/t.yaml", PASSING)
    assert [run("--at", day).exit_code for day in ("2027-03-30", "2027-03-31")] == [0, 1]
    assert run("--at", "2027-03-31", "policies/tests/t.yaml").stdout.startswith("policies/tests/t.yaml:3:5: ours\n")
    write("policies/tests/t.yaml", PASSING.replace("cases:", "at: 2026-12-01\ncases:"))
    assert run("--at", "2027-03-31").exit_code == 0


def test_another_policy_can_be_given() -> None:
    write("policies/tests/t.yaml", PASSING)
    write("candidate.yaml", "version: 1\nmode: audit\nrules: []\n")
    result = run("--policy", "candidate.yaml")
    assert result.exit_code == 1
    assert "expected allow, got decline: no rule matches INVITE" in result.stdout
    assert "; 0 of 0 rules decide in a case, 0 of 0 conditions are\nshown failing\n" in result.stdout


def test_tests_of_several_policies_are_counted_together_and_covered_apart() -> None:
    write("policies/tests/t.yaml", PASSING.replace("cases:", "at: 2026-12-01\ncases:"))
    write("shop.yaml", "version: 1\nmode: audit\ndefault: allow\nrules: []\n")
    write("more/s.yaml", PASSING.replace("cases:", "policy: ../shop.yaml\ncases:"))
    write("more/t.yaml", PASSING.replace("cases:", "policy: ./../policies\nat: 2027-04-01\ncases:"))
    result = run("policies/tests", "more")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line] == [
        "more/t.yaml:5:5: ours",
        "  expected allow, got decline: no rule matches INVITE from organization",
        "  o-exampleorgid (management account 999999999999), and the default is decline",
        "3 cases, 2 passed, 1 failed",
        "policies: 1 of 2 rules decide in a case, 2 of 3 conditions are shown failing",
        "  rule migration: decides in no case",
        "  rule ours: no case shows organizations failing",
        "shop.yaml: 0 of 0 rules decide in a case, 0 of 0 conditions are shown failing",
    ]


REFUSED = "Error: the tests or their policy can't be used, so nothing was tested\n"


@pytest.mark.parametrize(
    ("files", "arguments", "stderr"),
    [
        pytest.param(
            {"policies/tests/t.yaml": TESTS.replace("rules: [ours]", "rules: [our]")},
            [],
            "policies/tests/t.yaml:6:37: cases[0].expect.rules[0]: `our` is not a rule of the policy"
            " (did you mean `ours`?)\n",
            id="a rule that the policy does not have",
        ),
        pytest.param(
            {
                "policies/tests/a.yaml": "version: 1\n",
                "policies/tests/b.yml": "",
                "policies/policy.yaml": POLICY.replace("effect: accept", "effect: except"),
            },
            [],
            "policies/policy.yaml:9:13: effect: `except` is not an effect"
            " (expected decline, allow or accept; did you mean `accept`?)\n"
            "policies/tests/a.yaml:1:1: `cases` is missing (write a list of cases, each beginning with `- name:`)\n"
            "policies/tests/b.yml:1:1: is not read: the files of a folder end in `.yaml`"
            " (rename it, or move it elsewhere)\n",
            id="mistakes in tests and in their policy, told together",
        ),
        pytest.param(
            {"policies/tests/t.yaml": TESTS.replace("at: 2026-12-01", "policy: ../polcy.yaml", 1)},
            [],
            "policies/polcy.yaml:1:1: does not exist\n",
            id="a policy that is not there",
        ),
        pytest.param({}, ["nowhere"], "nowhere:1:1: does not exist\n", id="tests that are not there"),
        pytest.param(
            {"empty/readme.txt": ""},
            ["empty"],
            "empty:1:1: holds no policy test: there is no `*.yaml` file directly in this folder\n",
            id="a folder without tests",
        ),
        pytest.param(
            {},
            ["policies"],
            "policies/policy.yaml:1:1: is a policy: a file of policy tests needs `version` and `cases`"
            " (give the folder of the tests, not the policy's)\n",
            id="the policy's folder instead of the tests'",
        ),
    ],
)
def test_what_can_not_be_used_is_exit_status_2(files: dict[str, str], arguments: list[str], stderr: str) -> None:
    for name, text in files.items():
        write(name, text)
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", stderr + REFUSED)


def test_the_shipped_policy_is_tested_and_covered_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "local")
    result = run("--fail-uncovered")
    assert result.exit_code == 0, result.output
    assert "3 of 3 conditions" in result.stdout


def test_help_has_examples_and_every_exit_status() -> None:
    text = run("--help").stdout
    assert all(part in text for part in ("Examples:", "Exit status:", "  0  ", "  1  ", "  2  "))
    assert max(map(len, text.splitlines())) <= 80
