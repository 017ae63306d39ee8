"""Each lint: the policies in which it finds something, those in which it must not, and laws for all policies."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.analysis.rule_set import content
from authoring.analysis.semantic_diff import compare
from authoring.diagnostics.catalog import LINTS, Lint, Severity
from authoring.diagnostics.diagnostic import START, Diagnostic, Loc
from authoring.language.compiler import compile_files
from authoring.language.source_map import Source
from authoring.lints.overlap import shadowed_rules
from authoring.lints.policy import nothing_declined
from authoring.lints.runner import lint
from invitation_responder.core.decision import Decider
from invitation_responder.core.handshake import ACTIONS, Handshake
from invitation_responder.core.policy import PROTECTED_BY_DEFAULT, VALUE_CONDITIONS, Policy
from invitation_responder.core.policy import Rule as CompiledRule
from support.strategies import NOW, examples, handshakes, policies, sayable

DAY = datetime(2026, 11, 25, tzinfo=UTC)
OURS = {"organizations": ["o-ourcompany"]}
SHOP = {"organizations": ["o-theshopcorp"]}
INVITE = {"actions": ["INVITE"]}
ENABLE = {"actions": ["ENABLE_ALL_FEATURES"]}
BILL = {"actions": ["TRANSFER_RESPONSIBILITY"]}
CHG = {"notes": {"any": ["CHG-"]}}
ALLOW: dict[str, Any] = {"effect": "allow"}
ACCEPT: dict[str, Any] = {"effect": "accept"}
LEAVE: dict[str, Any] = {"actions": ["INVITE"], "leave_organization": True}
DECLINE: dict[str, Any] = {"effect": "decline"}
PAST, FUTURE = {"expires": "2026-11-24"}, {"expires": "2027-11-25"}

Rule = dict[str, Any]


def found(*rules: Rule, now: datetime = DAY, **authored: Any) -> list[str]:
    """The lints of a policy with these rules, named `a`, `b` and so on: each one's id and rule."""
    named = [{"name": chr(ord("a") + index), **rule} for index, rule in enumerate(rules)]
    policy = {"version": 1, "mode": "audit", "rules": named, **authored}
    return [described(diagnostic.code, diagnostic.message) for diagnostic in lint(compiled(policy), now)]


def compiled(*files: dict[str, Any]) -> Source:
    """The policy of some files."""
    return compile_files({f"{index}.yaml": json.dumps(file).encode() for index, file in enumerate(files)})


def described(lint_id: str, message: str) -> str:
    """A lint's id, with the rule that its message names."""
    rule = re.match(r"rule `(.*?)`", message)
    return f"{lint_id} {rule[1]}" if rule else lint_id


NOTHING = [
    pytest.param([ALLOW | OURS | CHG], id="IR001: an organization is named beside the notes"),
    pytest.param(
        [ALLOW | {"management_accounts": ["333333333333"], "management_emails": ["*@example.com"]}],
        id="IR001: a management account is named beside the address",
    ),
    pytest.param([DECLINE | CHG | INVITE], id="IR001: what anybody can write may be declined"),
    pytest.param([ALLOW | CHG | ENABLE], id="IR001: what is protected is left to a person anyway"),
    pytest.param([ACCEPT | ENABLE | OURS], id="IR002: the rule that accepts names an organization"),
    pytest.param(
        [ACCEPT | ENABLE | {"management_accounts": ["333333333333"]}],
        id="IR002: the rule that accepts names a management account",
    ),
    pytest.param([ALLOW | INVITE | OURS], id="IR003: the rule leaves invitations to a person"),
    pytest.param([ACCEPT | ENABLE | OURS], id="IR019: the rule accepts no invitations"),
    pytest.param([ALLOW | INVITE | OURS], id="IR019: the rule accepts nothing"),
    pytest.param([ALLOW | OURS | {"expires": "2026-12-26"}], id="IR005: the rule expires in 31 days"),
    pytest.param([ALLOW | OURS | FUTURE, ALLOW | OURS | INVITE], id="IR006: what covers it expires, and it does not"),
    pytest.param(
        [ALLOW | OURS | {"expires": "2027-11-24"}, ALLOW | OURS | INVITE | FUTURE],
        id="IR006: what covers it expires a day before",
    ),
    pytest.param([ALLOW | OURS | INVITE, ALLOW | OURS | BILL], id="IR006: the rules have no action in common"),
    pytest.param([DECLINE | OURS | INVITE, DECLINE | INVITE | CHG], id="IR006: the rules overlap, and neither covers"),
    pytest.param(
        [DECLINE | OURS | INVITE, ACCEPT | OURS | ENABLE | CHG, ALLOW | OURS | BILL],
        id="IR006: three effects that never meet",
    ),
    pytest.param(
        [ALLOW | OURS | {"not_accounts": ["222222222222"]}, ACCEPT | OURS | ENABLE | {"accounts": ["222222222222"]}],
        id="IR006: what would cover it excludes some of it",
    ),
    pytest.param(
        [DECLINE | INVITE | {"not_organizations": ["o-ourcompany"]}, ALLOW | OURS | INVITE],
        id="IR008: the rule that declines excludes the organization",
    ),
    pytest.param(
        [DECLINE | {"not_organizations": ["o-ourcompany"]}],
        id="IR009: the rule excludes the own organization, and names no action",
    ),
    pytest.param(
        [DECLINE | {"not_actions": list(PROTECTED_BY_DEFAULT)}], id="IR009: the rule excludes what is protected"
    ),
    pytest.param(
        [ACCEPT | OURS | {"not_actions": ["INVITE", "TRANSFER_RESPONSIBILITY"]}],
        id="IR003: the rule excludes what moves the account",
    ),
    pytest.param(
        [ALLOW | CHG | {"not_actions": ["INVITE", "TRANSFER_RESPONSIBILITY"]}],
        id="IR001: the rule excludes what is not left to a person anyway",
    ),
    pytest.param(
        [ALLOW | OURS | {"not_actions": ["INVITE", *PROTECTED_BY_DEFAULT]}], id="IR014: one action is not excluded"
    ),
    pytest.param(
        [ALLOW | OURS | {"not_management_accounts": ["333333333333"], "not_accounts": ["222222222222"]}],
        id="IR018: exclusions beside other conditions",
    ),
    pytest.param([DECLINE | INVITE], id="IR006: the default would decline it anyway"),
    pytest.param(
        [
            ALLOW | OURS | {"management_emails": ["b?ll@example.com"]},
            ALLOW | OURS | {"management_emails": ["bi?l@example.com"]},
        ],
        id="IR006: patterns that overlap, and neither covers",
    ),
    pytest.param([DECLINE | OURS | INVITE, DECLINE | SHOP | INVITE], id="IR007: organizations that differ"),
    pytest.param([ALLOW | OURS | INVITE, DECLINE | OURS | BILL], id="IR008: the rules have no action in common"),
    pytest.param(
        [ALLOW | OURS | {"accounts": ["222222222222"]}, DECLINE | OURS | {"accounts": ["333333333333"]}],
        id="IR008: the rules have no account in common",
    ),
    pytest.param(
        [ALLOW | OURS | CHG, DECLINE | OURS | INVITE | {"notes": {"none": ["chg"]}}],
        id="IR008: no notes can be what both ask for",
    ),
    pytest.param([ALLOW | OURS, DECLINE | INVITE | CHG], id="IR008: the rule that declines names no organization"),
    pytest.param([DECLINE | {"actions": ["INVITE", "TRANSFER_RESPONSIBILITY"]}], id="IR009: no protected action"),
    pytest.param([DECLINE | OURS], id="IR009: the rule names an organization, and no action"),
    pytest.param(
        [DECLINE | {"notes": {"any": ["gift card"]}}],
        id="IR009: the rule asks for notes, which no protected action comes with",
    ),
    pytest.param(
        [DECLINE | {"notes": {"all": ["gift", "card"]}}],
        id="IR009: the rule asks for all of some notes",
    ),
    pytest.param([DECLINE | {"management_emails": ["*@evil.example"]}], id="IR009: the rule asks for an address"),
    pytest.param(
        [ALLOW | OURS | {"notes": {"any": ["chg-1", "chg-2"], "all": ["chg"]}}],
        id="IR010: a keyword is part of one of another list",
    ),
    pytest.param(
        [ALLOW | OURS | {"notes": {"any": ["chg", "chh"], "none": ["a b", "bc"]}}], id="IR010: keywords are only alike"
    ),
    pytest.param(
        [ALLOW | OURS | {"management_emails": ["bill?example.com", "*example.org", "b@c"]}],
        id="IR013: patterns that are like some address",
    ),
    pytest.param(
        [ALLOW | OURS | {"notes": {"all": ["ab", "bc"], "none": ["abc"]}}],
        id="IR014: keywords that need not overlap in the notes",
    ),
    pytest.param(
        [ALLOW | OURS | {"notes": {"any": ["gift card", "chg-"], "none": ["gift"]}}],
        id="IR014: one of the alternatives is left",
    ),
    *(
        pytest.param([ALLOW | OURS | {"notes": {"any": [text]}}], id=f"IR016: `{text}` stands in texts")
        for text in (
            "[urgent]",
            "ready?",
            "100$",
            "a.b",
            "(billing)",
            "C:\\data",
            "x-y",
            "50% + 3",
            "{team}",
            "[moved]",
        )
    ),
    pytest.param(
        [ALLOW | OURS | FUTURE | {"ignore": {"IR004": "kept for the record"}}],
        id="IR015: that it has expired is ignored ahead of time",
    ),
    pytest.param(
        [ALLOW | OURS | FUTURE | {"ignore": {"IR005": "let it go"}}],
        id="IR015: that it expires soon is ignored ahead of time",
    ),
]


@pytest.mark.parametrize("rules", NOTHING)
def test_nothing_is_found(rules: list[Rule]) -> None:
    assert found(*rules) == []


@pytest.mark.parametrize(
    ("rules", "authored"),
    [
        pytest.param(
            [ALLOW | CHG, DECLINE | INVITE | SHOP], {"default": "allow"}, id="IR001: the default allows it, too"
        ),
        pytest.param([DECLINE | INVITE | CHG], {"default": "allow"}, id="IR011: a rule declines something"),
        pytest.param([], {"limits": {"declines_per_sweep": 1}}, id="IR011: a sweep declines one"),
        pytest.param([], {"mode": "audit"}, id="IR011: the default declines, if only for the record"),
        pytest.param(
            [DECLINE | INVITE], {"protect": [], "default": "allow"}, id="IR009: the default allows what is left out"
        ),
        pytest.param([ALLOW | OURS], {"protect": []}, id="IR009: a rule lets through what protect leaves out"),
        pytest.param(
            [ALLOW | OURS | ENABLE],
            {"protect": ["APPROVE_ALL_FEATURES", "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"]},
            id="IR009: a rule lets through the one action that protect leaves out",
        ),
        pytest.param(
            [ALLOW | INVITE | {"organizations": ["o-exampleorgid"], "management_accounts": ["111111111111"]}],
            {"mode": "audit"},
            id="IR012: the policy answers nothing",
        ),
        pytest.param(
            [ALLOW | INVITE | OURS | {"description": "not o-exampleorgid", "accounts": ["111111111111"]}],
            {"mode": "enforce", "limits": {"wait": "24h"}},
            id="IR012: only the description and a receiver are those of the example",
        ),
        pytest.param(
            [ALLOW | OURS | {"ignore": {"IR012": "the local cloud's"}, "organizations": ["o-exampleorgid"]}],
            {"mode": "enforce", "limits": {"wait": "24h"}},
            id="what a rule ignores is not told",
        ),
        pytest.param([ALLOW | OURS], {"mode": "audit"}, id="IR017: the policy answers nothing"),
        pytest.param([ALLOW | OURS], {"mode": "enforce", "limits": {"wait": "1m"}}, id="IR017: there is a wait"),
        pytest.param(
            [ALLOW | OURS],
            {"mode": "enforce", "default": "allow", "ignore": {"IR011": "for now"}},
            id="IR017: nothing is declined",
        ),
        pytest.param([], {"default": "allow", "ignore": {"IR011": "for now"}}, id="what a policy ignores is not told"),
    ],
)
def test_nothing_is_found_in_the_whole(rules: list[Rule], authored: dict[str, Any]) -> None:
    assert found(*rules, **authored) == []


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(
            [ALLOW | {"notes": {"none": ["gift"]}}], ["IR001 a"], id="notes that only lack something prove nothing"
        ),
        pytest.param([ALLOW | CHG | {"accounts": ["222222222222"]}], ["IR001 a"], id="receivers are no senders"),
        pytest.param(
            [ALLOW | CHG | {"actions": ["INVITE", "ENABLE_ALL_FEATURES"]}],
            ["IR001 a"],
            id="one protected action is not all",
        ),
        pytest.param(
            [ACCEPT | CHG | ENABLE], ["IR001 a"], id="to accept is another thing than to leave it, protected or not"
        ),
        pytest.param(
            [ACCEPT | ENABLE | {"accounts": ["222222222222"]}],
            ["IR002 a"],
            id="a rule that accepts for some receivers accepts from anybody",
        ),
        pytest.param(
            [ACCEPT | ENABLE | {"not_organizations": ["o-theshopcorp"], "not_management_accounts": ["333333333333"]}],
            ["IR002 a"],
            id="who is excluded is not who asks",
        ),
        pytest.param(
            [ALLOW | CHG | {"not_organizations": ["o-theshopcorp"]}],
            ["IR001 a"],
            id="notes beside an excluded sender prove nothing",
        ),
        pytest.param(
            [ACCEPT | OURS | {"not_actions": ["INVITE"]}], ["IR003 a"], id="what is not excluded moves the bill"
        ),
        pytest.param(
            [ALLOW | OURS | {"not_accounts": ["222222222222"]}, ALLOW | OURS | {"not_accounts": ["333333333333"]}],
            [],
            id="neither of two exclusions covers the other",
        ),
        pytest.param(
            [
                ALLOW | OURS | {"not_accounts": ["222222222222", "333333333333"]},
                ALLOW | OURS | {"not_accounts": ["222222222222"]},
            ],
            ["IR006 a"],
            id="an exclusion of less covers one of more",
        ),
        pytest.param(
            [
                ALLOW | OURS | {"not_accounts": ["222222222222"]},
                ALLOW | OURS | {"accounts": ["222222222222"]},
                ALLOW | OURS | INVITE,
            ],
            ["IR006 c"],
            id="what is excluded and what is not are all there is",
        ),
        pytest.param(
            [ALLOW | OURS | {"not_organizations": ["o-theshopcorp"]}], ["IR018 a"], id="an exclusion of others"
        ),
        pytest.param(
            [
                ALLOW
                | OURS
                | INVITE
                | {
                    "not_actions": ["TRANSFER_RESPONSIBILITY"],
                    "not_organizations": ["o-theshopcorp"],
                    "accounts": ["222222222222"],
                    "not_accounts": ["333333333333"],
                }
            ],
            ["IR018 a"] * 3,
            id="each exclusion of what is not asked for is told",
        ),
        pytest.param(
            [ALLOW | OURS | {"not_actions": list(ACTIONS)}], ["IR014 a"], id="every action there is is excluded"
        ),
        pytest.param(
            [DECLINE | {"not_actions": ["INVITE"]}], ["IR009 a"], id="a protected action that is not excluded"
        ),
        pytest.param(
            [ACCEPT | CHG | BILL], ["IR003 a", "IR001 a"], id="a rule by notes is not told as one from anybody"
        ),
        pytest.param([ALLOW | OURS | PAST, ALLOW | OURS | INVITE], ["IR004 a"], id="what has expired covers nothing"),
        pytest.param(
            [ALLOW | OURS, ALLOW | OURS | INVITE | PAST], ["IR004 b"], id="what has expired is not idle as well"
        ),
        pytest.param([ALLOW | OURS | PAST, DECLINE | OURS | INVITE], ["IR004 a"], id="what has expired tears nothing"),
        pytest.param([DECLINE | ENABLE | PAST], ["IR004 a"], id="what has expired declines nothing that is protected"),
        pytest.param([ALLOW | OURS, ALLOW | OURS | INVITE | FUTURE], ["IR006 b"], id="what covers it never expires"),
        pytest.param([ALLOW | OURS | INVITE, DECLINE | INVITE], ["IR006 a"], id="a stricter rule covers it"),
        pytest.param([ACCEPT | OURS | ENABLE, ALLOW | OURS], ["IR006 a"], id="allow is stricter than accept"),
        pytest.param(
            [
                ALLOW | OURS | {"management_emails": ["bill@example.com"]},
                ALLOW | OURS | {"management_emails": ["*@EXAMPLE.com"]},
            ],
            ["IR006 a"],
            id="a wider pattern covers it",
        ),
        pytest.param(
            [ALLOW | OURS | CHG, ALLOW | OURS | {"notes": {"all": ["chg-1", "chg-2"]}}],
            ["IR006 b"],
            id="a shorter keyword covers it",
        ),
        pytest.param(
            [
                ALLOW | OURS | {"actions": ["INVITE", "TRANSFER_RESPONSIBILITY"]},
                ALLOW | OURS | INVITE,
                ALLOW | OURS | BILL,
            ],
            ["IR006 a"],
            id="of rules that cover each other together, one is told",
        ),
        pytest.param(
            [
                ALLOW | OURS | INVITE | {"notes": {"any": ["x"]}},
                ALLOW | OURS | INVITE | {"notes": {"none": ["x"]}},
                ALLOW | OURS | INVITE,
            ],
            ["IR006 a", "IR006 b"],
            id="a rule with every notes covers those with and without a keyword",
        ),
        pytest.param(
            [ALLOW | OURS | {"description": "one"}, ALLOW | OURS | {"organizations": ["o-ourcompany"]}],
            ["IR007 b"],
            id="descriptions are no difference",
        ),
        pytest.param(
            [ALLOW | OURS | {"notes": {"any": ["CHG-", "a b"]}}, ALLOW | OURS | {"notes": {"any": ["A  b", "chg-"]}}],
            ["IR007 b"],
            id="order, case and spaces are no difference",
        ),
        pytest.param(
            [ALLOW | OURS, ALLOW | OURS, ALLOW | OURS],
            ["IR007 b", "IR007 c"],
            id="of three that are the same two are told",
        ),
        pytest.param(
            [ALLOW | OURS, ALLOW | OURS | FUTURE], ["IR006 b"], id="days are a difference, and the longer one covers"
        ),
        pytest.param(
            [
                ALLOW | {"organizations": ["o-ourcompany", "o-theshopcorp"]},
                DECLINE | SHOP | BILL,
                DECLINE | SHOP | INVITE | CHG,
            ],
            ["IR008 a"],
            id="an organization that several rules decline is told once",
        ),
        pytest.param(
            [ACCEPT | SHOP | ENABLE, DECLINE | SHOP | CHG], ["IR008 a"], id="what is accepted can be torn, too"
        ),
        pytest.param(
            [DECLINE | ENABLE | CHG], ["IR009 a"], id="a protected action that is named is told, whatever else is asked"
        ),
        pytest.param(
            [DECLINE | {"notes": {"none": ["CHG-"]}}],
            ["IR009 a"],
            id="notes that lack something are those of protected actions",
        ),
        pytest.param(
            [ALLOW | OURS | {"notes": {"any": ["a", "ab", "abc"]}}],
            ["IR010 a", "IR010 a"],
            id="each keyword that is too much is told",
        ),
        pytest.param(
            [ALLOW | OURS | {"notes": {"all": ["\uff21", "ab"]}}], ["IR010 a"], id="keywords are compared as notes are"
        ),
        pytest.param(
            [ALLOW | OURS | {"management_emails": ["example.com", "@x.org", "bill@", "@"]}],
            ["IR013 a"] * 4,
            id="each pattern without an address is told",
        ),
        pytest.param(
            [ALLOW | OURS | {"notes": {"any": ["a b", "ab"], "none": ["b", "c"]}}],
            ["IR014 a"],
            id="every alternative is ruled out",
        ),
        pytest.param(
            [DECLINE | OURS | {"notes": {"all": ["\u212a"], "none": ["k"]}}], ["IR014 a"], id="a Kelvin sign is a k"
        ),
        pytest.param(
            [ALLOW | OURS | {"ignore": {"IR004": "x"}}],
            ["IR015 a"],
            id="a rule that never expires has nothing to ignore of it",
        ),
        pytest.param(
            [ALLOW | OURS | PAST | {"ignore": {"IR006": "x"}}],
            ["IR004 a"],
            id="a rule that has expired may ignore anything",
        ),
        pytest.param(
            [ALLOW | OURS | FUTURE | {"ignore": {"IR006": "x"}}], ["IR015 a"], id="one that will expire may not"
        ),
        pytest.param(
            [ALLOW | CHG | {"ignore": {"IR001": "x"}}, ALLOW | CHG | INVITE],
            ["IR001 b", "IR006 b"],
            id="a rule ignores for itself alone",
        ),
    ],
)
def test_it_is_found(rules: list[Rule], expected: list[str]) -> None:
    assert sorted(found(*rules)) == sorted(expected)


@pytest.mark.parametrize(
    ("rules", "authored", "expected"),
    [
        pytest.param(
            [ACCEPT | CHG | ENABLE], {"default": "allow"}, ["IR001 a", "IR011"], id="the default accepts nothing"
        ),
        pytest.param(
            [ALLOW | INVITE | OURS], {"protect": []}, ["IR009"], id="a rule for invitations lets nothing else through"
        ),
        pytest.param(
            [ALLOW | OURS | PAST], {"protect": []}, ["IR004 a", "IR009"], id="an expired rule lets nothing through"
        ),
        pytest.param(
            [ALLOW | OURS | {"accounts": ["222222222222"]}],
            {"protect": []},
            ["IR009"],
            id="a rule for some receivers lets nothing through to others",
        ),
        pytest.param(
            [ALLOW | OURS | CHG],
            {"protect": []},
            ["IR009"],
            id="a rule that asks for notes lets through nothing without",
        ),
        pytest.param(
            [DECLINE | OURS | PAST], {"default": "allow"}, ["IR004 a", "IR011"], id="what has expired declines nothing"
        ),
        pytest.param(
            [DECLINE | OURS | {"notes": {"all": ["ab"], "none": ["a"]}}],
            {"default": "allow"},
            ["IR014 a", "IR011"],
            id="what matches nothing declines nothing",
        ),
        pytest.param(
            [ALLOW | {"notes": {"any": ["x"]}}, ALLOW | {"notes": {"none": ["x"]}}],
            {},
            ["IR001 a", "IR001 b", "IR011"],
            id="rules that match everything together leave the default nothing",
        ),
        pytest.param(
            [],
            {"limits": {"declines_per_sweep": 0}, "default": "allow"},
            ["IR011"],
            id="nothing is declined for two reasons, and it is told once",
        ),
        pytest.param([ALLOW | OURS], {"ignore": {"IR011": "x"}}, ["IR015"], id="the policy ignores what is not there"),
        pytest.param(
            [ACCEPT | LEAVE | OURS],
            {"ignore": {"IR003": "x"}},
            ["IR003 a", "IR015"],
            id="the policy can't ignore for a rule",
        ),
        pytest.param(
            [ALLOW | OURS | {"ignore": {"IR011": "x"}}],
            {"default": "allow"},
            ["IR011", "IR015 a"],
            id="a rule can't ignore for the policy",
        ),
    ],
)
def test_it_is_found_in_the_whole(rules: list[Rule], authored: dict[str, Any], expected: list[str]) -> None:
    assert sorted(found(*rules, **authored)) == sorted(expected)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        pytest.param("2026-11-30T23:59:59+00:00", [], id="31 days before"),
        pytest.param("2026-12-01T00:00:00+00:00", ["IR005 a"], id="30 days before, from the first moment on"),
        pytest.param("2026-12-01T00:30:00+01:00", [], id="30 days before, east of Greenwich"),
        pytest.param("2026-12-30T23:59:59.999999+00:00", ["IR005 a"], id="the last moment"),
        pytest.param("2026-12-31T00:00:00+00:00", ["IR004 a"], id="the first moment on which it counts no more"),
        pytest.param("2026-12-30T19:00:00-05:00", ["IR004 a"], id="the same moment, west of Greenwich"),
        pytest.param("2036-12-31T00:00:00+00:00", ["IR004 a"], id="ten years later"),
    ],
)
def test_days_begin_at_midnight_utc(time: str, expected: list[str]) -> None:
    assert found(ALLOW | OURS | {"expires": "2026-12-31"}, now=datetime.fromisoformat(time)) == expected


def test_files_are_one_policy() -> None:
    first = {"version": 1, "mode": "enforce", "default": "allow", "rules": [{"name": "a", **ALLOW, **OURS}]}
    second = {"version": 1, "ignore": {"IR011": "until March"}, "rules": [{"name": "b", **ALLOW, **OURS}]}

    (diagnostic,) = lint(compiled(first, second), DAY)
    assert (diagnostic.code, diagnostic.file) == ("IR007", "1.yaml")
    assert diagnostic.message == "rule `b` says the same as rule `a` at 0.yaml:1 (remove one)"


def test_it_is_told_in_two_files_that_the_policy_ignores_what_is_not_there() -> None:
    first = {"version": 1, "mode": "audit", "rules": [], "ignore": {"IR009": "x"}}
    second = {"version": 1, "ignore": {"IR011": "x"}}

    assert [(each.code, each.file, each.path) for each in lint(compiled(first, second), DAY)] == [
        ("IR015", "0.yaml", "ignore.IR009"),
        ("IR015", "1.yaml", "ignore.IR011"),
    ]


def test_a_finding_is_one_line_that_editors_and_ci_turn_into_a_link() -> None:
    diagnostics = lint(compiled({"version": 1, "mode": "audit", "default": "allow", "rules": []}), DAY)

    assert [diagnostic.with_lint() for diagnostic in diagnostics] == [
        "0.yaml:1:44: warning: nothing can be declined: no rule declines anything, and neither does the default"
        " (write `default: decline`) (IR011 nothing-declined, docs/lints/IR011.md)"
    ]


def test_what_no_file_says_is_told_at_the_start_of_the_first() -> None:
    file, node = compiled({"version": 1, "mode": "audit", "rules": []}, {"version": 1}).find("limits", "wait")

    assert (file, node.place) == ("0.yaml", (1, 1))


def test_ids_are_for_good_and_titles_are_sentences() -> None:
    assert list(LINTS) == [f"IR{number:03}" for number in range(len(LINTS))]
    for each in LINTS.values():
        assert each.title[0].isupper()
        assert not each.title.endswith(".")
        assert each.page == f"docs/lints/{each.id}.md"


class NoFiles(Source):
    """A policy without files, whose diagnostics have no place."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy, ())

    def diagnose(
        self,
        lint: Lint,
        rule: str | None,
        loc: Loc,  # noqa: ARG002 - the method's
        message: str,
        severity: Severity | None = None,
    ) -> Diagnostic:
        return Diagnostic("", START, "", lint.id, message, severity or lint.severity, rule)


def idle_in(policy: Policy) -> set[str]:
    """The names of the idle rules."""
    return {one.rule for one in shadowed_rules(NoFiles(policy), NOW) if one.rule}


def leaving_out(policy: Policy, names: set[str]) -> Policy:
    """The policy without some rules."""
    return replace(policy, rules=tuple(rule for rule in policy.rules if rule.name not in names))


@examples(300)
@given(policies(), st.lists(handshakes(), min_size=3, max_size=3))
def test_without_what_is_idle_nothing_is_decided_differently(policy: Policy, some: list[Handshake]) -> None:
    """Neither without any one of the idle rules nor without all; by the exact comparison, and on examples."""
    idle = idle_in(policy)
    for names in [{name} for name in idle] + [idle]:
        smaller = leaving_out(policy, names)
        assert compare(policy, smaller, NOW) == []
        for handshake in some:
            assert Decider(smaller).decide(handshake, NOW).effect == Decider(policy).decide(handshake, NOW).effect


@examples(300)
@given(policies())
def test_what_is_not_idle_decides_something_that_no_other_rule_does(policy: Policy) -> None:
    """Without the rule some decision changes, unless the default has its effect or another rule says the same."""
    policy = leaving_out(policy, idle_in(policy))
    contents = [content(rule) for rule in policy.rules]
    for rule in policy.rules:
        if not rule.is_expired(NOW) and contents.count(content(rule)) == 1:
            otherwise = replace(policy, default="allow" if rule.effect == "decline" else "decline", protect=())
            assert compare(otherwise, leaving_out(otherwise, {rule.name}), NOW) != []


@examples(300)
@given(policies(), st.lists(handshakes(), min_size=5, max_size=5))
def test_where_nothing_can_be_declined_nothing_is(policy: Policy, some: list[Handshake]) -> None:
    is_found = any(nothing_declined(NoFiles(policy), NOW))
    declined = any(Decider(policy).decide(handshake, NOW).effect == "decline" for handshake in some)
    assert not (is_found and declined and policy.declines_per_sweep)


@examples(300)
@given(policies())
def test_a_lint_says_the_same_every_time_and_never_fails(policy: Policy) -> None:
    rules = [{"name": rule.name, "effect": rule.effect, **authored(sayable(rule))} for rule in policy.rules]
    document: dict[str, Any] = {"version": 1, "mode": policy.mode, "default": policy.default, "rules": rules}
    source = compiled(document)
    diagnostics = lint(source, NOW)

    assert diagnostics == lint(source, NOW)
    assert diagnostics == sorted(diagnostics)
    assert all(diagnostic.message.isprintable() for diagnostic in diagnostics)
    # If each rule and the policy ignore their own diagnostics, all are gone.
    for rule in rules:
        mine = {each.code for each in diagnostics if each.message.startswith(f"rule `{rule['name']}` ")}
        rule["ignore"] = dict.fromkeys(sorted(mine), "known")
    whole = {each.code for each in diagnostics if not each.message.startswith("rule ")}
    document["ignore"] = dict.fromkeys(sorted(whole), "known")
    assert lint(compiled(document), NOW) == []


def authored(rule: CompiledRule) -> dict[str, Any]:
    """The conditions of a rule as its author would write them."""
    conditions: dict[str, Any] = {name: values for name in VALUE_CONDITIONS if (values := getattr(rule, name))}
    if rule.notes:
        conditions["notes"] = {"any": rule.notes.any, "all": rule.notes.all, "none": rule.notes.none}
    if rule.expires:
        conditions["expires"] = rule.expires.isoformat()
    return conditions
