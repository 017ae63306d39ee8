"""The compiled policies of sources, and laws that hold for all sources."""

import json
import time
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.compiler import compile_sources
from invitation_responder.core.policy import PROTECTED_BY_DEFAULT, VALUE_CONDITIONS, Keywords, Policy, Rule
from support.strategies import examples, policies, sayable

thoroughly = examples(1000)

MINIMAL = b"version: 1\nmode: audit\nrules: []\n"
HEAD = b"version: 1\nmode: audit\nrules:\n"
MIB = 1024 * 1024

EVERYTHING = """\
version: "1"
mode: enforce
default: allow
limits:
  declines_per_sweep: 0
  wait: 90m
protect: [INVITE]
rules:
  - name: no
    description: |
      Anything,
      on several lines
    effect: accept
    actions: [TRANSFER_RESPONSIBILITY, INVITE]
    organizations: [o-exampleorgid, 'o-0123456789']
    management_accounts: [012345678901]
    management_emails: ["*@Example.COM", b?b@example.com]
    accounts:
      - 222222222222
      - "111111111111"
    notes: {any: ["CHG-", " on\\tboarding "], all: [], none: [no, 1e3]}
    expires: 2027-03-31
  - {name: "1e3", effect: decline}
  - name: others
    effect: allow
    not_actions: [TRANSFER_RESPONSIBILITY, INVITE]
    not_organizations: [o-exampleorgid, 'o-0123456789']
    not_management_accounts: [012345678901]
    not_accounts: [222222222222, "111111111111"]
"""


def test_every_key_is_compiled() -> None:
    assert compile_sources({"p.yaml": EVERYTHING.encode()}) == Policy(
        mode="enforce",
        default="allow",
        declines_per_sweep=0,
        wait=timedelta(minutes=90),
        protect=("INVITE",),
        rules=(
            Rule(
                name="no",
                effect="accept",
                actions=("INVITE", "TRANSFER_RESPONSIBILITY"),
                organizations=("o-0123456789", "o-exampleorgid"),
                management_accounts=("012345678901",),
                management_emails=("*@example.com", "b?b@example.com"),
                accounts=("111111111111", "222222222222"),
                notes=Keywords(any=("chg-", "on boarding"), none=("1e3", "no")),
                expires=date(2027, 3, 31),
            ),
            Rule(name="1e3", effect="decline"),
            Rule(
                name="others",
                effect="allow",
                not_actions=("INVITE", "TRANSFER_RESPONSIBILITY"),
                not_organizations=("o-0123456789", "o-exampleorgid"),
                not_management_accounts=("012345678901",),
                not_accounts=("111111111111", "222222222222"),
            ),
        ),
    )


def test_what_is_left_out_has_its_default() -> None:
    policy = compile_sources({"p.yaml": MINIMAL})

    assert policy == Policy(mode="audit")
    assert (policy.default, policy.declines_per_sweep, policy.wait, policy.protect) == (
        "decline",
        25,
        timedelta(),
        tuple(sorted(PROTECTED_BY_DEFAULT)),
    )


@pytest.mark.parametrize(
    ("written", "wait"),
    [("0h", timedelta()), ("14d", timedelta(days=14)), ("336h", timedelta(days=14)), ("20160m", timedelta(days=14))],
)
def test_a_wait_is_at_most_fourteen_days(written: str, wait: timedelta) -> None:
    assert compile_sources({"p": MINIMAL + f"limits: {{wait: {written}}}".encode()}).wait == wait


@pytest.mark.parametrize(
    "written", ["337h", "20161m", "1w", "1.5h", "-1h", "+1h", "01h", "1 h", "h", "24", "\u0663h", "99999d"]
)
def test_every_other_wait_is_a_mistake(written: str) -> None:
    with pytest.raises(InvalidPolicy, match="is not a duration"):
        compile_sources({"p": MINIMAL + f"limits: {{wait: {written}}}".encode()})


def test_comments_descriptions_and_layout_change_nothing() -> None:
    plain = b"{version: 1, mode: audit, rules: [{name: a, effect: allow}]}"
    commented = (
        b"# why\nrules:\n- effect: 'allow' # really\n  description: because\n  name: a\nmode: audit\nversion: 1\n"
    )

    assert compile_sources({"a": plain}).sha256 == compile_sources({"b": commented}).sha256


def test_nothing_is_no_policy() -> None:
    with pytest.raises(InvalidPolicy, match=r"\.:1:1: `mode` is missing"):
        compile_sources({})


def written(rule: Rule) -> dict[str, object]:
    """A rule as its author would write it."""
    fields: dict[str, object] = {"name": rule.name, "effect": rule.effect, "description": "a rule"}
    fields |= {name: values for name in VALUE_CONDITIONS if (values := getattr(rule, name)) is not None}
    if rule.notes:
        fields["notes"] = {"any": rule.notes.any, "all": rule.notes.all, "none": rule.notes.none}
    if rule.leave_organization:
        fields["leave_organization"] = "true"
    if rule.expires:
        fields["expires"] = rule.expires.isoformat()
    return fields


@st.composite
def policies_and_sources(draw: st.DrawFn) -> tuple[Policy, dict[str, bytes]]:
    """A policy and its source: keys and rules in several files and in any order (JSON is YAML)."""
    policy = draw(policies())
    policy = replace(policy, rules=tuple(map(sayable, policy.rules)))
    random = Random(draw(st.integers(0, 2**32)))
    files: list[dict[str, object]] = [{"version": 1} for _ in range(draw(st.integers(1, 3)))]
    wait = f"{policy.wait // timedelta(minutes=1)}m"
    random.choice(files)["mode"] = policy.mode
    random.choice(files)["default"] = policy.default
    random.choice(files)["protect"] = random.sample(policy.protect, len(policy.protect))
    random.choice(files)["limits"] = {"declines_per_sweep": policy.declines_per_sweep, "wait": wait}
    files[0]["rules"] = []
    for rule in random.sample(policy.rules, len(policy.rules)):
        rules = random.choice(files).setdefault("rules", [])
        assert isinstance(rules, list)
        rules.append(written(rule))
    shuffled = (dict(random.sample(list(file.items()), len(file))) for file in files)
    return policy, {f"{index}.yaml": json.dumps(file).encode() for index, file in enumerate(shuffled)}


@thoroughly
@given(policies_and_sources())
def test_neither_files_nor_order_matter_and_what_is_compiled_reads_back(
    policy_and_source: tuple[Policy, dict[str, bytes]],
) -> None:
    policy, source = policy_and_source
    compiled = compile_sources(source)

    assert compiled == policy
    assert compiled.sha256 == policy.sha256
    assert Policy.from_json(compiled.to_json()) == compiled


def mistakes_of(sources: dict[str, bytes]) -> InvalidPolicy | None:
    """The error of an invalid source, else None; a valid source's policy reads back equal."""
    try:
        policy = compile_sources(sources)
    except InvalidPolicy as diagnostics:
        return diagnostics
    assert Policy.from_json(policy.to_json()) == policy
    return None


def assert_is_told(sources: dict[str, bytes]) -> None:
    """The source compiles, or it has diagnostics that are printable and have their places in it."""
    diagnose = mistakes_of(sources)
    if diagnose is None:
        return
    lines = {name: text.decode("utf-8", "replace").split("\n") for name, text in sources.items()}
    assert diagnose.diagnostics
    assert str(diagnose).split("\n") == [str(diagnostic) for diagnostic in diagnose.diagnostics]
    for diagnostic in diagnose.diagnostics:
        assert diagnostic.place.line >= 1
        assert 1 <= diagnostic.place.column <= len(lines[diagnostic.file][diagnostic.place.line - 1]) + 1
        assert str(diagnostic).isprintable()


TOKENS = st.sampled_from(
    [
        *"[]{},:?-&*!|>'\"%@#~`\n\t\r\\ \u00e9\u2028\x00\ufeff\U0001f600",
        *("- ", ": ", "\n  ", "\n    ", "---", "...", "<<", "\n- ", '"\\ud800"', "expires: ", "2027-03-31", "limits"),
        *("version: 1\n", "mode: audit\n", "rules:\n", "rules", "name: a\n", "effect: allow\n", "notes: ", "any: "),
        *("organizations: ", "o-exampleorgid", "012345678901"),
    ]
)


@thoroughly
@given(st.binary(max_size=200))
def test_no_bytes_crash_it(source: bytes) -> None:
    assert_is_told({"p.yaml": source, "q.yaml": MINIMAL})


@thoroughly
@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_no_text_crashes_it(source: str) -> None:
    assert_is_told({"p.yaml": source.encode()})


@thoroughly
@given(st.lists(TOKENS, max_size=40).map("".join))
def test_no_soup_of_tokens_crashes_it(source: str) -> None:
    assert_is_told({"p.yaml": source.encode()})
    assert_is_told({"p.yaml": HEAD + b"  - name: a\n    effect: allow\n" + source.encode()})


KEYS = st.sampled_from(
    [
        *("version", "mode", "default", "limits", "protect", "rules", "name", "effect", "notes", "any", "accounts"),
        *("actions", "expires", "wait", "declines_per_sweep", "management_emails", "description", "{message}", "x\ny"),
        "",
    ]
)
SCALARS = st.sampled_from(
    ["1", "audit", "allow", "a", "", "INVITE", "o-exampleorgid", "111111111111", "{x}", "24h", "*", "\u200b"]
)
TREES = st.recursive(
    SCALARS,
    lambda trees: st.lists(trees, max_size=3) | st.dictionaries(KEYS, trees, max_size=4),
    max_leaves=12,
)


@thoroughly
@given(st.dictionaries(KEYS, TREES, max_size=6), st.dictionaries(KEYS, TREES, max_size=6))
def test_no_tree_crashes_it(first: object, second: object) -> None:
    assert_is_told({"p.yaml": json.dumps(first).encode(), "q.yaml": json.dumps(second, indent=1).encode()})


def rule_naming(count: int) -> bytes:
    names = b",".join(b"o-%010d" % index for index in range(count))
    return HEAD + b"- {name: a, effect: allow, organizations: [" + names + b"]}\n"


@pytest.mark.untraced
@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"[" * MIB, id="lists in lists"),
        pytest.param(b"{" * MIB, id="mappings in mappings"),
        pytest.param(b"? " * (MIB // 2), id="keys in keys"),
        pytest.param(b"- " * (MIB // 2), id="items in items"),
        pytest.param(b"- \n" * (MIB // 3), id="items after items"),
        pytest.param(b"a: b\n" * (MIB // 5), id="one key again and again"),
        pytest.param(b"".join(b"management%x:\n" % index for index in range(24_000)), id="unknown keys, all near"),
        pytest.param(b"x" * MIB, id="one long text"),
        pytest.param(b'"' + b"x\n" * (MIB // 2 - 1), id="a quote that is never closed"),
        pytest.param(b"mode: >\n " + b"\n" * (MIB - 9), id="empty lines"),
        pytest.param(b"#\n" * (MIB // 2), id="comments"),
        pytest.param(b"\x00" * MIB, id="zeros"),
        pytest.param(b"\xff" * MIB, id="not UTF-8"),
        pytest.param(b"a0: &a0 [x, x]\n" + b"b: &a0 [*a0, *a0]\n" * 50_000, id="a billion laughs"),
        pytest.param((HEAD + b"- {}\n" * 100_000)[:MIB], id="a hundred thousand rules"),
        pytest.param(HEAD + b"- {}\n" * 49_000, id="as many rules without anything as are read"),
        pytest.param(HEAD + b"- {name: a}\n" * 16_000, id="as many rules of one name as are read"),
        pytest.param(
            HEAD + b"- {name: a, effect: allow, notes: {any: [" + b"x, " * 49_900 + b"]}}\n",
            id="one keyword many times",
        ),
        pytest.param(rule_naming(49_900), id="as many organizations as are read"),
    ],
)
def test_no_source_takes_long(source: bytes) -> None:
    started = time.process_time()
    assert_is_told({"p.yaml": source})
    # The slowest takes one to two seconds of processor time, by the machine's mood; a hang or a quadratic loop takes
    # minutes.
    assert time.process_time() - started < 6
