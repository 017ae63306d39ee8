"""Every kind of diagnostic of a file of policy tests, with its place, as people read it."""

from collections.abc import Callable

import pytest

from authoring.testing.reading import CaseFile, read_cases, unknown_rules
from invitation_responder.core.policy import Policy, Rule

Read = Callable[[str], CaseFile]
Diagnose = Callable[[str | bytes], list[str]]

HEAD = "version: 1\ncases:\n"
CASE = HEAD + "  - name: a\n"
EXPECTING = CASE + "    handshake: {}\n    expect: "
JUDGING = CASE + "    expect: decline\n    handshake: "
ACTIONS = (
    "INVITE, ENABLE_ALL_FEATURES, APPROVE_ALL_FEATURES, ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"
    " or TRANSFER_RESPONSIBILITY"
)
TIME = "expected a day as in 2027-03-31, or with its offset from UTC as in 2027-03-31T12:00Z"

STRUCTURE = [
    pytest.param(
        "# nothing\n",
        ["t.yaml:1:1: is empty: a file of policy tests needs `version` and `cases`"],
        id="an empty file",
    ),
    pytest.param(
        "{}\n",
        [
            "t.yaml:1:1: `cases` is missing (write a list of cases, each beginning with `- name:`)",
            "t.yaml:1:1: `version` is missing (write `version: 1`)",
        ],
        id="an empty mapping",
    ),
    pytest.param(
        "\n- a\n",
        ["t.yaml:2:1: expected a mapping with `version` and `cases`, found a list"],
        id="a list at the top",
    ),
    pytest.param(
        "version: 1\nmode: audit\nrules: []\n",
        [
            "t.yaml:1:1: is a policy: a file of policy tests needs `version` and `cases`"
            " (give the folder of the tests, not the policy's)"
        ],
        id="a policy",
    ),
    pytest.param(
        "case: []\n",
        [
            "t.yaml:1:1: `case` is not a key of a file of policy tests (did you mean `cases`?)",
            "t.yaml:1:1: `cases` is missing (write a list of cases, each beginning with `- name:`)",
            "t.yaml:1:1: `version` is missing (write `version: 1`)",
        ],
        id="what a file needs",
    ),
    pytest.param(
        "version: 2\npolicy: ''\nat: yesterday\ncases: []\n",
        [
            "t.yaml:1:10: version: `2` is not a version that this program knows (expected 1)",
            "t.yaml:2:9: policy: expected a path (a file or folder, relative to this file), found nothing",
            f"t.yaml:3:5: at: `yesterday` is not a time ({TIME})",
            "t.yaml:4:8: cases: is an empty list, which would test nothing (write a case, beginning with `- name:`)",
        ],
        id="values of a file",
    ),
    pytest.param(
        'version: 1\npolicy: "a\\0b"\ncases: a\n',
        [
            "t.yaml:2:9: policy: `a\\x00b` is not a path (expected a file or folder, relative to this file)",
            "t.yaml:3:8: cases: expected a list of cases, each beginning with `- name:`; found the text `a`",
        ],
        id="a path that can't be one, and text where cases are expected",
    ),
    pytest.param(
        EXPECTING + "&e decline\n    at: *e\n",
        [
            "t.yaml:5:13: cases[0]: anchor `&e`: a file of policy tests has no anchors (remove it)",
            "t.yaml:6:9: cases[0]: alias `*e`: a file of policy tests has no aliases (write it out)",
        ],
        id="anchors and aliases, named as what the file is",
    ),
    pytest.param(
        EXPECTING + "decline\n    expect: allow\n",
        ["t.yaml:6:5: cases[0]: key `expect` is here twice: first at line 5 (remove one)"],
        id="a key twice",
    ),
    pytest.param(
        "cases: " + "[" * 51,
        ["t.yaml:1:57: is nested deeper than 50 levels, which nothing in a file of policy tests is"],
        id="too many levels",
    ),
    pytest.param(b"\xff", ["t.yaml:1:1: is not UTF-8: byte 0xff (save it as UTF-8)"], id="not UTF-8"),
]

CASES = [
    pytest.param(
        HEAD + "  - {}\n  - a\n",
        [
            "t.yaml:3:5: cases[0]: `expect` is missing (write decline, allow, accept or undecided)",
            "t.yaml:3:5: cases[0]: `handshake` is missing"
            " (write what matters of it; `{}` is an invitation from an organization that no policy knows)",
            "t.yaml:3:5: cases[0]: `name` is missing (every case has a name of its own)",
            "t.yaml:4:5: cases[1]: expected a mapping, as in `key: value`, found the text `a`",
        ],
        id="what a case needs",
    ),
    pytest.param(
        EXPECTING + "decline\n    expects: allow\n    to: x\n",
        [
            "t.yaml:6:5: cases[0]: `expects` is not a key of a case (did you mean `expect`?)",
            "t.yaml:7:5: cases[0]: `to` is not a key of a case (expected name, at, account, handshake or expect)",
        ],
        id="unknown keys of a case",
    ),
    pytest.param(
        HEAD
        + "  - {name: a, handshake: {}, expect: decline}\n"
        + "  - {name: b, handshake: {}, expect: decline}\n"
        + "  - {name: a, handshake: {}, expect: decline}\n"
        + '  - {name: "\\u200b", handshake: {}, expect: decline}\n',
        [
            "t.yaml:5:12: cases[2].name: `a` names two cases: first at line 3 (rename one)",
            "t.yaml:6:12: cases[3].name: `\\u200b` is not a name (expected a sentence that says what the case shows)",
        ],
        id="a name twice, and one that nobody sees",
    ),
    pytest.param(
        HEAD + "  - {name: '', handshake: {}, expect: decline}\n" * 2,
        [
            f"t.yaml:{line}:12: cases[{index}].name: expected a name (a sentence that says what the case shows), found "
            "nothing"
            for index, line in enumerate((3, 4))
        ],
        id="no name twice",
    ),
    pytest.param(
        EXPECTING + "decline\n    at: 2027-02-30\n    account: 1\n",
        [
            f"t.yaml:6:9: cases[0].at: `2027-02-30` is not a time ({TIME})",
            "t.yaml:7:14: cases[0].account: `1` is not an account number (expected 12 digits)",
        ],
        id="a case's time and account",
    ),
    pytest.param(
        EXPECTING + "decline\n    account: '222222222222'\n",
        [
            "t.yaml:6:5: cases[0].account: belongs to the API's form, and this handshake is in the short form"
            " (write it in the handshake)"
        ],
        id="a receiver beside a handshake that says its own",
    ),
]

EXPECTATIONS = [
    pytest.param(
        EXPECTING + "declin\n",
        [
            "t.yaml:5:13: cases[0].expect.effect: `declin` is not an effect that can be expected"
            " (expected decline, allow, accept or undecided; did you mean `decline`?)"
        ],
        id="an effect that there is not",
    ),
    pytest.param(
        EXPECTING + "\n",
        [
            "t.yaml:5:12: cases[0].expect.effect: expected an effect that can be expected"
            " (decline, allow, accept or undecided), found nothing"
        ],
        id="nothing expected",
    ),
    pytest.param(
        EXPECTING + "[decline]\n",
        ["t.yaml:5:13: cases[0].expect: expected a mapping, as in `key: value`, found a list"],
        id="a list of effects",
    ),
    pytest.param(
        EXPECTING + "{rule: [a], reason: '', rules: a}\n",
        [
            "t.yaml:5:13: cases[0].expect: `effect` is missing (write decline, allow, accept or undecided)",
            "t.yaml:5:14: cases[0].expect: `rule` is not a key of an expectation (did you mean `rules`?)",
            "t.yaml:5:33: cases[0].expect.reason: expected a part of the reason (some text), found nothing",
            "t.yaml:5:44: cases[0].expect.rules: expected a list of rule names, or `[]` for none; found the text `a`",
        ],
        id="what an expectation needs, and its values",
    ),
    pytest.param(
        EXPECTING + "{effect: allow, rules: [a, -b, a]}\n",
        [
            "t.yaml:5:40: cases[0].expect.rules[1]: `-b` is not a rule name"
            " (expected 1 to 64 letters, digits, `.`, `_` and `-`, a letter or digit first)",
            "t.yaml:5:44: cases[0].expect.rules[2]: `a` is in this list twice: first at line 5 (remove one)",
        ],
        id="rule names",
    ),
]

HANDSHAKES = [
    pytest.param(
        JUDGING + "INVITE\n",
        ["t.yaml:5:16: cases[0].handshake: expected a mapping, as in `key: value`, found the text `INVITE`"],
        id="no mapping",
    ),
    pytest.param(
        JUDGING + "{organisation: o-exampleorgid}\n",
        ["t.yaml:5:17: cases[0].handshake: `organisation` is not a key of a handshake (did you mean `organization`?)"],
        id="an unknown key of the short form",
    ),
    pytest.param(
        JUDGING
        + "\n      organization: example\n      action: Invite\n      notes: []\n      management_email: [a, {}]\n",
        [
            "t.yaml:6:21: cases[0].handshake.organization: `example` is not an organization id"
            " (expected `o-` and 10 to 32 lowercase letters or digits)",
            "t.yaml:7:15: cases[0].handshake.action: `Invite` is not an action"
            f" (expected {ACTIONS}; did you mean `INVITE`?)",
            "t.yaml:8:14: cases[0].handshake.notes: expected text, found a list",
            "t.yaml:9:29: cases[0].handshake.management_email[1]: expected text, found a mapping",
        ],
        id="values of the short form, each at its place",
    ),
    pytest.param(
        JUDGING + "{notes: a, Id: h-1, Action: INVITE, account: b}\n",
        [
            "t.yaml:5:16: cases[0].handshake: mixes the API's `Id` with `account` and `notes` of the short form"
            " (write one of the two forms)"
        ],
        id="both forms at once",
    ),
]


@pytest.mark.parametrize(("source", "expected"), STRUCTURE + CASES + EXPECTATIONS + HANDSHAKES)
def test_a_mistake_is_told(diagnose: Diagnose, source: str | bytes, expected: list[str]) -> None:
    assert diagnose(source) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("20270331", False, id="a day without hyphens"),
        pytest.param("2027-W13", False, id="a week"),
        pytest.param("2027-03-31T12:00", False, id="a time without its offset"),
        pytest.param("0001-01-01T00:00+14:00", False, id="a time before all times"),
        pytest.param("2027-03-31T12:00+02:00", True, id="a time with its offset"),
    ],
)
def test_a_time_is_a_day_or_has_an_offset(text: str, expected: bool) -> None:
    file, diagnostics = read_cases("t.yaml", f"{EXPECTING}decline\nat: {text}\n".encode())
    assert (file is not None, [diagnostic.path for diagnostic in diagnostics]) == (expected, [] if expected else ["at"])


@pytest.mark.parametrize(
    ("rules", "names", "expected"),
    [
        pytest.param(
            "[b, our-organisation]",
            ["b", "our-organization"],
            "cases[0].expect.rules[1]: `our-organisation` is not a rule of the policy (did you mean"
            " `our-organization`?)",
            id="one that is nearly there",
        ),
        pytest.param(
            "[zzz]",
            ["our-organization", "b"],
            "cases[0].expect.rules[0]: `zzz` is not a rule of the policy (it has b and our-organization)",
            id="one of a few",
        ),
        pytest.param(
            "[zzz]",
            [f"rule-{number}" for number in range(1200)],
            "cases[0].expect.rules[0]: `zzz` is not a rule of the policy"
            " (none of its 1,200 rules has a name like that)",
            id="one of many",
        ),
        pytest.param(
            "[zzz]", [], "cases[0].expect.rules[0]: `zzz` is not a rule of the policy (it has none)", id="one of none"
        ),
    ],
)
def test_a_rule_that_the_policy_does_not_have_is_told(read: Read, rules: str, names: list[str], expected: str) -> None:
    policy = Policy(mode="audit", rules=tuple(Rule(name, "allow") for name in names))
    file = read(EXPECTING + f"{{effect: allow, rules: {rules}}}\n")
    (diagnostic,) = unknown_rules(file, policy)
    assert f"{diagnostic.path}: {diagnostic.message}" == expected


@pytest.mark.parametrize("expect", ["allow", "{effect: allow, rules: []}", "{effect: allow, rules: [a]}"])
def test_rules_that_it_has_are_fine(read: Read, expect: str) -> None:
    file = read(EXPECTING + f"{expect}\n")
    assert list(unknown_rules(file, Policy(mode="audit", rules=(Rule("a", "allow"),)))) == []


def test_the_place_of_a_rule_that_is_not_there(read: Read) -> None:
    file = read(EXPECTING + "{effect: allow, rules: [a, b]}\n")
    (diagnostic,) = unknown_rules(file, Policy(mode="audit", rules=(Rule("a", "allow"),)))
    assert (diagnostic.file, diagnostic.place.line, diagnostic.place.column) == ("tests/t.yaml", 5, 40)


def test_no_more_is_told_than_anyone_reads(diagnose: Diagnose) -> None:
    diagnostics = diagnose(HEAD + "  - {name: a, handshake: {}, expect: no}\n" * 3000)
    assert len(diagnostics) == 2001
    assert diagnostics[0] == "t.yaml:1:1: has more than 1,000 mistakes: the rest of them is not shown"
