"""The nearest miss is right: its change does change the decision, and no smaller change does."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given

from authoring.explain.near_miss import Difference, Miss, nearest_edit, nearest_handshake
from authoring.language.short_form import ShortForm, read_short_form
from invitation_responder.core.decision import decide_reference
from invitation_responder.core.handshake import ACTIONS, Handshake, Sender
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.strategies import ACCOUNTS, EMAILS, NOTES, NOW, ORGANIZATIONS, examples, handshakes, policies

Changes = tuple[tuple[str, str, str], ...]

ASPECTS = {
    "organizations": "sender",
    "management_accounts": "sender",
    "notes": "notes",
    "management_emails": "management_emails",
    "accounts": "accounts",
    "actions": "actions",
}


def changed(handshake: Handshake, condition: str, value: str) -> Handshake:
    """The handshake with another value for one condition."""
    assert handshake.sender is not None
    fields: dict[str, dict[str, Any]] = {
        "organizations": {"sender": replace(handshake.sender, organization=value)},
        "management_accounts": {"sender": replace(handshake.sender, management_account=value)},
        "accounts": {"receiver": value},
        "actions": {"action": value},
        "management_emails": {"emails": tuple(value.split(", ")) if value else ()},
        "notes": {"notes": value},
    }
    return replace(handshake, **fields[condition])


def smallest(policy: Policy, handshake: Handshake) -> bool:
    """True if a change of one aspect, to a value of the universe, changes the decision."""
    effect = decide_reference(policy, handshake, NOW).effect
    senders = [
        replace(handshake, sender=Sender(organization, account))
        for organization in (*ORGANIZATIONS, "o-unknown00000")
        for account in (*ACCOUNTS, "000000000000")
    ]
    pools = {
        "notes": NOTES,
        "management_emails": EMAILS,
        "accounts": (*ACCOUNTS, "000000000000"),
        "actions": ACTIONS,
    }
    others = [changed(handshake, condition, value) for condition, values in pools.items() for value in values]
    return any(decide_reference(policy, other, NOW).effect != effect for other in (*senders, *others))


@examples(400)
@given(policies(), handshakes())
def test_a_changed_handshake_is_decided_as_it_says(policy: Policy, handshake: Handshake) -> None:
    miss = nearest_handshake(policy, handshake, NOW)
    if miss is None:
        assert not smallest(policy, handshake)
        return
    other = handshake
    for difference in miss.differences:
        other = changed(other, difference.condition, difference.added)
    assert decide_reference(policy, other, NOW) == miss.decision
    assert miss.decision.effect != decide_reference(policy, handshake, NOW).effect
    if smallest(policy, handshake):
        assert len({ASPECTS[difference.condition] for difference in miss.differences}) == 1


@examples(400)
@given(policies(), handshakes())
def test_an_edit_changes_the_decision_and_names_one_rule_that_did_not_match_or_decides_alone(
    policy: Policy, handshake: Handshake
) -> None:
    miss = nearest_edit(policy, handshake, NOW)
    decision = decide_reference(policy, handshake, NOW)
    if miss is not None:
        assert miss.decision.effect != decision.effect
        if miss.differences[0].condition == "effect":
            assert decision.rules == (miss.rule,)
        else:
            assert miss.rule in miss.decision.rules
            assert miss.rule not in decision.rules


CORPORATE = Rule(
    "corporate", "allow", actions=("INVITE",), organizations=("o-exampleorgid",), management_accounts=("111111111111",)
)
WINDOW = Rule(
    "window",
    "accept",
    organizations=("o-exampleorgid",),
    management_emails=("*@example.com",),
    notes=Keywords(any=("chg-",), all=("shop",), none=("gift card",)),
    expires=date(2026, 11, 1),
)
OTHERS = Rule("others", "allow", organizations=("o-exampleorgid",), not_accounts=("222222222222", "222222222223"))
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def short(**fields: Any) -> Handshake:
    """The handshake of a short form."""
    return read_short_form(ShortForm.model_validate(fields))


@pytest.mark.parametrize(
    ("policy", "handshake", "expected"),
    [
        pytest.param(
            Policy("enforce", rules=(CORPORATE,)),
            short(organization="o-exampleorgid"),
            (("management_accounts", "999999999999", "111111111111"),),
            id="the right organization, and another management account",
        ),
        pytest.param(
            Policy("enforce", rules=(CORPORATE,), protect=()),
            short(),
            (
                ("organizations", "o-somebodyelse", "o-exampleorgid"),
                ("management_accounts", "999999999999", "111111111111"),
            ),
            id="organization and management account are one sender",
        ),
        pytest.param(
            Policy("enforce", rules=(CORPORATE,)),
            short(organization="o-exampleorgid", management_account="111111111111"),
            (("organizations", "o-exampleorgid", "o-somebodyelse"),),
            id="what is allowed, from anybody else",
        ),
        pytest.param(
            Policy("enforce", protect=(), rules=(replace(WINDOW, expires=None),)),
            short(organization="o-exampleorgid", management_email="bill@example.com", notes="CHG-1"),
            (("notes", "CHG-1", "chg- shop"),),
            id="a keyword that is missing",
        ),
        pytest.param(
            Policy("enforce", protect=(), rules=(OTHERS,)),
            short(organization="o-exampleorgid", account="222222222222"),
            (("accounts", "222222222222", "123456789012"),),
            id="any receiver but those that are excluded",
        ),
        pytest.param(
            Policy("enforce", protect=(), rules=(OTHERS,)),
            short(organization="o-exampleorgid"),
            (("organizations", "o-exampleorgid", "o-somebodyelse"),),
            id="from anybody else what is allowed is not",
        ),
        pytest.param(
            Policy("enforce", default="allow", rules=(Rule("no", "decline", not_organizations=("o-exampleorgid",)),)),
            short(organization="o-exampleorgid"),
            (("organizations", "o-exampleorgid", "o-somebodyelse"),),
            id="any sender but the one that is excluded",
        ),
    ],
)
def test_the_nearest_handshake(
    policy: Policy, handshake: Handshake, expected: tuple[tuple[str, str, str], ...]
) -> None:
    miss = nearest_handshake(policy, handshake, NOON)
    assert miss is not None
    assert miss.differences == tuple(Difference(*each) for each in expected)


def edit(policy: Policy, handshake: Handshake) -> Miss:
    """The nearest edit, which must exist."""
    miss = nearest_edit(policy, handshake, NOON)
    assert miss is not None
    return miss


@pytest.mark.parametrize(
    ("handshake", "expected"),
    [
        pytest.param(
            short(organization="o-exampleorgid", management_email="bill@example.com", notes="CHG-1 shop"),
            (("expires", "2026-11-01", "2026-11-26"),),
            id="a rule that has expired counts one day more",
        ),
        pytest.param(
            short(organization="o-partner0001", management_email="x@evil.example", notes="shop gift card"),
            (
                ("expires", "2026-11-01", "2026-11-26"),
                ("organizations", "", "o-partner0001"),
                ("management_emails", "", "x@evil.example"),
                ("notes.any", "chg-", "(any)"),
                ("notes.none", "gift card", "(any)"),
            ),
            id="every condition that failed is widened",
        ),
        pytest.param(
            short(organization="o-exampleorgid", notes="CHG-1"),
            (
                ("expires", "2026-11-01", "2026-11-26"),
                ("management_emails", "*@example.com", "(any)"),
                ("notes.all", "shop", "(any)"),
            ),
            id="without an address no pattern helps",
        ),
    ],
)
def test_the_nearest_edit(handshake: Handshake, expected: Changes) -> None:
    miss = edit(Policy("enforce", rules=(WINDOW,)), handshake)
    assert miss.rule == "window"
    assert miss.decision.effect == "accept"
    assert miss.differences == tuple(Difference(*each) for each in expected)


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [
        pytest.param(("222222222222", "222222222223"), ("not_accounts", "222222222222", ""), id="one of two"),
        pytest.param(("222222222222",), ("not_accounts", "222222222222", "(none)"), id="the last one"),
    ],
)
def test_what_is_excluded_would_match_without_its_exclusion(
    excluded: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    miss = edit(
        Policy("enforce", rules=(replace(OTHERS, not_accounts=excluded),)),
        short(organization="o-exampleorgid", account="222222222222"),
    )
    assert (miss.rule, miss.decision.effect) == ("others", "allow")
    assert miss.differences == (Difference(*expected),)


def test_of_two_rules_the_one_that_failed_in_less_is_nearer() -> None:
    policy = Policy("enforce", rules=(replace(WINDOW, expires=None), CORPORATE))
    miss = edit(policy, short(organization="o-exampleorgid"))
    assert miss.rule == "corporate"
    assert miss.differences == (Difference("management_accounts", "", "999999999999"),)


def test_the_rule_that_decides_alone_can_be_given_another_effect() -> None:
    gift = Rule("no-gift", "decline", notes=Keywords(any=("gift",)))
    policy = Policy("enforce", rules=(CORPORATE, gift))
    miss = edit(policy, short(organization="o-exampleorgid", notes="gift"))
    assert (miss.rule, miss.differences) == ("no-gift", (Difference("effect", "decline", "allow"),))
    last = edit(Policy("enforce", rules=(gift,)), short(notes="gift"))
    assert last.decision.effect == "allow"


def test_two_rules_that_decide_together_have_no_edit_in_common() -> None:
    twice = (Rule("a", "decline"), Rule("b", "decline"))
    assert nearest_edit(Policy("enforce", rules=twice), short(), NOON) is None


def test_where_everything_is_decided_alike_nothing_is_near() -> None:
    policy = Policy("enforce", default="allow", protect=ACTIONS)
    assert nearest_handshake(policy, short(), NOON) is None
    assert nearest_edit(policy, short(), NOON) is None
