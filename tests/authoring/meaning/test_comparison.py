"""A comparison of two policies against the definition: every handshake of a small universe, decided by both."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as clock
from fnmatch import fnmatchcase
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.meaning.comparison import Change, compare
from authoring.short_form import said, shorten
from invitation_responder.decision import decide_plainly
from invitation_responder.handshake import ACTIONS
from invitation_responder.policy import Effect, Keywords, Policy, Rule

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAYS = (date(2026, 11, 25), date(2026, 12, 1), date(2027, 3, 31))

ORGANIZATIONS = ("o-aaaaaaaaaa", "o-bbbbbbbbbb")
ACCOUNTS = ("111111111111", "222222222222")
GLOBS = ("*@a.example", "m*", "m?@a.example", "*", "?*")
KEYWORDS = ("gift", "if", "chg", "t c")
EMAILS = ("", "@a.example", "x@a.example", "m@a.example", "mm@a.example", "mmm@a.example", "m", "mm", "x")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """No condition twice as often as one with a value or two."""
    drawn = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
    return st.none() | st.none() | drawn


WORDS = st.lists(st.sampled_from(KEYWORDS), max_size=2, unique=True).map(tuple)
RULES = st.builds(
    Rule,
    name=st.just(""),
    effect=st.sampled_from(["decline", "allow", "accept"]),
    actions=some(ACTIONS),
    organizations=some(ORGANIZATIONS),
    management_accounts=some(ACCOUNTS[:1]),
    accounts=some(ACCOUNTS[1:]),
    management_emails=some(GLOBS),
    notes=st.none() | st.none() | st.builds(Keywords, any=WORDS, all=WORDS, none=WORDS),
    expires=st.none() | st.none() | st.sampled_from(DAYS),
)


def named(rules: list[Rule]) -> tuple[Rule, ...]:
    """Rules with names of their own."""
    return tuple(replace(rule, name=f"r{position}") for position, rule in enumerate(rules))


POLICIES = st.builds(
    Policy,
    mode=st.just("enforce"),
    default=st.sampled_from(["decline", "allow"]),
    protect=st.lists(st.sampled_from(ACTIONS), max_size=2, unique=True).map(tuple),
    rules=st.lists(RULES, max_size=4).map(named),
)


@st.composite
def edited(draw: st.DrawFn, policy: Policy) -> Policy:
    """A policy after an edit; some edits change nothing, and some only seem to."""
    rules = list(policy.rules)
    kind = draw(st.sampled_from(["edit", "split", "copy", "drop", "add", "rename", "protect", "nothing"]))
    position = draw(st.integers(0, len(rules) - 1)) if rules else 0
    if kind == "protect":
        return replace(policy, protect=draw(POLICIES).protect)
    if kind == "add" or not rules:
        return replace(policy, rules=(*rules, replace(draw(RULES), name="added")))
    rule = rules.pop(position)
    if kind == "edit":
        condition = draw(st.sampled_from(["effect", *Rule.__slots__[2:]]))
        rules.append(replace(rule, **{condition: getattr(draw(RULES), condition)}))
    elif kind == "split" and rule.organizations and len(rule.organizations) > 1:
        rules += [replace(rule, name=f"half-{value}", organizations=(value,)) for value in rule.organizations]
    elif kind == "copy":
        rules += [rule, replace(rule, name="copy", organizations=ORGANIZATIONS[:1])]
    elif kind != "drop":
        rules.append(replace(rule, name="renamed"))
    return replace(policy, rules=tuple(rules))


PAIRS = POLICIES.flatmap(lambda old: st.tuples(st.just(old), POLICIES | edited(old) | edited(old).flatmap(edited)))


def subsets(values: tuple[str, ...], most: int) -> list[tuple[str, ...]]:
    """All subsets of a size up to `most`."""
    return list(chain.from_iterable(combinations(values, size) for size in range(most + 1)))


def holding(rules: tuple[Rule, ...], condition: str, value: str) -> int:
    """The rules for which an exact condition holds, as bits."""
    wanted = [getattr(rule, condition) for rule in rules]
    return sum(1 << position for position, values in enumerate(wanted) if values is None or value in values)


def with_emails(rules: tuple[Rule, ...], emails: tuple[str, ...]) -> int:
    """The rules whose e-mail patterns hold for these addresses."""
    return sum(
        1 << position
        for position, rule in enumerate(rules)
        if rule.management_emails is None
        or any(fnmatchcase(email, glob) for email in emails for glob in rule.management_emails)
    )


def with_keywords(rules: tuple[Rule, ...], words: tuple[str, ...]) -> int:
    """The rules whose keywords hold for notes of these keywords, and what they contain, alone."""
    notes = " | ".join(words)
    return sum(
        1 << position
        for position, rule in enumerate(rules)
        if rule.notes is None or next(rule.notes.failures(notes), None) is None
    )


def counting(rules: tuple[Rule, ...], day: date) -> int:
    """The rules that have not expired."""
    return sum(1 << position for position, rule in enumerate(rules) if rule.expires is None or day < rule.expires)


def universe(rules: tuple[Rule, ...]) -> Iterator[tuple[str, int]]:
    """For every handshake on every day, its action and which of the rules match it."""
    exact = {
        "organizations": (*ORGANIZATIONS, "o-cccccccccc"),
        "management_accounts": (*ACCOUNTS[:1], "999999999999"),
        "accounts": (*ACCOUNTS[1:], "999999999999"),
    }
    conditions = [{holding(rules, name, value) for value in values} for name, values in exact.items()]
    conditions.append({with_emails(rules, emails) for emails in subsets(EMAILS, 2)})
    conditions.append({with_keywords(rules, words) for words in subsets(KEYWORDS, len(KEYWORDS))})
    conditions.append({counting(rules, day) for day in DAYS})
    left = {-1}
    for bits in conditions:
        left = {one & other for one, other in product(left, bits)}
    for action in ACTIONS:
        yield from ((action, bits & holding(rules, "actions", action)) for bits in left)


def effect(policy: Policy, matching: list[Rule], action: str) -> Effect:
    """The definition, once more."""
    for strictest in ("decline", "allow", "accept"):
        if any(rule.effect == strictest for rule in matching):
            return strictest
    return "allow" if action in policy.protect else policy.default


def differs_somewhere(old: Policy, new: Policy) -> bool:
    """Whether any handshake of the universe is decided differently."""
    rules = old.rules + new.rules
    for action, bits in universe(rules):
        matching = [rule for position, rule in enumerate(rules) if bits >> position & 1]
        decided = [
            effect(policy, [rule for rule in matching if rule in policy.rules], action) for policy in (old, new)
        ]
        if decided[0] != decided[1]:
            return True
    return False


def assert_real(change: Change, old: Policy, new: Policy) -> None:
    """A witness is decided as it says, by the definition, from the day on that it says, and not the day before."""
    now = datetime.combine(change.since, clock(), UTC) if change.since else NOW
    assert decide_plainly(old, change.handshake, now) == change.old
    assert decide_plainly(new, change.handshake, now) == change.new
    assert change.old.effect != change.new.effect


@settings(max_examples=2000)
@given(PAIRS)
def test_it_finds_a_change_where_there_is_one_and_every_witness_is_real(pair: tuple[Policy, Policy]) -> None:
    old, new = pair
    changes = compare(old, new, NOW)
    for change in changes:
        assert_real(change, old, new)
    assert bool(changes) is differs_somewhere(old, new)
