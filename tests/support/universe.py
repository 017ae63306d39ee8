"""A small universe: policies, and every handshake that they can tell apart. Exact answers are tested against it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import cache
from itertools import combinations, permutations, product
from typing import Any

from hypothesis import strategies as st

from authoring.language.short_form import SOME_ACCOUNT, SOMEBODY
from invitation_responder.core.handshake import ACTIONS
from invitation_responder.core.policy import EXCLUDING, Effect, Keywords, Policy, Rule

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAYS = (date(2026, 11, 25), date(2026, 12, 1), date(2027, 3, 31))

# The second organization and both accounts are those that stand for all others, as long as no rule names them.
ORGANIZATIONS = ("o-aaaaaaaaaa", SOMEBODY.organization)
ACCOUNTS = (SOMEBODY.management_account, SOME_ACCOUNT)
GLOBS = ("*@a.example", "m*", "m?@a.example", "*", "?*")
KEYWORDS = ("gift", "if", "chg", "t c")
# One of each kind that the globs can tell apart. The last one, `x`, matches only the last two globs.
EMAILS = ("", "@a.example", "x@a.example", "m@a.example", "mm@a.example", "mmm@a.example", "m", "mm", "x")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """No condition twice as often as one with a value or two."""
    return _none_or_some(values, 2)


def seldom(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """What one rule in five excludes."""
    return _none_or_some(values, 4)


def _none_or_some(values: tuple[str, ...], nones: int) -> st.SearchStrategy[tuple[str, ...] | None]:
    """In one draw: a list that is drawn value by value takes several times as long."""
    drawn = [*permutations(values, 1), *permutations(values, 2)]
    return st.sampled_from([*[None] * (nones * len(drawn)), *drawn])


def up_to(most: int, values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """So many values in any order, or fewer."""
    return st.sampled_from([drawn for size in range(most + 1) for drawn in permutations(values, size)])


WORDS = up_to(2, KEYWORDS)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "effect": st.sampled_from(["decline", "allow", "accept"]),
    "actions": some(ACTIONS),
    "not_actions": seldom(ACTIONS),
    "organizations": some(ORGANIZATIONS),
    "not_organizations": seldom(ORGANIZATIONS),
    "management_accounts": some(ACCOUNTS[:1]),
    "not_management_accounts": seldom(ACCOUNTS[:1]),
    "accounts": some(ACCOUNTS[1:]),
    "not_accounts": seldom(ACCOUNTS[1:]),
    "management_emails": some(GLOBS),
    "notes": st.none() | st.none() | st.builds(Keywords, any=WORDS, all=WORDS, none=WORDS),
    "expires": st.sampled_from([*[None] * 6, *DAYS]),
}
RULES = st.builds(Rule, name=st.just(""), **FIELDS)


def named(rules: list[Rule]) -> tuple[Rule, ...]:
    """The rules under distinct names."""
    return tuple(replace(rule, name=f"r{position}") for position, rule in enumerate(rules))


PROTECT = up_to(2, ACTIONS)
POLICIES = st.builds(
    Policy,
    mode=st.just("enforce"),
    default=st.sampled_from(["decline", "allow"]),
    protect=PROTECT,
    rules=st.lists(RULES, max_size=4).map(named),
)


EDITS = st.sampled_from(["edit", "split", "halve", "copy", "drop", "add", "rename", "protect"])
EDITED = st.sampled_from(sorted(FIELDS))
HALVED = st.sampled_from(sorted(EXCLUDING))


def edited(draw: st.DrawFn, policy: Policy) -> Policy:
    """A policy after an edit; some edits change nothing, and some only seem to change something."""
    rules = list(policy.rules)
    kind = draw(EDITS)
    position = draw(st.integers(0, len(rules) - 1)) if rules else 0
    if kind == "protect":
        return replace(policy, protect=draw(PROTECT))
    if kind == "add" or not rules:
        return replace(policy, rules=(*rules, replace(draw(RULES), name=f"added-{len(rules)}")))
    rule = rules.pop(position)
    if kind == "edit":
        condition = draw(EDITED)
        fields: dict[str, Any] = {condition: draw(FIELDS[condition])}
        rules.append(replace(rule, **fields))
    elif kind == "split" and rule.organizations and len(rule.organizations) > 1:
        rules += [replace(rule, name=f"{rule.name}-{value}", organizations=(value,)) for value in rule.organizations]
    elif kind == "halve":
        half = draw(HALVED)
        rules += _halves(rule, half, draw(FIELDS[EXCLUDING[half]]) or ())
    elif kind == "copy":
        rules += [rule, replace(rule, name=f"{rule.name}-copy", organizations=ORGANIZATIONS[:1])]
    elif kind != "drop":
        rules.append(replace(rule, name=f"{rule.name}-renamed"))
    return replace(policy, rules=tuple(rules))


def _halves(rule: Rule, excluding: str, values: tuple[str, ...]) -> list[Rule]:
    """A rule split in two: one for some values of a condition, one for all others. Together they say the same."""
    condition = EXCLUDING[excluding]
    named, out = getattr(rule, condition), getattr(rule, excluding) or ()
    some: dict[str, Any] = {condition: tuple(value for value in values if named is None or value in named)}
    others: dict[str, Any] = {excluding: (*out, *values) or None}
    rules = [replace(rule, name=f"{rule.name}-others", **others)]
    return [replace(rule, name=f"{rule.name}-some", **some), *rules] if some[condition] else rules


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Policy, Policy]:
    """Two policies that have nothing to do with each other, or one of which is the other after an edit or two."""
    old = draw(POLICIES)
    edits = draw(st.integers(0, 2))
    if not edits:
        return old, draw(POLICIES)
    new = edited(draw, old)
    return old, edited(draw, new) if edits == 2 else new


PAIRS = pairs()


# Every set of keywords that notes can contain.
NOTES = [words for size in range(len(KEYWORDS) + 1) for words in combinations(KEYWORDS, size)]


def _bits(rules: tuple[Rule, ...], holds: list[bool]) -> int:
    return sum(1 << position for position, _ in enumerate(rules) if holds[position])


def _with_value(rules: tuple[Rule, ...], condition: str, value: str) -> int:
    wanted = [(getattr(rule, condition), getattr(rule, f"not_{condition}") or ()) for rule in rules]
    return _bits(rules, [(values is None or value in values) and value not in out for values, out in wanted])


@cache
def _is_like(globs: tuple[str, ...] | None, email: str) -> bool:
    return globs is None or any(fnmatchcase(email, glob) for glob in globs)


def _with_emails(rules: tuple[Rule, ...]) -> set[int]:
    """For no address, for each, and for each two: a rule that matches one of them matches both together."""
    none = _bits(rules, [rule.management_emails is None for rule in rules])
    each = {_bits(rules, [_is_like(rule.management_emails, email) for rule in rules]) for email in EMAILS}
    return {none, *each, *(one | other for one, other in combinations(each, 2))}


@cache
def _fits(notes: Keywords | None, words: tuple[str, ...]) -> bool:
    return notes is None or not list(notes.failures(" | ".join(words)))


def _with_keywords(rules: tuple[Rule, ...], words: tuple[str, ...]) -> int:
    return _bits(rules, [_fits(rule.notes, words) for rule in rules])


def _on(rules: tuple[Rule, ...], day: date) -> int:
    return _bits(rules, [rule.expires is None or day < rule.expires for rule in rules])


def matches(rules: tuple[Rule, ...]) -> Iterator[tuple[str, list[Rule]]]:
    """The action and the matching rules of every handshake on every day; equal results come once."""
    exact = {
        "organizations": (*ORGANIZATIONS, "o-cccccccccc"),
        "management_accounts": (*ACCOUNTS[:1], "000000000000"),
        "accounts": (*ACCOUNTS[1:], "000000000000"),
    }
    conditions = [{_with_value(rules, name, value) for value in values} for name, values in exact.items()]
    conditions.append(_with_emails(rules))
    conditions.append({_with_keywords(rules, words) for words in NOTES})
    conditions.append({_on(rules, day) for day in DAYS})
    left = {-1}
    for bits in conditions:
        left = {one & other for one, other in product(left, bits)}
    for action in ACTIONS:
        named_it = _with_value(rules, "actions", action)
        for both in {bits & named_it for bits in left}:
            yield action, [rule for position, rule in enumerate(rules) if both >> position & 1]


def effect(policy: Policy, matching: list[Rule], action: str) -> Effect:
    """The effect that a policy decides, by the definition once more."""
    effects = {rule.effect for rule in matching if rule in policy.rules}
    strictest: tuple[Effect, ...] = ("decline", "allow", "accept")
    if effects:
        return next(each for each in strictest if each in effects)
    return "allow" if action in policy.protect else policy.default


def decisions(old: Policy, new: Policy) -> set[tuple[str, Effect, Effect]]:
    """Every action with the old and the new effect that some handshake has on some day."""
    return {
        (action, effect(old, matching, action), effect(new, matching, action))
        for action, matching in matches(old.rules + new.rules)
    }
