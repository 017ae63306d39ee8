"""The comparison of two policies against the definition, and its answers about single edits."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Any
from unittest.mock import create_autospec

import pytest
from hypothesis import given

from authoring.analysis.edits import Edit, edits
from authoring.analysis.overlap import PolicyPair
from authoring.analysis.review import Review
from authoring.analysis.semantic_diff import Change, compare
from authoring.language.short_form import in_yaml, shorten
from invitation_responder.core.decision import decide_reference
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.strategies import examples
from support.universe import NOW, PAIRS, POLICIES, decisions


def assert_real(change: Change, old: Policy, new: Policy) -> None:
    """The definition decides the witness as the change says, from the day on that it gives."""
    now = datetime.combine(change.since, clock(), UTC) if change.since else NOW
    assert decide_reference(old, change.handshake, now) == change.old
    assert decide_reference(new, change.handshake, now) == change.new
    assert change.old.effect != change.new.effect


@examples(2000)
@given(PAIRS)
def test_it_finds_a_change_where_there_is_one_and_every_witness_is_real(pair: tuple[Policy, Policy]) -> None:
    old, new = pair
    changes = compare(old, new, NOW)
    for change in changes:
        assert_real(change, old, new)
    assert bool(changes) is any(before != after for _, before, after in decisions(old, new))


@examples(400)
@given(PAIRS)
def test_it_finds_every_pair_of_effects_that_some_handshake_changes_between(pair: tuple[Policy, Policy]) -> None:
    old, new = pair
    found = {(change.old.effect, change.new.effect) for change in compare(old, new, NOW)}
    assert found == {(before, after) for _, before, after in decisions(old, new) if before != after}


@examples(400)
@given(PAIRS)
def test_backwards_what_widens_narrows(pair: tuple[Policy, Policy]) -> None:
    old, new = pair
    there, back = compare(old, new, NOW), compare(new, old, NOW)
    for first, second in (("widening", "narrowing"), ("narrowing", "widening")):
        assert any(change.direction == first for change in there) is any(change.direction == second for change in back)


@examples(400)
@given(POLICIES)
def test_a_policy_is_like_itself(policy: Policy) -> None:
    assert compare(policy, policy, NOW) == []


PARTNERS = Rule("partners", "allow", organizations=("o-partner0001",), notes=Keywords(any=("chg-",)))
POLICY = Policy("enforce", rules=(PARTNERS,))


def described(old: Policy, new: Policy) -> list[str]:
    """The changes, one a line."""
    return [
        f"{change.direction} {change.since or 'now'} {change.old.effect} {change.new.effect} "
        f"{in_yaml(shorten(change.handshake))}"
        for change in compare(old, new, NOW)
    ]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"name": "friends"}, [], id="another name"),
        pytest.param(
            {"organizations": ("o-partner0001", "o-partner0002")},
            ["widening now decline allow {organization: o-partner0002, notes: chg-}"],
            id="one value more",
        ),
        pytest.param(
            {"organizations": ("o-partner0002",)},
            [
                "widening now decline allow {organization: o-partner0002, notes: chg-}",
                "narrowing now allow decline {organization: o-partner0001, notes: chg-}",
            ],
            id="another value: one sender more, one less",
        ),
        pytest.param(
            {"organizations": None},
            ["widening now decline allow {notes: chg-}"],
            id="a condition less",
        ),
        pytest.param(
            {"notes": None, "organizations": ("o-partner0001", "o-partner0002")},
            [
                "widening now decline allow {organization: o-partner0002, notes: chg-}",
                "widening now decline allow {organization: o-partner0001}",
            ],
            id="two conditions wider: one witness for each of them alone",
        ),
        pytest.param(
            {"effect": "accept"},
            ["widening now allow accept {organization: o-partner0001, notes: chg-}"],
            id="nobody is asked any more",
        ),
        pytest.param(
            {"expires": date(2027, 3, 31)},
            ["narrowing 2027-03-31 allow decline {organization: o-partner0001, notes: chg-}"],
            id="an end",
        ),
        pytest.param(
            {"expires": date(2026, 11, 25)},
            ["narrowing now allow decline {organization: o-partner0001, notes: chg-}"],
            id="an end that is today",
        ),
        pytest.param(
            {"notes": Keywords(any=("chg-",), none=("gift card",))},
            ["narrowing now allow decline {organization: o-partner0001, notes: chg- gift card}"],
            id="a keyword that must not be there",
        ),
        pytest.param(
            {"notes": Keywords(any=("chg-", "chg-1"))}, [], id="a keyword that contains another one of the list"
        ),
        pytest.param(
            {"management_emails": ("*@example.com",)},
            ["narrowing now allow decline {organization: o-partner0001, notes: chg-}"],
            id="a pattern for the address",
        ),
        pytest.param(
            {"not_accounts": ("222222222222",)},
            ["narrowing now allow decline {organization: o-partner0001, account: '222222222222', notes: chg-}"],
            id="a receiver that is excluded",
        ),
        pytest.param({"not_organizations": ("o-partner0002",)}, [], id="an exclusion of what it does not name"),
        pytest.param(
            {"organizations": None, "not_organizations": ("o-partner0001",)},
            [
                "widening now decline allow {notes: chg-}",
                "narrowing now allow decline {organization: o-partner0001, notes: chg-}",
            ],
            id="all others than before",
        ),
        pytest.param(
            {"not_actions": ("INVITE",)},
            ["narrowing now allow decline {organization: o-partner0001, notes: chg-}"],
            id="an action that is excluded",
        ),
    ],
)
def test_an_edit_of_one_rule(edit: dict[str, Any], expected: list[str]) -> None:
    assert described(POLICY, replace(POLICY, rules=(replace(PARTNERS, **edit),))) == expected


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            {"default": "allow"},
            ["widening now decline allow {}"],
            id="the default",
        ),
        pytest.param(
            {"protect": ()},
            ["narrowing now allow decline {action: ENABLE_ALL_FEATURES}"],
            id="protection, of three actions at once",
        ),
        pytest.param(
            {"rules": (PARTNERS, Rule("all", "allow"))},
            ["widening now decline allow {}"],
            id="a rule for everything",
        ),
        pytest.param(
            {"rules": (PARTNERS, Rule("never", "decline", organizations=("o-other00000",)))},
            ["narrowing now allow decline {action: ENABLE_ALL_FEATURES, organization: o-other00000}"],
            id="a decline of what the default declines anyway, but for protected actions",
        ),
    ],
)
def test_an_edit_of_the_whole(edit: dict[str, Any], expected: list[str]) -> None:
    assert described(POLICY, replace(POLICY, **edit)) == expected


def test_what_has_expired_changes_nothing_and_what_will_does() -> None:
    old = replace(POLICY, rules=(PARTNERS, Rule("gone", "accept", expires=date(2026, 11, 25))))
    later = replace(POLICY, rules=(PARTNERS, Rule("window", "accept", expires=date(2026, 11, 26))))
    assert described(POLICY, old) == []
    assert described(POLICY, later)[0] == "widening now decline accept {}"


OURS = ("o-exampleorgid",)


def many(count: int, shape: str) -> tuple[Rule, ...]:
    """Rules of all effects: about distinct senders, about distinct keywords, or about both and accounts.

    Or about the same sender, each excluding distinct receivers.
    """
    if shape == "excluding":
        return tuple(
            replace(rule, organizations=OURS, management_accounts=None, not_accounts=rule.management_accounts)
            for rule in many(count, "mixed")
        )
    effects = ("allow", "decline", "accept")
    return tuple(
        Rule(
            f"r{number:04}",
            effects[number % 3],  # type: ignore[arg-type]
            actions=("INVITE",),
            organizations=(f"o-number{number:06}",) if shape != "keywords" else None,
            management_accounts=(f"{number:012}", f"{number + 1:012}") if shape == "mixed" else None,
            notes=Keywords(any=(f"chg-{number:04}",)) if shape != "senders" else None,
            expires=date.fromordinal(date(2027, 1, 1).toordinal() + number) if shape == "mixed" else None,
        )
        for number in range(count)
    )


@pytest.mark.untraced
@pytest.mark.parametrize("shape", ["senders", "keywords", "mixed", "excluding"])
@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param({"effect": "accept"}, Edit("r0501", "effect", ("allow",), ("accept",)), id="the effect"),
        pytest.param(
            {"actions": ("INVITE", "TRANSFER_RESPONSIBILITY")},
            Edit("r0501", "actions", (), ("TRANSFER_RESPONSIBILITY",)),
            id="an action more",
        ),
        pytest.param(
            {"accounts": ("222222222222",)},
            Edit("r0501", "accounts", ("(any)",), ("222222222222",)),
            id="an account",
        ),
    ],
)
def test_two_policies_of_a_thousand_rules_that_differ_in_one_value(
    shape: str, edit: dict[str, Any], expected: Edit
) -> None:
    rules = many(1000, shape)
    edited = replace(rules[501], **edit)
    old, new = (Policy("enforce", rules=some) for some in (rules, (*rules[:501], edited, *rules[502:])))
    assert rules[501].effect == "allow"
    start = time.process_time()
    changes = compare(old, new, NOW)
    assert time.process_time() - start < 5
    for change in changes:
        assert_real(change, old, new)
    # One edit, with a witness for each pair of effects: two here, if another rule takes over from the edited rule.
    assert {
        edit for change in changes for edit in Review(tuple(changes), (), tuple(edits(old, new))).behind(change)
    } == {expected}
    assert len(changes) == len({(change.old.effect, change.new.effect) for change in changes}) <= 2


@pytest.mark.untraced
def test_rules_that_leave_almost_nothing_out_are_compared_as_fast() -> None:
    rules = tuple(
        Rule(
            f"r{number:04}",
            rule.effect,
            not_organizations=(f"o-number{number:06}",),
            not_management_accounts=rule.management_accounts,
            not_accounts=rule.management_accounts,
        )
        for number, rule in enumerate(many(300, "mixed"))
    )
    start = time.process_time()
    changes = compare(Policy("enforce", rules=rules), Policy("enforce", default="allow"), NOW)
    assert time.process_time() - start < 30
    assert {change.old.effect for change in changes} == {"decline"}
    # A handshake that one declining rule excludes is declined by another.
    fewer = (*rules[:150], *rules[151:])
    assert compare(Policy("enforce", rules=rules), Policy("enforce", rules=fewer), NOW) == []


@pytest.mark.untraced
def test_two_policies_of_a_thousand_rules_that_have_nothing_in_common() -> None:
    start = time.process_time()
    changes = compare(Policy("enforce", rules=many(1000, "senders")), Policy("enforce", default="allow"), NOW)
    assert time.process_time() - start < 10
    assert {change.old.rules for change in changes} >= {(rule.name,) for rule in many(1000, "senders")[1::3]}


def test_what_no_cause_can_decide_is_ruled_out_by_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    allowing = [Rule(f"a{number}", "allow", notes=Keywords(any=(f"ticket {number}",))) for number in range(30)]
    declining = Rule("d", "decline", notes=Keywords(any=("gift",)))
    narrower = replace(declining, accounts=("222222222222",))
    old, new = (Policy("enforce", rules=(*allowing, rule)) for rule in (declining, narrower))
    search = create_autospec(PolicyPair.earliest, side_effect=PolicyPair.earliest)
    monkeypatch.setattr(PolicyPair, "earliest", search)
    changes = compare(old, new, NOW)
    assert {(change.old.rules, change.new.effect) for change in changes} == {(("d",), "allow")}
    assert search.call_count < 10


def test_the_witness_of_one_of_many_changed_rules_may_match_others_too() -> None:
    removed = [Rule(f"a{number:02}", "allow", notes=Keywords(all=(f"ticket {number:02}",))) for number in range(22)]
    changes = compare(Policy("enforce", rules=tuple(removed)), Policy("enforce"), NOW)
    assert {name for change in changes for name in change.old.rules} == {rule.name for rule in removed}
