"""Every kind of diagnostic of a policy, with its place, as people read it."""

from collections.abc import Callable
from importlib.util import module_from_spec

import pytest
import yaml

from authoring.diagnostics.diagnostic import START
from authoring.source import strict_yaml
from authoring.source.syntax_errors import describe_syntax_error

Diagnose = Callable[..., list[str]]

HEAD = "version: 1\nmode: audit\n"
RULES = HEAD + "rules:\n"
RULE = RULES + "  - name: a\n    effect: allow\n"
ACTIONS = (
    "INVITE, ENABLE_ALL_FEATURES, APPROVE_ALL_FEATURES, ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"
    " or TRANSFER_RESPONSIBILITY"
)
EMPTY = "p.yaml:1:1: is empty: a policy needs `version`, `mode` and `rules`"
WAIT = "whole minutes, hours or days such as `90m`, `24h` or `3d`, at most 14d: an invitation expires after 15 days"
KEYS = "expected version, mode, default, limits, protect, rules or ignore"
NAME = "1 to 64 letters, digits, `.`, `_` and `-`, a letter or digit first"
LONG = "x" * 70


STRUCTURE = [
    pytest.param("", [EMPTY], id="an empty file"),
    pytest.param(
        "# all\n# comments\n",
        [EMPTY],
        id="comments only",
    ),
    pytest.param("---\n", [EMPTY], id="an empty document"),
    pytest.param(
        "# x\n- a\n",
        ["p.yaml:2:1: expected a mapping with `version`, `mode` and `rules`, found a list"],
        id="a list at the top",
    ),
    pytest.param(
        "null",
        ["p.yaml:1:1: expected a mapping with `version`, `mode` and `rules`, found the text `null`"],
        id="text at the top",
    ),
    pytest.param(
        RULES + "  []\nmode: enforce\n",
        ["p.yaml:5:1: key `mode` is here twice: first at line 2 (remove one)"],
        id="a key twice is told at the second",
    ),
    pytest.param(
        RULES + "  - {name: a, effect: allow, name: b}\n",
        ["p.yaml:4:30: rules[0]: key `name` is here twice: first at line 4 (remove one)"],
        id="a key twice in a rule",
    ),
    pytest.param(
        RULES + "  - {name: a, effect: allow, <<: {expires: 2027-01-01}}\n",
        ["p.yaml:4:30: rules[0]: merge key `<<`: a policy has no merge keys (write the keys out)"],
        id="a merge key",
    ),
    pytest.param(
        RULES + "  - &a {name: &b a, effect: allow}\n  - *a\n",
        [
            "p.yaml:4:5: rules: anchor `&a`: a policy has no anchors (remove it)",
            "p.yaml:4:15: rules[0]: anchor `&b`: a policy has no anchors (remove it)",
            "p.yaml:5:5: rules: alias `*a`: a policy has no aliases (write it out)",
        ],
        id="anchors and aliases, and nothing more about what an alias stands for",
    ),
    pytest.param(
        "&x a: 1\n*x : 2\n",
        [
            f"p.yaml:1:1: `a` is not a key of a policy ({KEYS})",
            "p.yaml:1:1: `mode` is missing (write `mode: audit` or `mode: enforce`)",
            "p.yaml:1:1: `rules` is missing (write `rules: []` for none)",
            "p.yaml:1:1: `version` is missing (write `version: 1`)",
            "p.yaml:1:1: anchor `&x`: a policy has no anchors (remove it)",
            "p.yaml:2:1: alias `*x`: a policy has no aliases (write it out)",
        ],
        id="an alias as a key",
    ),
    pytest.param("*x", ["p.yaml:1:1: alias `*x`: a policy has no aliases (write it out)"], id="an alias as the whole"),
    pytest.param(
        "version: !!int 1\nmode: ! audit\nrules: !x []\n",
        [
            "p.yaml:1:10: tag `tag:yaml.org,2002:int`: a policy has no tags (remove it; everything is text anyway)",
            "p.yaml:2:7: tag `!`: a policy has no tags (remove it; everything is text anyway)",
            "p.yaml:3:8: tag `!x`: a policy has no tags (remove it; everything is text anyway)",
        ],
        id="tags",
    ),
    pytest.param(
        HEAD + "---\nrules: []\n",
        ["p.yaml:3:1: a second document starts here: a file holds one (remove the `---`, or split it)"],
        id="a second document",
    ),
    pytest.param(
        HEAD + "rules: []\n{a: b}: c\n? [d]\n: [e, *f]\n",
        [
            "p.yaml:4:1: a key must be text, and this is a list or a mapping",
            "p.yaml:5:3: a key must be text, and this is a list or a mapping",
            "p.yaml:6:7: alias `*f`: a policy has no aliases (write it out)",
        ],
        id="keys that are not text",
    ),
    pytest.param(
        "[" * 11, ["p.yaml:1:11: is nested deeper than 10 levels, which nothing in a policy is"], id="too many levels"
    ),
    pytest.param(
        "\ufeffversion: 1\nmode: audi\nrules: []\n",
        ["p.yaml:2:7: mode: `audi` is not a mode (expected audit or enforce; did you mean `audit`?)"],
        id="a byte order mark at the start is fine",
    ),
    pytest.param(
        "\ufeff\ufeffmode: audit\n",
        ["p.yaml:1:1: the character U+FEFF is not allowed in a policy (remove it)"],
        id="a byte order mark after the start is not",
    ),
    pytest.param(
        "# é\x00\x00\n# é\u2028mode: enforce\n#\x85\n",
        [
            "p.yaml:1:4: the character U+0000 is not allowed in a policy (remove it)",
            "p.yaml:2:4: the character U+2028 is not allowed in a policy (remove it)",
            "p.yaml:3:2: the character U+0085 is not allowed in a policy (remove it)",
        ],
        id="characters that YAML forbids, and line breaks that nobody sees",
    ),
    pytest.param(
        "# audit only\rmode: enforce\r\n",
        ["p.yaml:1:13: the character U+000D is not allowed in a policy (remove it)"],
        id="a carriage return alone ends no comment",
    ),
    pytest.param(
        "version: 1\r\nmode: x\r\nrules: []\r\n",
        ["p.yaml:2:7: mode: `x` is not a mode (expected audit or enforce)"],
        id="line ends of Windows are fine",
    ),
    pytest.param(
        "a\né\n".encode() + b"bc\xff",
        ["p.yaml:3:3: is not UTF-8: byte 0xff (save it as UTF-8)"],
        id="not UTF-8, where the first byte is wrong",
    ),
    pytest.param(
        "mode: audit".encode("utf-16"), ["p.yaml:1:1: is not UTF-8: byte 0xff (save it as UTF-8)"], id="UTF-16"
    ),
    pytest.param(
        b"#" * (1024 * 1024 + 1),
        ["p.yaml:1:1: is larger than 1 MiB, the most that one file may be: split it over several"],
        id="more than 1 MiB",
    ),
]

SCHEMA = [
    pytest.param(
        "{}",
        [
            "p.yaml:1:1: `mode` is missing (write `mode: audit` or `mode: enforce`)",
            "p.yaml:1:1: `rules` is missing (write `rules: []` for none)",
            "p.yaml:1:1: `version` is missing (write `version: 1`)",
        ],
        id="nothing that a policy needs",
    ),
    pytest.param(
        'version: "2"\nmode: Audit\ndefault: accept\nrules:\n',
        [
            "p.yaml:1:10: version: `2` is not a version that this program knows (expected 1)",
            "p.yaml:2:7: mode: `Audit` is not a mode (expected audit or enforce; did you mean `audit`?)",
            "p.yaml:3:10: default: `accept` is not a default (expected decline or allow)",
            "p.yaml:4:7: rules: expected a list of rules, each beginning with `- name:`, or `[]`; found nothing",
        ],
        id="values of a policy",
    ),
    pytest.param(
        HEAD + "rule: []\nrules: []\nzzz: *a\n",
        [
            "p.yaml:3:1: `rule` is not a key of a policy (did you mean `rules`?)",
            f"p.yaml:5:1: `zzz` is not a key of a policy ({KEYS})",
            "p.yaml:5:6: alias `*a`: a policy has no aliases (write it out)",
        ],
        id="unknown keys of a policy",
    ),
    pytest.param(
        HEAD + "rules: []\nlimits: {declines_per_sweep: 1001, wait: 15d, waits: 1h}\n",
        [
            "p.yaml:4:30: limits.declines_per_sweep: `1001` is not a number of declines"
            " (expected a whole number from 0 to 1000)",
            f"p.yaml:4:42: limits.wait: `15d` is not a duration (expected {WAIT})",
            "p.yaml:4:47: limits: `waits` is not a key of limits (did you mean `wait`?)",
        ],
        id="limits",
    ),
    pytest.param(
        HEAD + "rules: []\nlimits: 5\nprotect: INVITE\n",
        [
            "p.yaml:4:9: limits: expected a mapping, as in `key: value`, found the text `5`",
            "p.yaml:5:10: protect: expected a list, as in `[a, b]`, found the text `INVITE`",
        ],
        id="text where a mapping or a list is expected",
    ),
    pytest.param(
        HEAD + "rules: []\nprotect: [INVITE, invite, SELL, [], INVITE]\n",
        [
            f"p.yaml:4:19: protect[1]: `invite` is not an action (expected {ACTIONS}; did you mean `INVITE`?)",
            f"p.yaml:4:27: protect[2]: `SELL` is not an action (expected {ACTIONS})",
            f"p.yaml:4:33: protect[3]: expected an action ({ACTIONS}), found a list",
            "p.yaml:4:37: protect[4]: `INVITE` is in this list twice: first at line 4 (remove one)",
        ],
        id="protected actions",
    ),
    pytest.param(
        RULES + "  - effect: alow\n  - name: -a\n  - oops\n  -\n",
        [
            "p.yaml:4:5: rules[0]: `name` is missing (every rule has a name of its own)",
            "p.yaml:4:13: effect: `alow` is not an effect (expected decline, allow or accept; did you mean `allow`?)",
            "p.yaml:5:5: rules[1]: `effect` is missing (every rule says decline, allow or accept)",
            f"p.yaml:5:11: name: `-a` is not a rule name (expected {NAME})",
            "p.yaml:6:5: rules[2]: expected a mapping, as in `key: value`, found the text `oops`",
            "p.yaml:7:4: rules[3]: expected a mapping, as in `key: value`, found nothing",
        ],
        id="what a rule needs",
    ),
    pytest.param(
        RULE + "    organisations: []\n    to: x\n",
        [
            "p.yaml:6:5: rules[0]: `organisations` is not a key of a rule (did you mean `organizations`?)",
            "p.yaml:7:5: rules[0]: `to` is not a key of a rule (expected name, description, effect,"
            " leave_organization, actions, not_actions, organizations, not_organizations, management_accounts,"
            " not_management_accounts, management_emails, accounts, not_accounts, notes, expires or ignore)",
        ],
        id="unknown keys of a rule",
    ),
    pytest.param(
        RULE
        + "    description: []\n    actions: []\n    organizations: [o-Example]\n    accounts: [1111, 012345678901]\n"
        "    management_accounts:\n",
        [
            "p.yaml:6:18: description: expected text, found a list",
            "p.yaml:7:14: actions: is an empty list, which would match nothing (write a value, or remove `actions`)",
            "p.yaml:8:21: organizations[0]: `o-Example` is not an organization id"
            " (expected `o-` and 10 to 32 lowercase letters or digits)",
            "p.yaml:9:16: accounts[0]: `1111` is not an account number (expected 12 digits)",
            "p.yaml:10:25: management_accounts: expected a list, as in `[a, b]`, found nothing",
        ],
        id="conditions",
    ),
    pytest.param(
        RULE + "    management_emails:\n      - a[b]@x\n      - A@x\n      - ''\n      - a@X\n",
        [
            "p.yaml:7:9: management_emails[0]: `a[b]@x` is not an e-mail pattern"
            " (expected text in which `*` and `?` are the only wildcards, so no `[`)",
            "p.yaml:9:9: management_emails[2]: expected an e-mail pattern"
            " (text in which `*` and `?` are the only wildcards, so no `[`), found nothing",
            "p.yaml:10:9: management_emails[3]: `a@X` is in this list twice: first at line 8, both compared as `a@x`"
            " (remove one)",
        ],
        id="e-mail patterns",
    ),
    pytest.param(
        RULE + '    notes: {any: [CHG-, "chg-", "\\u200b ", {}], nine: []}\n',
        [
            "p.yaml:6:25: notes.any[1]: `chg-` is in this list twice: first at line 6, both compared as `chg-`"
            " (remove one)",
            "p.yaml:6:33: notes.any[2]: `\\u200b ` is not a keyword"
            " (expected something visible: without it all notes would match)",
            "p.yaml:6:44: notes.any[3]: expected a keyword"
            " (something visible: without it all notes would match), found a mapping",
            "p.yaml:6:49: notes: `nine` is not a key of notes (did you mean `none`?)",
        ],
        id="keywords",
    ),
    pytest.param(
        RULE + "    notes: {any: [], all: []}\n",
        [
            "p.yaml:6:12: notes: names no keyword, so all notes would match"
            " (add one to any, all or none; or remove `notes`)"
        ],
        id="notes without a keyword",
    ),
    pytest.param(
        RULE
        + "    expires: 2027-02-30\n  - {name: b, effect: allow, expires: 2027-W01}\n  - {name: a, effect: allow}\n",
        [
            "p.yaml:6:14: expires: `2027-02-30` is not a date (expected YYYY-MM-DD)",
            "p.yaml:7:39: expires: `2027-W01` is not a date (expected YYYY-MM-DD)",
            "p.yaml:8:12: name: `a` names two rules: first at p.yaml:4 (rename one)",
        ],
        id="dates, and a name twice",
    ),
    pytest.param(
        f"{RULE}    expires: '{LONG}'\n    \"a`b\\\\\\n\\e\\u202e\": 1\n    {LONG}: [&a b]\n",
        [
            f"p.yaml:6:14: expires: `{LONG[:60]}…` is not a date (expected YYYY-MM-DD)",
            r"p.yaml:7:5: rules[0]: `a\x60b\\\n\x1b\u202e` is not a key of a rule (expected name, description, effect,"
            " leave_organization, actions, not_actions, organizations, not_organizations, management_accounts,"
            " not_management_accounts, management_emails, accounts, not_accounts, notes, expires or ignore)",
            f"p.yaml:8:5: rules[0]: `{LONG[:60]}…` is not a key of a rule (expected name, description, effect,"
            " leave_organization, actions, not_actions, organizations, not_organizations, management_accounts,"
            " not_management_accounts, management_emails, accounts, not_accounts, notes, expires or ignore)",
            f"p.yaml:8:78: {LONG[:60]}…: anchor `&a`: a policy has no anchors (remove it)",
        ],
        id="long and invisible text is cut and escaped",
    ),
]


@pytest.mark.parametrize(("source", "expected"), STRUCTURE + SCHEMA)
def test_a_mistake_is_told(diagnose: Diagnose, source: str | bytes, expected: list[str]) -> None:
    assert diagnose(source) == expected


UNCLOSED = "opens a list that is not closed (write `]` where it ends"
NOT_CLOSED = "opens a mapping that is not closed (write `}` where it ends"
QUOTES = "(remove it, or put the text in quotes)"
NO_KEY = "begins no key: the line above lacks its `: `, or the space after `-` or `:` (write `mode: audit`)"
NO_COLON = (
    "lacks the `: ` between a key and its value "
    "(write as in `mode: audit`, or as in `- o-exampleorgid` for an item of a list)"
)
FURTHER = "is indented further than the key above it, which has its value (indent both alike)"
ASTRAY = "is indented like nothing above it (use as many spaces as the keys or items beside it)"
TAB = "is indented with a tab, which YAML does not take (use spaces)"
ESCAPE = r"a backslash begins an escape, and this is none (write `\\`, or use single quotes)"
BEHIND = "stands behind the end of a value (put it all into one pair of quotes, or several values into `[a, b]`)"
DIRECTIVE = "a line can't begin with `%` (remove it, or put the text in quotes)"
TEXT_BELOW = "begins text that stands on the lines below it (put other text in quotes)"

NOT_YAML = [
    pytest.param(
        "a: [b\nc: 1\n", f"1:4: {UNCLOSED}, or a `,` that is missing before line 2)", id="a list is not closed"
    ),
    pytest.param("a: [b\n\n# c\n", f"1:4: {UNCLOSED})", id="a list is not closed in the last line"),
    pytest.param("a: [", f"1:4: {UNCLOSED})", id="a list ends with its bracket"),
    pytest.param("a: [b, \n", f"1:4: {UNCLOSED})", id="a list ends with its comma"),
    pytest.param("a: {b: c\n", f"1:4: {NOT_CLOSED})", id="a mapping is not closed in the last line"),
    pytest.param(
        "a:\n- {b: c\n- {b: d}\n",
        f"2:3: {NOT_CLOSED}, or a `,` that is missing before line 3)",
        id="a mapping is not closed before the next one",
    ),
    pytest.param("a: [b}\n", f"1:6: expected `,` or `]` {QUOTES.replace('remove', 'write')}", id="the wrong bracket"),
    pytest.param(
        "a: {b: c: d}", f"1:9: expected `,` or `}}` {QUOTES.replace('remove', 'write')}", id="no quotes in braces"
    ),
    pytest.param(
        'a: "b\nc: d\n', '1:4: opens a quote that is not closed (write `"` where the text ends)', id="a quote"
    ),
    pytest.param(
        "a: 'b\n---\n'",
        "1:4: opens a quote that is not closed (write `'` where the text ends)",
        id="a quote to the `---`",
    ),
    pytest.param('a: "\\d"', f"1:5: {ESCAPE}", id="a backslash that escapes nothing"),
    pytest.param('a: "\\\\\\xyz"', f"1:7: {ESCAPE}", id="a number that is none"),
    pytest.param("a: b: c", "1:5: a second `: ` on one line (put text that holds one in quotes)", id="no quotes"),
    pytest.param("version 1\nmode: audit\n", f"2:1: {NO_KEY}", id="no colon in the first line"),
    pytest.param("a:\n  -b: c\n   d: e\n", f"3:4: {NO_KEY}", id="no space after a dash"),
    pytest.param("a: 1\nb 2\nc: 3\n", f"2:1: {NO_COLON}", id="no colon in the middle"),
    pytest.param("a: 1\nb:2\nc: 3\n", f"2:1: {NO_COLON}", id="no space after a colon"),
    pytest.param("a: 1\nb\n", f"2:1: {NO_COLON}", id="no colon in the last line"),
    pytest.param("a:\n- b: c\n\n    e: f\n", f"4:5: {FURTHER}", id="a key that is indented further"),
    pytest.param("a:\n  - b: c\n   d: e\n", f"3:4: {ASTRAY}", id="a key that is indented less"),
    pytest.param("a:\n  - b\n - c\n", f"3:2: {ASTRAY}", id="an item that is indented less"),
    pytest.param("  a: 1\nb: 2\n", f"2:1: {ASTRAY}", id="a first key that is indented further"),
    pytest.param(
        "a:\n- b\nc: d\n- e\n",
        "4:1: is a list item beside the keys from line 1 on (indent it below its key)",
        id="an item among keys",
    ),
    pytest.param(
        "a:\n  - b: c\n  d: e\n",
        "3:3: is no item of the list that begins at line 2 (indent it as the keys of an item, or begin it with `- `)",
        id="a key among items",
    ),
    pytest.param("mode:\n\taudit", f"2:1: {TAB}", id="a tab"),
    pytest.param("a:\n  - b: c\n  \td: e\n", f"3:3: {TAB}", id="a tab after spaces"),
    pytest.param("a: [*@b.example]", f"1:5: a value can't begin with `*` {QUOTES}", id="a pattern without quotes"),
    pytest.param("a: *.b", f"1:4: a value can't begin with `*` {QUOTES}", id="a pattern of a domain without quotes"),
    pytest.param("a: & b", f"1:4: a value can't begin with `&` {QUOTES}", id="an ampersand"),
    pytest.param("a: @b", f"1:4: a value can't begin with `@` {QUOTES}", id="an at sign"),
    pytest.param("a: `b`", f"1:4: a value can't begin with a backtick {QUOTES}", id="a backtick"),
    pytest.param("a: !b!c", f"1:4: a value can't begin with `!` {QUOTES}", id="an exclamation mark"),
    pytest.param("a: [b,, c]", f"1:7: a value can't begin with `,` {QUOTES}", id="two commas"),
    pytest.param("a: }", f"1:4: a value can't begin with `}}` {QUOTES}", id="a brace that closes nothing"),
    pytest.param("a: [b]]", "1:7: closes nothing (remove it)", id="one bracket more"),
    pytest.param("a: 'it's'", f"1:8: {BEHIND}", id="an apostrophe in single quotes"),
    pytest.param("a: > b", f"1:4: `>` {TEXT_BELOW}", id="a greater-than sign"),
    pytest.param("a: |b", f"1:4: `|` {TEXT_BELOW}", id="a bar"),
    pytest.param(
        "a: - b", "1:4: a list begins on a line of its own (or write it as `[a, b]`)", id="a list beside its key"
    ),
    pytest.param("# a\n%b\n", f"2:1: {DIRECTIVE}", id="a percent sign in the first line"),
    pytest.param("%YAML 2.0\n---\na: b", f"1:1: {DIRECTIVE}", id="another YAML"),
]


@pytest.mark.parametrize(("source", "expected"), NOT_YAML)
def test_what_is_not_yaml_is_told_as_what_to_do_about_it(diagnose: Diagnose, source: str, expected: str) -> None:
    assert diagnose(source) == [f"p.yaml:{expected}"]


def test_an_alias_that_goes_on_is_told_twice(diagnose: Diagnose) -> None:
    assert diagnose("a: *bill@example.com") == [
        f"p.yaml:1:4: a value can't begin with `*` {QUOTES}",
        "p.yaml:1:4: alias `*bill`: a policy has no aliases (write it out)",
    ]


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        pytest.param("something new", "a: b\nc: d\n", id="a complaint of a future version"),
        pytest.param("mapping values are not allowed here", "--- a: b\n", id="a key behind the start"),
        pytest.param("expected the node content", "a: ", id="a value that is missing in no brackets"),
    ],
)
def test_what_has_no_explanation_is_told_in_words_of_our_own(problem: str, text: str) -> None:
    error = yaml.MarkedYAMLError(problem=problem, problem_mark=yaml.Mark("", 0, 0, 3, None, 0))

    diagnose = describe_syntax_error(error, text, START, has_begun=True)
    assert diagnose == ((1, 4), "can't be read as YAML from here on (put unusual text in quotes)")
    assert describe_syntax_error(yaml.MarkedYAMLError(), "", START, has_begun=True) == (START, diagnose[1])


def test_half_a_character_is_no_escape(diagnose: Diagnose) -> None:
    assert diagnose('"\\ud800"') == [f"p.yaml:1:2: {ESCAPE}"]


def test_without_libyaml_there_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    spec = strict_yaml.__spec__
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match="install it from a wheel"):
        spec.loader.exec_module(module_from_spec(spec))


def test_the_mistakes_of_all_files_are_told_together(diagnose: Diagnose) -> None:
    broken = "rules: ["
    first = "version: 1\nmode: audit\nlimits: {}\nrules: [{name: a, effect: alow}]\n"
    second = "version: 1\nmode: enforce\nlimits: {}\nrules:\n- name: a\n  effect: allow\n"

    assert diagnose(a=broken, b=first, c=second) == [
        f"a.yaml:1:8: {UNCLOSED})",
        "b.yaml:4:27: effect: `alow` is not an effect (expected decline, allow or accept; did you mean `allow`?)",
        "c.yaml:2:1: mode: stands in two files: first at b.yaml:2 (remove one)",
        "c.yaml:3:1: limits: stands in two files: first at b.yaml:3 (remove one)",
        "c.yaml:5:9: name: `a` names two rules: first at b.yaml:4 (rename one)",
    ]


def test_what_a_broken_file_may_hold_is_not_missing(diagnose: Diagnose) -> None:
    assert diagnose(a="version: 1\n", b="- x\n") == [
        "b.yaml:1:1: expected a mapping with `version`, `mode` and `rules`, found a list"
    ]


def test_what_all_files_lack_is_told_at_the_first(diagnose: Diagnose) -> None:
    assert diagnose(a="version: 1\n", b="version: 1\nrules: []\n") == [
        "a.yaml:1:1: `mode` is missing in all files (write `mode: audit` or `mode: enforce`)"
    ]


@pytest.mark.parametrize(
    ("source", "last"),
    [
        pytest.param(
            "{}\n" + "a: b\n" * 2000,
            "is indented like nothing above it",
            id="what is not YAML ends it",
        ),
        pytest.param("a: b\n" * 2000, "has 1,000 mistakes up to here, and is not read on", id="structural mistakes"),
        pytest.param(
            RULES + "- {}\n" * 2000, "has more than 1,000 mistakes: the rest of them is not shown", id="schema mistakes"
        ),
        pytest.param(
            HEAD + "protect: [" + "INVITE, " * 2000 + "]\nrules: []", "is in this list twice", id="repeated values"
        ),
        pytest.param(RULES + "- {name: a, effect: allow}\n" * 2000, "names two rules", id="repeated names"),
        pytest.param(
            HEAD + "rules: []\nprotect: [" + "a," * 50_000 + "]",
            "has more than 50,000 keys and values: split it over several files",
            id="keys and values",
        ),
    ],
)
def test_no_more_is_told_than_anyone_reads(diagnose: Diagnose, source: str, last: str) -> None:
    diagnostics = diagnose(source)

    assert len(diagnostics) <= 1001
    assert any(last in diagnostic for diagnostic in diagnostics)
