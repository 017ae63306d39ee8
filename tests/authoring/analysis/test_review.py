"""The review for people: changes with the first day on which they hold, and the edits behind them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from authoring.analysis.edits import Edit, edits
from authoring.analysis.review import review
from authoring.analysis.semantic_diff import compare
from authoring.analysis.witness import find_witness
from authoring.language.short_form import in_yaml, shorten
from authoring.reports.diff import as_markdown, as_text, describe_edits
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.universe import NOW

ALLOW = Rule("ours", "allow", organizations=("o-exampleorgid",))


def until(name: str, month: int, organization: str = "o-exampleorgid") -> Rule:
    """A rule that declines until the first day of a month of 2027."""
    return Rule(name, "decline", organizations=(organization,), expires=date(2027, month, 1))


@pytest.mark.parametrize(
    ("first", "since"),
    [
        pytest.param((), None, id="nothing is in the way"),
        pytest.param((until("a", 1),), date(2027, 1, 1), id="a rule that decides first, until it expires"),
        pytest.param((until("a", 1), until("b", 3)), date(2027, 3, 1), id="two of them: until the later one expires"),
        pytest.param(
            (until("a", 1), until("b", 3), *(until(f"c{month}", month, "o-other00000") for month in range(2, 12))),
            date(2027, 3, 1),
            id="among others that do not matter",
        ),
    ],
)
def test_a_change_is_told_from_the_day_on_that_it_is_felt(first: tuple[Rule, ...], since: date | None) -> None:
    old = Policy("enforce", rules=(ALLOW, *first))
    changes = compare(old, replace(old, rules=first), NOW)
    assert [(change.old.effect, change.new.effect, change.since) for change in changes] == [("allow", "decline", since)]


def test_what_is_never_felt_is_no_change() -> None:
    for_good = Rule("never", "decline", organizations=("o-exampleorgid",))
    old = Policy("enforce", rules=(ALLOW, for_good, until("a", 1)))
    assert compare(old, replace(old, rules=(for_good,)), NOW) == []
    ending = replace(ALLOW, expires=date(2027, 1, 1))
    old = Policy("enforce", rules=(ending, until("a", 2)))
    assert compare(old, replace(old, rules=(until("a", 2),)), NOW) == []


def test_a_later_end_is_felt_from_the_earlier_one_on() -> None:
    old = Policy("enforce", rules=(replace(ALLOW, expires=date(2027, 1, 1)),))
    new = Policy("enforce", rules=(replace(ALLOW, expires=date(2027, 3, 31)),))
    assert [(change.direction, change.since) for change in compare(old, new, NOW)] == [("widening", date(2027, 1, 1))]
    assert [(change.direction, change.since) for change in compare(new, old, NOW)] == [("narrowing", date(2027, 1, 1))]


def test_the_earliest_of_several_causes_counts() -> None:
    other = Rule("theirs", "allow", organizations=("o-other00000",))
    old = Policy("enforce", protect=(), rules=(ALLOW, other, until("a", 3), until("b", 2, "o-other00000")))
    changes = compare(old, replace(old, rules=(*old.rules, Rule("stop", "decline"))), NOW)
    assert [(change.old.rules, change.new.rules, change.since) for change in changes] == [
        (("theirs",), ("stop",), date(2027, 2, 1))
    ]


def test_a_rule_that_never_decides_is_behind_no_change() -> None:
    covered = Rule("covered", "accept", organizations=("o-exampleorgid",), accounts=("222222222222",))
    never = Rule("never", "decline", organizations=("o-exampleorgid",))
    old = Policy("enforce", rules=(covered, never))
    new = replace(old, rules=(*old.rules, Rule("all", "allow")))
    assert [(change.old.rules, change.new.rules) for change in compare(old, new, NOW)] == [((), ("all",))]


def test_what_one_edit_does_is_not_hidden_behind_another_one() -> None:
    ours = Rule("aa", "accept", organizations=("o-aaaaaaaaaa",), accounts=("111111111111",))
    wider = replace(ours, organizations=("o-aaaaaaaaaa", "o-cccccccccc"))
    trap = Rule("trap", "accept", accounts=("111111111111", "222222222222"), actions=("INVITE",))
    found = review(Policy("enforce", rules=(ours,)), Policy("enforce", rules=(wider, trap)), NOW)
    assert ("trap",) in {change.new.rules for change in found.changes}
    assert found.without_effect() == []


def test_what_two_edits_do_together_is_an_effect_of_both() -> None:
    old = Policy("enforce", rules=(ALLOW,))
    wider = replace(ALLOW, organizations=("o-exampleorgid", "o-partner0001"))
    new = replace(old, rules=(wider, Rule("partner", "allow", organizations=("o-partner0001",))))
    assert review(old, new, NOW).without_effect() == []


OLD = Policy(
    "audit",
    wait=timedelta(hours=24),
    rules=(
        Rule(
            "move",
            "accept",
            organizations=("o-exampleorgid",),
            not_organizations=("o-partner0001", "o-partner0002"),
            accounts=("222222222222",),
            notes=Keywords(any=("chg-",), none=("gift card",)),
            expires=date(2027, 1, 1),
        ),
        Rule("gone", "allow", organizations=("o-partner0001",)),
        Rule("expired", "allow", expires=date(2026, 1, 1)),
    ),
)
NEW = Policy(
    "enforce",
    default="allow",
    wait=timedelta(minutes=90),
    declines_per_sweep=10,
    protect=("ENABLE_ALL_FEATURES",),
    rules=(
        Rule(
            "move",
            "allow",
            organizations=("o-exampleorgid", "o-otherorgid1"),
            not_organizations=("o-partner0001",),
            not_accounts=("333333333333",),
            notes=Keywords(any=("chg-", "shop")),
            expires=date(2027, 3, 31),
        ),
        Rule("come", "decline", management_emails=("*@evil.example",)),
        Rule("expired", "decline", expires=date(2026, 1, 1)),
    ),
)


def test_every_edit_is_listed_value_by_value() -> None:
    assert list(describe_edits(edits(OLD, NEW))) == [
        "mode - audit + enforce",
        "default - decline + allow",
        "limits.declines_per_sweep - 25 + 10",
        "limits.wait - 24h + 90m",
        "protect - ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE - APPROVE_ALL_FEATURES",
        "rule come: added",
        "rule expired: effect - allow + decline",
        "rule gone: removed",
        "rule move: effect - accept + allow",
        "rule move: organizations + o-otherorgid1",
        "rule move: not_organizations - o-partner0002",
        "rule move: accounts - 222222222222 + (any)",
        "rule move: not_accounts - (none) + 333333333333",
        "rule move: notes.any + shop",
        "rule move: notes.none - gift card + (any)",
        "rule move: expires - 2027-01-01 + 2027-03-31",
    ]
    assert edits(OLD, OLD) == []


def test_leaving_is_an_edit_and_told_apart_where_nothing_comes_of_it() -> None:
    moves = Rule("moves", "accept", actions=("INVITE",), organizations=("o-exampleorgid",))
    leaves = replace(moves, leave_organization=True)
    described = review(Policy("enforce", rules=(moves,)), Policy("enforce", rules=(leaves,)), NOW)
    assert described.edits == (Edit("moves", "leave_organization", ("false",), ("true",)),)
    assert [(limit.name, limit.direction) for limit in described.limits] == [("leave_organization", "widening")]
    assert described.without_effect() == []
    never = Rule("never", "decline")
    idle = review(Policy("enforce", rules=(moves, never)), Policy("enforce", rules=(leaves, never)), NOW)
    assert idle.limits == ()
    assert idle.without_effect() == list(described.edits)


def test_an_edit_that_nothing_comes_of_is_told_apart() -> None:
    found = review(OLD, NEW, NOW)
    unfelt = found.without_effect()
    assert Edit("expired", "effect", ("allow",), ("decline",)) in unfelt
    assert not any(edit.rule == "move" for edit in unfelt)
    for change in found.changes:
        assert found.behind(change)
    text = ["".join(part if isinstance(part, str) else part[0] for part in line) for line in as_text(found)]
    assert "Edited, and nothing is answered differently by it:" in text
    assert "  rule expired: effect - allow + decline" in text


def test_one_policy_alone_has_nothing_to_review() -> None:
    found = review(NEW, NEW, NOW)
    assert (found.changes, found.limits, found.edits) == ((), (), ())


def assert_found(required: list[Rule], avoided: list[Rule], expected: str | None) -> None:
    """The search finds this witness, in short form; None for none."""
    found = find_witness(required, avoided)
    assert (in_yaml(shorten(found)) if found else None) == expected


def test_a_search_goes_through_what_rules_say_about_text() -> None:
    mail = Rule("mail", "allow", management_emails=("*@a.example", "*@b.example"))
    words = Rule("words", "allow", notes=Keywords(any=("chg", "crq"), all=("shop",), none=("gift",)))
    not_a = Rule("a", "decline", management_emails=("*@a.example",))
    no_shop = Rule("shop", "decline", notes=Keywords(all=("shop", "open")))
    no_chg = Rule("chg", "decline", notes=Keywords(any=("chg",)))
    assert_found([mail], [not_a], "{management_email: someone@b.example}")
    assert_found([words], [no_shop, no_chg], "{notes: crq shop}")
    assert_found([mail, words], [], "{management_email: someone@a.example, notes: chg shop}")
    assert_found([Rule("all", "allow", notes=Keywords(all=("shop",)))], [], "{notes: shop}")
    assert_found([mail], [not_a, Rule("b", "decline", management_emails=("*@b.example",))], None)
    assert_found([words], [Rule("x", "decline", notes=Keywords(any=("chg", "crq")))], None)
    assert_found([words], [Rule("x", "decline", notes=Keywords(none=("gift",)))], None)
    # To miss each of these rules takes text in the notes or the address, and not all of it goes together.
    either = Rule("either", "decline", notes=Keywords(none=("open", "closed")))
    both = Rule("both", "decline", notes=Keywords(any=("open",)))
    assert_found([Rule("any", "allow")], [either, both], "{notes: closed}")
    assert_found([Rule("any", "allow")], [either, both, Rule("c", "decline", notes=Keywords(any=("close",)))], None)
    mixed = Rule("mixed", "decline", management_emails=("*@a.example",), notes=Keywords(none=("gift",)))
    assert_found(
        [mail],
        [mixed, Rule("b", "decline", management_emails=("*@b.example",))],
        "{management_email: someone@a.example, notes: gift}",
    )


def test_actions_are_listed_where_there_are_several() -> None:
    old = Policy("enforce", rules=(ALLOW,))
    one = review(old, replace(old, rules=(replace(ALLOW, actions=("INVITE",)),)), NOW)
    several = review(old, replace(old, rules=()), NOW)
    assert one.changes[0].actions == ("TRANSFER_RESPONSIBILITY",)
    assert several.changes[0].actions == ("INVITE", "TRANSFER_RESPONSIBILITY")
    assert not any("these actions" in line for line in as_markdown(one))
    assert any("these actions" in line for line in as_markdown(several))
    assert len(list(as_text(several))) == len(list(as_text(one))) + 1
