"""Policies and handshakes for properties, drawn from few values, so that rules often match."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from invitation_responder.core.handshake import ACTIONS, Handshake, read_handshake
from invitation_responder.core.policy import EXCLUDING, Keywords, Mode, Policy, Rule

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RECEIVER = "222222222222"

ORGANIZATIONS = ("o-exampleorgid", "o-stranger0001", "o-stranger0002")
ACCOUNTS = ("111111111111", "999999999999", RECEIVER)
EMAILS = ("bill@example.com", "mallory@evil.example", "")
GLOBS = ("*@example.com", "mallory@*", "b?ll@example.com")
KEYWORDS = ("chg-", "onboarding", "gift card", "g")
NOTES = ("", "CHG-1 onboarding", "a GIFT\u00a0card!", "CHG-2", "gift\u200bcard")


def examples(count: int) -> settings:
    """Settings for `count` examples of a property; a twentieth of them in the profile `quick`."""
    return settings(max_examples=max(1, count * settings().max_examples // 1000))


def subsets(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """One or more of the values."""
    return st.sampled_from([some for size in range(1, len(values) + 1) for some in combinations(values, size)])


def seldom(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """The values that one rule in three excludes; None for the others."""
    return st.none() | st.none() | subsets(values)


def keywords() -> st.SearchStrategy[Keywords]:
    """Conditions on notes."""
    some = st.sampled_from([some for size in range(3) for some in combinations(KEYWORDS, size)])
    return st.builds(Keywords, any=some, all=some, none=some)


def rules(effects: tuple[str, ...] = ("decline", "allow", "accept")) -> st.SearchStrategy[Rule]:
    """Rules that share one name until `policies` renames them. Some exclude values that they name: see `sayable`."""
    return st.builds(
        Rule,
        name=st.just("rule"),
        effect=st.sampled_from(effects),
        actions=st.none() | subsets(ACTIONS),
        not_actions=seldom(ACTIONS),
        organizations=st.none() | subsets(ORGANIZATIONS),
        not_organizations=seldom(ORGANIZATIONS),
        management_accounts=st.none() | subsets(ACCOUNTS),
        not_management_accounts=seldom(ACCOUNTS),
        management_emails=st.none() | subsets(GLOBS),
        accounts=st.none() | subsets(ACCOUNTS),
        not_accounts=seldom(ACCOUNTS),
        notes=st.none() | keywords(),
        expires=st.none() | st.sampled_from([date(2026, 11, 22), date(2026, 11, 23), date(2027, 3, 31)]),
        leave_organization=st.booleans(),
    )


def sayable(rule: Rule) -> Rule:
    """The rule as a source can state it: notes have a keyword, no named value is excluded, only accept rules leave."""
    fields: dict[str, Any] = {"notes": None} if rule.notes == Keywords() else {}
    may_leave = rule.effect == "accept" and rule.actions == ("INVITE",)
    fields["leave_organization"] = rule.leave_organization and may_leave
    for excluding, condition in EXCLUDING.items():
        values = getattr(rule, excluding) or ()
        fields[excluding] = tuple(value for value in values if value not in (getattr(rule, condition) or ())) or None
    return replace(rule, **fields)


def named(some: list[Rule]) -> tuple[Rule, ...]:
    """The rules under distinct names."""
    return tuple(
        Rule(**{**{slot: getattr(rule, slot) for slot in Rule.__slots__}, "name": f"rule-{position}"})
        for position, rule in enumerate(some)
    )


def policies(mode: Mode | None = None) -> st.SearchStrategy[Policy]:
    """Whole policies."""
    return st.builds(
        Policy,
        mode=st.just(mode) if mode else st.sampled_from(["audit", "enforce"]),
        default=st.sampled_from(["decline", "allow"]),
        declines_per_sweep=st.integers(0, 30),
        wait=st.sampled_from([timedelta(), timedelta(hours=24)]),
        protect=st.lists(st.sampled_from(ACTIONS), unique=True).map(tuple),
        rules=st.lists(rules(), max_size=5).map(named),
    )


@st.composite
def raw_handshakes(draw: st.DrawFn) -> dict[str, Any]:
    """The API's objects of handshakes that can be judged, as the SDK returns them."""
    organization, account = draw(st.sampled_from(ORGANIZATIONS)), draw(st.sampled_from(ACCOUNTS))
    handshake_id = "h-" + draw(st.text("abcdef0123456789", min_size=8, max_size=12))
    sent = NOW - timedelta(hours=draw(st.integers(0, 400)))
    email, notes = draw(st.sampled_from(EMAILS)), draw(st.sampled_from(NOTES))
    action = draw(st.sampled_from(ACTIONS))
    resources: list[dict[str, Any]] = [
        {
            "Type": "ORGANIZATION",
            "Value": organization,
            "Resources": [{"Type": "MASTER_EMAIL", "Value": email}] if email else [],
        },
        {"Type": "ACCOUNT", "Value": RECEIVER},
    ]
    if notes:
        resources.append({"Type": "NOTES", "Value": notes})
    return {
        "Id": handshake_id,
        "Arn": f"arn:aws:organizations::{account}:handshake/{organization}/{action.lower()}/{handshake_id}",
        "Parties": [{"Id": organization, "Type": "ORGANIZATION"}, {"Id": RECEIVER, "Type": "ACCOUNT"}],
        "State": draw(st.sampled_from(["REQUESTED", "OPEN"])),
        "RequestedTimestamp": sent,
        "ExpirationTimestamp": sent + timedelta(days=90),
        "Action": action,
        "Resources": resources,
    }


def handshakes() -> st.SearchStrategy[Handshake]:
    """Handshakes that can be judged."""
    return raw_handshakes().map(lambda raw: read_handshake(raw, RECEIVER))


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON, with the API's own words among keys and texts, so that it comes close to a handshake."""
    words = st.sampled_from(["Id", "Arn", "State", "Action", "Resources", "Type", "Value", "ExpirationTimestamp"])
    of_a_resource = ["NOTES", "ORGANIZATION", "ACCOUNT", "MANAGEMENT_ACCOUNT", "MANAGEMENT_EMAIL", RECEIVER]
    texts = st.text() | st.sampled_from(["OPEN", "INVITE", "h-12345678", "2026-01-01T00:00Z", *of_a_resource])
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner, max_size=8),
        max_leaves=15,
    )


@st.composite
def damaged_handshakes(draw: st.DrawFn) -> object:
    """The API's object of a handshake, with one member replaced by any JSON or removed."""
    raw = draw(raw_handshakes())
    member = draw(st.sampled_from(sorted(raw)))
    if draw(st.booleans()):
        del raw[member]
    else:
        raw[member] = draw(json_values())
    return raw
