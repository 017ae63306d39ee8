"""The JSON Schemas as editors apply them: they mark a file at the same places as the compiler."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from authoring.cli import main
from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.api_form import MEMBERS
from authoring.language.compiler import compile_sources
from authoring.language.policy import Notes, RuleSource
from authoring.language.short_form import ShortForm
from authoring.testing.reading import read_cases
from local.cloud.ministack import POLICY as POLICY_OF_THE_LOCAL_CLOUD
from support.editors import ROOT, SCHEMAS, complaints, schema_of

SHIPPED: Final = ROOT / "local/policies"
FILES: Final = [
    pytest.param("policy", SHIPPED / "policy.yaml", id="the policy"),
    pytest.param("tests", SHIPPED / "tests/policy.yaml", id="its tests"),
]


def diagnostics(source: str, kind: str = "policy") -> set[str]:
    """The paths of the diagnostics of a file; inside a rule they begin at the rule."""
    if kind == "tests":
        return {diagnostic.path for diagnostic in read_cases("t.yaml", source.encode())[1]}
    try:
        compile_sources({"p.yaml": source.encode()})
    except InvalidPolicy as diagnose:
        return {diagnostic.path for diagnostic in diagnose.diagnostics}
    return set()


def in_the_rule(place: str) -> str:
    """An editor's path as diagnostics have it: inside a rule it begins at the rule."""
    return re.sub(r"^rules\[\d+\]\.", "", place)


def test_the_schemas_beside_the_policy_are_what_the_command_prints() -> None:
    # People who keep policies elsewhere may have no schema here: an outdated one would mislead their editor, a missing
    # one can't.
    for path in sorted((ROOT / "policies").glob("*.schema.json")):
        kind = path.name.removesuffix(".schema.json")
        printed = CliRunner().invoke(main, ["schema", kind]).output
        assert printed == path.read_text("utf-8"), f"refresh it: .venv/bin/responder schema {kind} > {path}"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_command_prints_the_schema(kind: str) -> None:
    assert json.loads(CliRunner().invoke(main, ["schema", kind]).output) == schema_of(kind)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_one_and_describes_everything(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]

    for model in (schema, *schema["$defs"].values()):
        assert model["additionalProperties"] is False
        assert model["description"]
        for name, field in model["properties"].items():
            assert field.get("description") or schema["$defs"][field["$ref"].removeprefix("#/$defs/")], name
            # No value may be null, except texts that may be empty.
            assert "null" not in str(field) or name in ("description", "notes", "management_email"), name


@pytest.mark.parametrize(("kind", "path"), FILES)
def test_a_shipped_file_names_its_schema_in_its_first_line(kind: str, path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)

    assert match, first
    assert (path.parent / match[1]).resolve() == ROOT / "policies" / f"{kind}.schema.json"


@pytest.mark.parametrize(("kind", "path"), FILES)
def test_an_editor_finds_nothing_in_a_shipped_file(kind: str, path: Path) -> None:
    assert complaints(path.read_text("utf-8"), kind) == set()


def readme() -> list[str]:
    """The policies in the README."""
    return re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("source", [*readme(), POLICY_OF_THE_LOCAL_CLOUD])
def test_an_editor_finds_nothing_in_a_policy_of_the_readme_or_the_local_cloud(source: str) -> None:
    assert complaints(source) == set()
    assert diagnostics(source) == set()


HEAD = "version: 1\nmode: audit\n"
TOP = HEAD + "rules: []\n"


def rule(more: str) -> str:
    """A policy with one rule."""
    return f"{HEAD}rules: [{{name: a, effect: allow, {more}}}]\n"


BROKEN = [
    # The whole.
    pytest.param("- a", "", id="a list"),
    pytest.param("", "", id="nothing"),
    pytest.param("mode: audit\nrules: []", "", id="no version"),
    pytest.param(TOP + "rule: []", "", id="an unknown key"),
    pytest.param("version: 2\nmode: audit\nrules: []", "version", id="a version to come"),
    pytest.param("version: 1\nmode: Audit\nrules: []", "mode", id="a mode in capitals"),
    pytest.param("version: 1\nmode: [audit]\nrules: []", "mode", id="a mode in a list"),
    pytest.param(TOP + "default: accept", "default", id="accept is no default"),
    pytest.param(TOP + "default: no", "default", id="no is no default"),
    pytest.param(TOP + "limits: 25", "limits", id="a number for limits"),
    pytest.param(TOP + "limits: {waits: 1h}", "limits", id="an unknown key in limits"),
    pytest.param(TOP + "limits: {declines_per_sweep: -1}", "limits.declines_per_sweep", id="fewer than no declines"),
    pytest.param(TOP + "limits: {declines_per_sweep: 1001}", "limits.declines_per_sweep", id="too many declines"),
    pytest.param(TOP + "limits: {declines_per_sweep: '1001'}", "limits.declines_per_sweep", id="in quotes, too"),
    pytest.param(TOP + "limits: {declines_per_sweep: 2.5}", "limits.declines_per_sweep", id="half a decline"),
    pytest.param(TOP + "limits: {declines_per_sweep: many}", "limits.declines_per_sweep", id="many declines"),
    pytest.param(TOP + "limits: {wait: 24}", "limits.wait", id="a wait without a unit"),
    pytest.param(TOP + "limits: {wait: 1w}", "limits.wait", id="a wait in weeks"),
    pytest.param(TOP + "limits: {wait: 15d}", "limits.wait", id="a wait that is too long in days"),
    pytest.param(TOP + "limits: {wait: 337h}", "limits.wait", id="a wait that is too long in hours"),
    pytest.param(TOP + "limits: {wait: 20161m}", "limits.wait", id="a wait that is too long in minutes"),
    pytest.param(TOP + "protect: INVITE", "protect", id="one action where a list is expected"),
    pytest.param(TOP + "protect: [INVITES]", "protect[0]", id="an unknown action to protect"),
    pytest.param(TOP + "ignore: [IR011]", "ignore", id="ignored without a reason"),
    pytest.param(TOP + "ignore: {IR011: ''}", "ignore.IR011", id="an empty reason"),
    pytest.param(TOP + "ignore: {IR011: ' '}", "ignore.IR011", id="a reason of white space"),
    pytest.param(TOP + "ignore: {IR011: [a]}", "ignore.IR011", id="a list of reasons"),
    pytest.param(TOP + "ignore: {IR099: because}", "ignore", id="an unknown lint"),
    pytest.param(TOP + "ignore: {IR000: because}", "ignore", id="a mistake can't be ignored"),
    pytest.param(HEAD + "rules:", "rules", id="nothing for rules"),
    pytest.param(HEAD + "rules: {name: a, effect: allow}", "rules", id="a rule where a list is expected"),
    pytest.param(HEAD + "rules: [a]", "rules[0]", id="text for a rule"),
    # A rule.
    pytest.param(HEAD + "rules: [{effect: allow}]", "rules[0]", id="no name"),
    pytest.param(HEAD + "rules: [{name: a}]", "rules[0]", id="no effect"),
    pytest.param(HEAD + "rules: [{name: -a, effect: allow}]", "rules[0].name", id="a name that begins with a dash"),
    pytest.param(HEAD + "rules: [{name: a b, effect: allow}]", "rules[0].name", id="a name with a space"),
    pytest.param(HEAD + "rules: [{name: [a], effect: allow}]", "rules[0].name", id="a list of names"),
    pytest.param(HEAD + "rules: [{name: a, effect: deny}]", "rules[0].effect", id="an unknown effect"),
    pytest.param(HEAD + "rules: [{name: a, effect: true}]", "rules[0].effect", id="true is no effect"),
    pytest.param(
        HEAD + "rules: [{name: a, effect: allow}, {name: b, effect: alow}]", "rules[1].effect", id="a second rule"
    ),
    pytest.param(rule("organisations: [o-exampleorgid]"), "rules[0]", id="an unknown key in a rule"),
    pytest.param(rule("description: [a]"), "rules[0].description", id="a list of descriptions"),
    pytest.param(rule("actions: INVITE"), "rules[0].actions", id="one action without a list"),
    pytest.param(rule("actions: []"), "rules[0].actions", id="no action"),
    pytest.param(rule("actions: [invite]"), "rules[0].actions[0]", id="an action in small letters"),
    pytest.param(rule("organizations: []"), "rules[0].organizations", id="no organization"),
    pytest.param(rule("organizations: {a: b}"), "rules[0].organizations", id="a mapping of organizations"),
    pytest.param(rule("organizations: [exampleorgid]"), "rules[0].organizations[0]", id="an id without its o-"),
    pytest.param(rule("organizations: [o-exampleorgid, o-X]"), "rules[0].organizations[1]", id="a second id"),
    pytest.param(rule("organizations: [[o-exampleorgid]]"), "rules[0].organizations[0]", id="a list in a list"),
    pytest.param(rule("management_accounts: []"), "rules[0].management_accounts", id="no management account"),
    pytest.param(rule("management_accounts: ['1234']"), "rules[0].management_accounts[0]", id="a short account number"),
    pytest.param(rule("accounts: 111111111111"), "rules[0].accounts", id="one account without a list"),
    pytest.param(rule("accounts: []"), "rules[0].accounts", id="no account"),
    pytest.param(rule("accounts: [1111111111111]"), "rules[0].accounts[0]", id="a long account number"),
    pytest.param(rule("accounts: [1111-1111-1111]"), "rules[0].accounts[0]", id="an account number with dashes"),
    pytest.param(rule("accounts: [true]"), "rules[0].accounts[0]", id="true is no account number"),
    pytest.param(rule("not_actions: INVITE"), "rules[0].not_actions", id="one excluded action without a list"),
    pytest.param(rule("not_actions: [SELL]"), "rules[0].not_actions[0]", id="an excluded action that is none"),
    pytest.param(rule("not_organizations: []"), "rules[0].not_organizations", id="no excluded organization"),
    pytest.param(rule("not_organizations: [o-X]"), "rules[0].not_organizations[0]", id="an excluded id"),
    pytest.param(rule("not_management_accounts: ['1']"), "rules[0].not_management_accounts[0]", id="a short one"),
    pytest.param(rule("not_accounts: []"), "rules[0].not_accounts", id="no excluded account"),
    pytest.param(rule("leave_organization: true"), "rules[0].leave_organization", id="leaving without accepting"),
    pytest.param(
        HEAD + "rules: [{name: a, effect: accept, leave_organization: true}]",
        "rules[0].leave_organization",
        id="leaving for whatever is accepted",
    ),
    pytest.param(rule("not_notes: [a]"), "rules[0]", id="notes have no exclusion of that name"),
    pytest.param(rule("management_emails: a@b.example"), "rules[0].management_emails", id="one address"),
    pytest.param(rule("management_emails: []"), "rules[0].management_emails", id="no address"),
    pytest.param(rule("management_emails: ['[a]@b']"), "rules[0].management_emails[0]", id="a bracket in a pattern"),
    pytest.param(rule("management_emails: ['']"), "rules[0].management_emails[0]", id="an empty pattern"),
    pytest.param(rule("notes: CHG-"), "rules[0].notes", id="a keyword for notes"),
    pytest.param(rule("notes: {}"), "rules[0].notes", id="notes of nothing"),
    pytest.param(rule("notes: {any: [], none: []}"), "rules[0].notes", id="notes of empty lists"),
    pytest.param(rule("notes: {some: [a]}"), "rules[0].notes", id="an unknown key in notes"),
    pytest.param(rule("notes: {any: CHG-}"), "rules[0].notes.any", id="a keyword without a list"),
    pytest.param(rule("notes: {all: ['']}"), "rules[0].notes.all[0]", id="an empty keyword"),
    pytest.param(rule("notes: {none: [a, '  ']}"), "rules[0].notes.none[1]", id="a keyword of white space"),
    pytest.param(rule("notes: {any: [{a: b}]}"), "rules[0].notes.any[0]", id="a mapping for a keyword"),
    pytest.param(rule("expires: tomorrow"), "rules[0].expires", id="a day in words"),
    pytest.param(rule("expires: 2027-02-30"), "rules[0].expires", id="a day that never comes"),
    pytest.param(rule("expires: 20270331"), "rules[0].expires", id="a day without dashes"),
    pytest.param(rule("expires: 2027-3-31"), "rules[0].expires", id="a month without its zero"),
    pytest.param(rule("ignore: {IR003: }"), "rules[0].ignore.IR003", id="no reason in a rule"),
    pytest.param(rule("ignore: {IR3: because}"), "rules[0].ignore", id="an unknown lint in a rule"),
]


@pytest.mark.parametrize(("source", "place"), BROKEN)
def test_an_editor_marks_a_mistake_in_a_policy_where_it_is(source: str, place: str) -> None:
    assert complaints(source) == {place}
    assert in_the_rule(place) in diagnostics(source)


def case(more: str) -> str:
    """A file with one test."""
    return f"version: 1\ncases: [{{name: a, {more}}}]\n"


ONE = case("handshake: {}, expect: decline")
API = "{Id: h-examplehandshakeid111}"

BROKEN_TESTS = [
    pytest.param("version: 1", "", id="no cases"),
    pytest.param("cases: [{name: a, handshake: {}, expect: decline}]", "", id="no version"),
    pytest.param(ONE + "polcy: ..", "", id="an unknown key"),
    pytest.param(ONE + "policy: ''", "policy", id="an empty path"),
    pytest.param(ONE + "policy: [..]", "policy", id="a list of paths"),
    pytest.param(ONE + "at: noon", "at", id="a time in words"),
    pytest.param(ONE + "at: 2027-13-01", "at", id="a month that never comes"),
    pytest.param(ONE + "at: 2027-03-31T12:00", "at", id="a time without its offset"),
    pytest.param("version: 1\ncases: []", "cases", id="an empty list of cases"),
    pytest.param("version: 1\ncases: {name: a}", "cases", id="a case where a list is expected"),
    pytest.param("version: 1\ncases: [a]", "cases[0]", id="text for a case"),
    pytest.param("version: 1\ncases: [{handshake: {}, expect: decline}]", "cases[0]", id="no name"),
    pytest.param(case("expect: decline"), "cases[0]", id="no handshake"),
    pytest.param(case("handshake: {}"), "cases[0]", id="no expectation"),
    pytest.param(case("handshake: {}, expect: decline, effect: decline"), "cases[0]", id="an unknown key in a case"),
    pytest.param(
        "version: 1\ncases: [{name: ' ', handshake: {}, expect: decline}]", "cases[0].name", id="an invisible name"
    ),
    pytest.param(case("handshake: {}, expect: decline, at: 5"), "cases[0].at", id="a number for a time"),
    pytest.param(
        case(f"handshake: {API}, expect: undecided, account: x"), "cases[0].account", id="a receiver that is none"
    ),
    pytest.param(
        case("handshake: {}, expect: decline, account: '111111111111'"),
        "cases[0].account",
        id="the receiver beside a short form",
    ),
    pytest.param(case("handshake: o-exampleorgid, expect: decline"), "cases[0].handshake", id="text for a handshake"),
    pytest.param(case("handshake: {organisation: a}, expect: decline"), "cases[0].handshake", id="an unknown part"),
    pytest.param(case("handshake: {Id: h-1, notes: a}, expect: decline"), "cases[0].handshake", id="both forms in one"),
    pytest.param(
        case("handshake: {action: SELL}, expect: decline"), "cases[0].handshake.action", id="an unknown action"
    ),
    pytest.param(
        case("handshake: {organization: o-x}, expect: decline"), "cases[0].handshake.organization", id="a bad id"
    ),
    pytest.param(
        case("handshake: {management_account: '1'}, expect: decline"),
        "cases[0].handshake.management_account",
        id="a bad account number",
    ),
    pytest.param(case("handshake: {notes: [a]}, expect: decline"), "cases[0].handshake.notes", id="a list of notes"),
    pytest.param(
        case("handshake: {management_email: [[a]]}, expect: decline"),
        "cases[0].handshake.management_email[0]",
        id="a list in a list of addresses",
    ),
    pytest.param(case("handshake: {}, expect: [decline]"), "cases[0].expect", id="a list of expectations"),
    pytest.param(case("handshake: {}, expect: {rules: []}"), "cases[0].expect", id="no effect"),
    pytest.param(case("handshake: {}, expect: {effect: deny}"), "cases[0].expect.effect", id="an unknown effect"),
    pytest.param(
        case("handshake: {}, expect: {effect: decline, outcome: left}"),
        "cases[0].expect",
        id="an unknown key in an expectation",
    ),
    pytest.param(
        case("handshake: {}, expect: {effect: allow, rules: a}"), "cases[0].expect.rules", id="a rule without a list"
    ),
    pytest.param(
        case("handshake: {}, expect: {effect: allow, rules: [a b]}"), "cases[0].expect.rules[0]", id="a bad rule name"
    ),
    pytest.param(
        case("handshake: {}, expect: {effect: allow, reason: ''}"), "cases[0].expect.reason", id="an empty reason"
    ),
]


@pytest.mark.parametrize(("source", "place"), BROKEN_TESTS)
def test_an_editor_marks_a_mistake_in_a_policy_test_where_it_is(source: str, place: str) -> None:
    assert complaints(source, "tests") == {place}
    assert place in diagnostics(source, "tests")


def test_an_effect_alone_is_marked_where_it_stands() -> None:
    source = case("handshake: {}, expect: deny")

    assert complaints(source, "tests") == {"cases[0].expect"}
    assert diagnostics(source, "tests") == {"cases[0].expect.effect"}, "the same place, as if it were written out"


# A list with a repeated value is marked as a whole: JSON Schema has no way to mark the second value.
REPEATED = [
    pytest.param("protect: [INVITE, INVITE]\nrules: []\n", "protect", id="protect"),
    *(
        pytest.param(f"rules: [{{name: a, effect: allow, {key}: [{value}, {value}]}}]\n", f"rules[0].{key}", id=key)
        for key, value in {
            "actions": "INVITE",
            "organizations": "o-exampleorgid",
            "management_accounts": "111111111111",
            "management_emails": "a@b.example",
            "accounts": "'222222222222'",
            "not_actions": "INVITE",
            "not_organizations": "o-exampleorgid",
            "not_management_accounts": "111111111111",
            "not_accounts": "'222222222222'",
        }.items()
    ),
    *(
        pytest.param(
            f"rules: [{{name: a, effect: allow, notes: {{{part}: [a, a]}}}}]\n", f"rules[0].notes.{part}", id=part
        )
        for part in ("any", "all", "none")
    ),
]


@pytest.mark.parametrize(("source", "place"), REPEATED)
def test_a_value_that_is_twice_in_a_list_is_marked_at_the_list(source: str, place: str) -> None:
    assert complaints(HEAD + source) == {place}
    assert diagnostics(HEAD + source) == {f"{in_the_rule(place)}[1]"}


def test_a_rule_that_is_expected_twice_is_marked_at_the_list() -> None:
    source = case("handshake: {}, expect: {effect: allow, rules: [a, a]}")

    assert complaints(source, "tests") == {"cases[0].expect.rules"}
    assert diagnostics(source, "tests") == {"cases[0].expect.rules[1]"}


UNSAID = [
    pytest.param("version: 1", "", id="what another file of the folder may say"),
    pytest.param(HEAD + "rules: [{name: a, effect: allow}, {name: a, effect: decline}]", "name", id="a name twice"),
    pytest.param(rule("notes: {any: [CHG-, chg-]}"), "notes.any[1]", id="keywords that are compared alike"),
    pytest.param(rule("management_emails: [A@b, a@B]"), "management_emails[1]", id="patterns that are compared alike"),
    pytest.param(
        rule("accounts: [111111111111, '111111111111']"), "accounts[1]", id="one number with quotes and without"
    ),
    *(
        pytest.param(rule(f"{key}: [{value}], not_{key}: [{value}]"), f"not_{key}[0]", id=f"{key} asked and excluded")
        for key, value in {
            "actions": "INVITE",
            "organizations": "o-exampleorgid",
            "management_accounts": "111111111111",
            "accounts": "111111111111",
        }.items()
    ),
    pytest.param(rule('notes: {any: ["\\u200b"]}'), "notes.any[0]", id="which characters can't be seen"),
    pytest.param(rule("accounts: [12345678901]"), "accounts[0]", id="a digit too few, or a zero that editors drop"),
    pytest.param(TOP + "limits: {declines_per_sweep: 25.0}", "limits.declines_per_sweep", id="how a number is written"),
]


@pytest.mark.parametrize(("source", "place"), UNSAID)
def test_what_a_schema_can_not_say_is_told_when_the_policy_is_compiled(source: str, place: str) -> None:
    assert complaints(source) == set()
    assert diagnostics(source) == {place}


UNSAID_OF_TESTS = [
    pytest.param(ONE + "at: 2027-02-30", "at", id="the calendar"),
    pytest.param(
        "version: 1\ncases:\n" + "  - {name: a, handshake: {}, expect: decline}\n" * 2,
        "cases[1].name",
        id="a name twice",
    ),
]


@pytest.mark.parametrize(("source", "place"), UNSAID_OF_TESTS)
def test_what_a_schema_can_not_say_of_tests_is_told_when_they_run(source: str, place: str) -> None:
    assert complaints(source, "tests") == set()
    assert diagnostics(source, "tests") == {place}


# Every key gets each of these values, and editors agree with the compiler about all but a few.
_VALUES: Final = """\
a;A b;no;yes;"";" ";~;null;;true;false;0;1;25;1000;1001;-1;+5;007;0x10;0o7;1.5;1.0;.5;1e2;.inf;"1";"25";'0';1_000;\
111111111111;"111111111111";012345678901;"012345678901";12345678901;1111111111111;2027-03-31;"2027-03-31";2027-02-30;\
2027-03-31T12:00:00Z;12:30;0m;0h;0d;90m;20160m;24h;"24h";336h;337h;14d;15d;3w;o-exampleorgid;o-Example;INVITE;invite;\
audit;enforce;decline;allow;accept;undecided;"*@example.com";"[a]@b";CHG-1;..;[];[a];{};{a: b};[[]];[INVITE]"""
VALUES: Final = _VALUES.split(";")

NONE: Final[frozenset[str]] = frozenset()
# Editors see a number, but not its spelling, as in `1e2`.
COUNTS: Final = frozenset({"+5", "007", "0x10", "0o7", "1.0", "1e2"})
# Nor do they see its leading zeros.
ACCOUNTS: Final = COUNTS | {"0", "1", "25", "1000", "1001", "12345678901"}
# Editors read these words as null, which no required value may be; the compiler reads them as text.
NOTHING: Final = frozenset({"~", "null"})
NAMES: Final = frozenset({"null", "+5", ".5", ".inf"})
CALENDAR: Final = frozenset({"2027-02-30"})


def in_list(key: str, other: str) -> str:
    """A rule in which a condition has two values, one of them VALUE."""
    return rule(f"{key}: [{other}, VALUE]")


AGREEMENT: Final[list[tuple[str, str, str, frozenset[str]]]] = [
    ("policy", "version", "version: VALUE\nmode: audit\nrules: []", frozenset({"1.0"})),
    ("policy", "mode", "version: 1\nmode: VALUE\nrules: []", NONE),
    *(("policy", key, f"{TOP}{key}: VALUE", NONE) for key in ("default", "limits", "protect", "ignore")),
    ("policy", "an action to protect", TOP + "protect: [TRANSFER_RESPONSIBILITY, VALUE]", NONE),
    ("policy", "declines", TOP + "limits: {declines_per_sweep: VALUE}", COUNTS),
    ("policy", "wait", TOP + "limits: {wait: VALUE}", NONE),
    ("policy", "a reason", TOP + "ignore: {IR011: VALUE}", NOTHING),
    ("policy", "rules", HEAD + "rules: VALUE", NONE),
    ("policy", "a rule", HEAD + "rules: [{name: other, effect: allow}, VALUE]", NONE),
    ("policy", "name", HEAD + "rules: [{effect: allow, name: VALUE}]", NAMES),
    ("policy", "effect", HEAD + "rules: [{name: a, effect: VALUE}]", NONE),
    *(
        ("policy", f"{key} of a rule", rule(f"{key}: VALUE"), NONE)
        for key in RuleSource.model_fields
        if key not in ("name", "effect", "leave_organization")
    ),
    (
        "policy",
        "leave_organization",
        HEAD + "rules: [{name: a, effect: accept, actions: [INVITE], leave_organization: VALUE}]",
        NONE,
    ),
    ("policy", "an action", in_list("actions", "TRANSFER_RESPONSIBILITY"), NONE),
    ("policy", "an organization", in_list("organizations", "o-anotherone1"), NONE),
    ("policy", "a management account", in_list("management_accounts", "'999999999999'"), ACCOUNTS),
    ("policy", "a pattern", in_list("management_emails", "other@b"), NOTHING),
    ("policy", "a receiver", in_list("accounts", "'999999999999'"), ACCOUNTS),
    ("policy", "an excluded action", in_list("not_actions", "TRANSFER_RESPONSIBILITY"), NONE),
    ("policy", "an excluded organization", in_list("not_organizations", "o-anotherone1"), NONE),
    ("policy", "an excluded sender", in_list("not_management_accounts", "'999999999999'"), ACCOUNTS),
    ("policy", "an excluded receiver", in_list("not_accounts", "'999999999999'"), ACCOUNTS),
    *(("policy", f"notes.{part}", rule(f"notes: {{{part}: VALUE}}"), NONE) for part in Notes.model_fields),
    *(
        ("policy", f"a keyword of {part}", rule(f"notes: {{{part}: [other, VALUE]}}"), NOTHING)
        for part in Notes.model_fields
    ),
    ("tests", "version", ONE.replace("version: 1", "version: VALUE"), frozenset({"1.0"})),
    ("tests", "policy", ONE + "policy: VALUE", NOTHING),
    ("tests", "at", ONE + "at: VALUE", CALENDAR),
    ("tests", "cases", "version: 1\ncases: VALUE", NONE),
    ("tests", "a case", ONE.replace("}]", "}, VALUE]"), NONE),
    ("tests", "name", ONE.replace("name: a", "name: VALUE"), NOTHING),
    ("tests", "at of a case", case("handshake: {}, expect: decline, at: VALUE"), CALENDAR),
    ("tests", "account", case(f"handshake: {API}, expect: undecided, account: VALUE"), ACCOUNTS),
    ("tests", "handshake", case("handshake: VALUE, expect: decline"), NONE),
    *(
        ("tests", f"{key} of a handshake", case(f"handshake: {{{key}: VALUE}}, expect: decline"), different)
        for key, different in {
            **dict.fromkeys(ShortForm.model_fields, NONE),
            **dict.fromkeys(("management_account", "account"), ACCOUNTS),
            **dict.fromkeys(MEMBERS, NONE),
        }.items()
    ),
    ("tests", "an address", case("handshake: {management_email: [other, VALUE]}, expect: decline"), NONE),
    ("tests", "expect", case("handshake: {}, expect: VALUE"), NONE),
    ("tests", "effect", case("handshake: {}, expect: {effect: VALUE}"), NONE),
    ("tests", "rules", case("handshake: {}, expect: {effect: allow, rules: VALUE}"), NONE),
    ("tests", "a rule", case("handshake: {}, expect: {effect: allow, rules: [other, VALUE]}"), NAMES),
    ("tests", "reason", case("handshake: {}, expect: {effect: allow, reason: VALUE}"), NOTHING),
]


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("kind", "template", "different"),
    [pytest.param(kind, template, different, id=f"{kind}: {key}") for kind, key, template, different in AGREEMENT],
)
def test_editor_and_compiler_agree(kind: str, template: str, different: frozenset[str]) -> None:
    sources = {value: template.replace("VALUE", value) for value in VALUES}
    are_right = {value: not diagnostics(source, kind) for value, source in sources.items()}

    assert {
        value for value, source in sources.items() if bool(complaints(source, kind)) == are_right[value]
    } == different


@pytest.mark.parametrize(("unit", "most"), [("m", 20_160), ("h", 336), ("d", 14)])
def test_every_wait_is_right_up_to_14_days(unit: str, most: int) -> None:
    pattern = re.compile(schema_of("policy")["$defs"]["Limits"]["properties"]["wait"]["pattern"])
    lengths = [*range(most + 200), 99_999, 100_000]

    assert [length for length in lengths if pattern.search(f"{length}{unit}")] == list(range(most + 1))
    assert pattern.search(f"01{unit}") is None
    assert diagnostics(TOP + f"limits: {{wait: {most}{unit}}}") == set()
    assert diagnostics(TOP + f"limits: {{wait: {most + 1}{unit}}}") == {"limits.wait"}
