"""The index of rules against the definition, and how seldom rules are searched with it."""

from datetime import timedelta
from fnmatch import fnmatchcase
from unittest.mock import Mock

import pytest
from hypothesis import given

from authoring.analysis import rule_index, text_index
from authoring.analysis.rule_index import RuleIndex
from authoring.analysis.rule_set import RuleSet, last_day
from authoring.analysis.witness import find_witness, match
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.index import select
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.strategies import NOW, examples, handshakes, policies


@examples(300)
@given(policies(), handshakes())
def test_the_index_agrees_with_the_definition(policy: Policy, handshake: Handshake) -> None:
    rules = RuleIndex(policy.rules)
    assert list(select(rules.rules, rules.matching(handshake))) == match(policy.rules, handshake)


def rules_of_one_keyword(count: int) -> RuleSet:
    """Rules about a keyword each; the last one is idle, since the first one covers it."""
    words = [*(f"word {number:04}" for number in range(count - 1)), "word 0000 and more"]
    rules = [Rule(f"r{number:04}", "decline", notes=Keywords(any=(word,))) for number, word in enumerate(words)]
    return RuleSet(Policy("audit", rules=tuple(rules)), NOW)


def test_of_many_rules_the_few_that_cover_one_are_found_by_few_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of_one_keyword(256)
    last = rules.rules[-1]
    search = Mock(wraps=rules.covers)
    monkeypatch.setattr(rules, "covers", search)
    assert rules.fewest(last, rules.all & ~rules.same_as(last)) == [rules.rules[0]]
    assert search.call_count < 20


def test_many_searches_share_one_index(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of_one_keyword(64)
    monkeypatch.setattr(rule_index, "index", None)
    assert [rules.covers(rules.all & ~rules.same_as(rule), rule) for rule in rules.rules] == [*[False] * 63, True]


def test_all_that_are_needed_for_a_cover_are_kept_the_earlier_of_two_that_are_alike_is_not() -> None:
    accounts = [f"{number:012}" for number in range(8)]
    named = [Rule(f"a{number}", "decline", accounts=(account,)) for number, account in enumerate(accounts)]
    twice = Rule("a0-again", "decline", accounts=("000000000000",))
    whole = Rule("whole", "allow", accounts=tuple(accounts))
    rules = RuleSet(Policy("audit", rules=(*named, twice, whole)), NOW)
    declining = rules.of_effect("decline")
    assert [rule.name for rule in rules.fewest(whole, declining)] == ["a0-again", *(rule.name for rule in named[1:])]


def test_the_rules_that_are_active_on_a_day_are_those_that_have_not_expired() -> None:
    days = [NOW.date() + timedelta(days=days) for days in (3, 1, 2, 1)]
    ending = [Rule(f"r{number}", "allow", expires=day) for number, day in enumerate(days)]
    rules = RuleSet(Policy("audit", rules=(*ending, Rule("r9", "allow"))), NOW)
    for later in range(5):
        day = NOW.date() + timedelta(days=later)
        active = [rule for rule in rules.rules if rule.expires is None or day < rule.expires]
        assert list(rules.choose(rules.active_on(day))) == active


def test_rules_are_not_compared_with_the_calendar_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = [Rule(f"r{n}", "allow", expires=NOW.date() + timedelta(days=n)) for n in range(1, 200)]
    rules = RuleSet(Policy("audit", rules=tuple(ending)), NOW)
    monkeypatch.setattr(rules, "rules", None)
    assert len({rules.active_on(last_day(rule)) for rule in ending}) == len(ending)


@examples(200)
@given(policies())
def test_rules_that_overlap_for_sure_match_a_handshake_together(policy: Policy) -> None:
    rules = RuleSet(policy, NOW)
    for rule in rules.rules:
        surely = list(rules.choose(rules.surely_overlapping(rule)))
        assert all(find_witness([rule, other], []) for other in surely)


def test_rules_overlap_for_sure_only_where_neither_excludes_anything() -> None:
    others = {
        "same account": Rule("same account", "allow", accounts=("000000000001", "000000000002")),
        "other account": Rule("other account", "allow", accounts=("000000000002",)),
        "no account": Rule("no account", "allow", notes=Keywords(any=("gift",), all=("card",))),
        "excluded": Rule("excluded", "allow", not_actions=("INVITE",)),
        "without": Rule("without", "allow", notes=Keywords(none=("gift",))),
    }
    one = Rule("one", "decline", accounts=("000000000001",))
    rules = RuleSet(Policy("audit", rules=(*others.values(), one)), NOW)
    names = {rule.name for rule in rules.choose(rules.surely_overlapping(one))}
    assert names == {"one", "same account", "no account"}
    assert rules.surely_overlapping(others["excluded"]) == rules.surely_overlapping(others["without"]) == 0
    assert {rule.name for rule in rules.choose(rules.overlapping(one))} == {*others, "one"} - {"other account"}


def test_a_text_is_compared_only_with_what_it_contains_a_part_of(monkeypatch: pytest.MonkeyPatch) -> None:
    globs = [f"*@team{number}.example" for number in range(1000)]
    rules = RuleIndex([Rule(glob, "allow", management_emails=(glob, "?oe@*")) for glob in globs])
    compare = Mock(wraps=fnmatchcase)
    monkeypatch.setattr(text_index, "fnmatchcase", compare)
    handshake = Handshake("h-1", "000000000001", "INVITE", "OPEN", emails=("Ann@Team7.example",))
    assert [rule.name for rule in select(rules.rules, rules.matching(handshake))] == [globs[7]]
    assert compare.call_count == 1
