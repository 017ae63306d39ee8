"""Policies and handshakes for properties, drawn from few values, so that rules often match."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product
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


def perhaps(some: list[Any], nones: int = 1) -> st.SearchStrategy[Any]:
    """None, so many times as often as one of the values; in one draw, which takes less time than two."""
    return st.sampled_from([*[None] * (nones * len(some)), *some])


def any_of(values: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every choice of one value or more."""
    return [some for size in range(1, len(values) + 1) for some in combinations(values, size)]


WORDS = st.sampled_from([some for size in range(3) for some in combinations(KEYWORDS, size)])
DAYS = [date(2026, 11, 22), date(2026, 11, 23), date(2027, 3, 31)]


def rules(effects: tuple[str, ...] = ("decline", "allow", "accept")) -> st.SearchStrategy[Rule]:
    """Rules whose names may clash; `policies` names them apart. Some exclude what they name: see `sayable`.

    One in two has a condition, one in three excludes anything.
    """
    return st.builds(
        Rule,
        name=st.just("rule"),
        effect=st.sampled_from(effects),
        actions=perhaps(any_of(ACTIONS)),
        not_actions=perhaps(any_of(ACTIONS), 2),
        organizations=perhaps(any_of(ORGANIZATIONS)),
        not_organizations=perhaps(any_of(ORGANIZATIONS), 2),
        management_accounts=perhaps(any_of(ACCOUNTS)),
        not_management_accounts=perhaps(any_of(ACCOUNTS), 2),
        management_emails=perhaps(any_of(GLOBS)),
        accounts=perhaps(any_of(ACCOUNTS)),
        not_accounts=perhaps(any_of(ACCOUNTS), 2),
        notes=st.none() | st.builds(Keywords, any=WORDS, all=WORDS, none=WORDS),
        expires=perhaps(DAYS),
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
    return tuple(replace(rule, name=f"rule-{position}") for position, rule in enumerate(some))


def policies(mode: Mode | None = None) -> st.SearchStrategy[Policy]:
    """Whole policies."""
    return st.builds(
        Policy,
        mode=st.just(mode) if mode else st.sampled_from(["audit", "enforce"]),
        default=st.sampled_from(["decline", "allow"]),
        declines_per_sweep=st.integers(0, 30),
        wait=st.sampled_from([timedelta(), timedelta(hours=24)]),
        protect=st.sampled_from([(), *any_of(ACTIONS)]),
        rules=st.lists(rules(), max_size=5).map(named),
    )


SAID = st.sampled_from([*product(ORGANIZATIONS, ACCOUNTS, EMAILS, NOTES, ACTIONS, ("REQUESTED", "OPEN"))])
NUMBERS = st.integers(0, 16**12 - 1)
HOURS = st.integers(0, 400)


@st.composite
def raw_handshakes(draw: st.DrawFn) -> dict[str, Any]:
    """The API's object for one that can be judged, as the SDK returns it."""
    organization, account, email, notes, action, state = draw(SAID)
    handshake_id = f"h-{draw(NUMBERS):08x}"
    sent = NOW - timedelta(hours=draw(HOURS))
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
        "State": state,
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
