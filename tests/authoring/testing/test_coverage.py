"""The coverage of a policy by its tests: rules that decide, and conditions that are seen failing alone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.language.short_form import ShortForm, read_short_form
from authoring.testing.coverage import SENDER, Coverage, RuleCoverage, conditions_of, measure
from authoring.testing.running import Expected, PolicyTestCase, Result
from invitation_responder.core.decision import Decider, decide_reference
from invitation_responder.core.handshake import Handshake, read_handshake
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.strategies import NOW, RECEIVER, examples, policies, raw_handshakes

ALL = Rule(
    "all",
    "allow",
    actions=("INVITE",),
    organizations=("o-exampleorgid",),
    management_accounts=("111111111111",),
    management_emails=("*@example.com",),
    accounts=(RECEIVER,),
    notes=Keywords(any=("chg-",), all=("onboarding",), none=("gift card",)),
    expires=date(2027, 1, 1),
)
MATCHING = {
    "organization": "o-exampleorgid",
    "management_account": "111111111111",
    "management_email": "cloud@example.com",
    "account": RECEIVER,
    "notes": "CHG-1 onboarding",
}


def short(**fields: str) -> Handshake:
    """A handshake that the rule matches, except for these fields."""
    return read_short_form(ShortForm.model_validate({**MATCHING, **fields}))


def results(policy: Policy, handshakes: Iterable[Handshake]) -> list[Result]:
    """The results of some handshakes; every expectation is wrong."""
    decider = Decider(policy)
    cases = [PolicyTestCase("t.yaml", 1, 1, "a", None, handshake, Expected("undecided")) for handshake in handshakes]
    return [Result(case, NOW, decider.decide(case.handshake, NOW), 0) for case in cases]


def covered(rule: Rule, *handshakes: Handshake) -> list[str]:
    """The covered parts of a policy with a single rule."""
    policy = Policy(mode="audit", rules=(rule,))
    (coverage,) = measure(policy, results(policy, handshakes)).rules
    return ["decides"] * coverage.decides + [name for name, is_shown in coverage.conditions.items() if is_shown]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, ["decides"], id="a handshake that matches shows the rule deciding"),
        pytest.param({"action": "TRANSFER_RESPONSIBILITY"}, ["actions"], id="another action"),
        pytest.param({"organization": "o-stranger0001"}, ["organizations"], id="another organization"),
        pytest.param({"management_account": "999999999999"}, ["management_accounts"], id="another management account"),
        pytest.param(
            {"organization": "o-stranger0001", "management_account": "999999999999"},
            ["organizations", "management_accounts"],
            id="another sender shows both, since they fail together",
        ),
        pytest.param({"management_email": "a@b"}, ["management_emails"], id="another address"),
        pytest.param({"account": "333333333333"}, ["accounts"], id="another receiver"),
        pytest.param({"notes": "onboarding"}, ["notes.any"], id="notes without any"),
        pytest.param({"notes": "CHG-1"}, ["notes.all"], id="notes without all"),
        pytest.param({"notes": "CHG-1 onboarding Gift  Card"}, ["notes.none"], id="notes with what they must not have"),
        pytest.param({"notes": ""}, [], id="two that fail together show neither"),
        pytest.param(
            {"organization": "o-stranger0001", "account": "333333333333"}, [], id="nor do a sender and a receiver"
        ),
    ],
)
def test_what_one_case_shows(fields: dict[str, str], expected: list[str]) -> None:
    assert covered(ALL, short(**fields)) == expected


OTHERS = Rule(
    "others",
    "allow",
    not_actions=("TRANSFER_RESPONSIBILITY",),
    not_organizations=("o-stranger0001",),
    not_management_accounts=("999999999999",),
    not_accounts=("333333333333",),
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, ["decides"], id="what is not excluded shows the rule deciding"),
        pytest.param({"action": "TRANSFER_RESPONSIBILITY"}, ["not_actions"], id="an excluded action"),
        pytest.param({"organization": "o-stranger0001"}, ["not_organizations"], id="an excluded organization"),
        pytest.param(
            {"organization": "o-stranger0001", "management_account": "999999999999"},
            ["not_organizations", "not_management_accounts"],
            id="an excluded sender shows both, since they fail together",
        ),
        pytest.param({"account": "333333333333"}, ["not_accounts"], id="an excluded receiver"),
        pytest.param(
            {"account": "333333333333", "action": "TRANSFER_RESPONSIBILITY"}, [], id="two that fail together show none"
        ),
    ],
)
def test_what_one_case_shows_of_exclusions(fields: dict[str, str], expected: list[str]) -> None:
    assert list(conditions_of(OTHERS)) == [
        *("not_actions", "not_organizations", "not_management_accounts", "not_accounts")
    ]
    assert covered(OTHERS, short(**fields)) == expected


def test_an_expired_rule_shows_its_expiry() -> None:
    assert covered(replace(ALL, expires=date(2026, 11, 22)), short()) == ["expires"]


def test_what_can_not_be_judged_shows_nothing() -> None:
    assert (
        covered(Rule("a", "allow", organizations=("o-exampleorgid",)), Handshake("h", RECEIVER, problems=("x",))) == []
    )


def test_a_rule_that_a_stricter_one_overrules_does_not_decide() -> None:
    policy = Policy(mode="audit", rules=(Rule("a", "allow"), Rule("b", "decline")))
    assert measure(policy, results(policy, [short()])).uncovered == ("rule a: decides in no case",)


def test_only_conditions_that_are_named_count() -> None:
    assert list(conditions_of(Rule("a", "allow"))) == []
    assert list(conditions_of(Rule("a", "allow", notes=Keywords(none=("x",))))) == ["notes.none"]
    assert list(conditions_of(ALL)) == [
        *("actions", "organizations", "management_accounts", "management_emails", "accounts"),
        *("notes.any", "notes.all", "notes.none", "expires"),
    ]


def test_coverage_in_words() -> None:
    coverage = Coverage(
        (
            RuleCoverage("a", decides=True, conditions={"actions": True, "notes.any": False}),
            RuleCoverage("b", decides=False, conditions={"expires": False}),
            RuleCoverage("c", decides=True, conditions={}),
        )
    )
    assert str(coverage) == "2 of 3 rules decide in a case, 1 of 3 conditions are shown failing"
    assert coverage.uncovered == (
        "rule a: no case shows notes.any failing",
        "rule b: decides in no case",
        "rule b: no case shows expires failing",
    )


def without(rule: Rule, conditions: Iterable[str]) -> Rule:
    """The rule without some of its conditions."""
    for condition in conditions:
        name, _, part = condition.partition(".")
        left: dict[str, Any] = {name: replace(rule.notes, **{part: ()}) if part and rule.notes else None}
        rule = replace(rule, **left)
    return rule


handshakes = st.lists(raw_handshakes().map(lambda raw: read_handshake(raw, RECEIVER)), max_size=5)


near = st.fixed_dictionaries(
    {},
    optional={
        "action": st.just("TRANSFER_RESPONSIBILITY"),
        "organization": st.just("o-stranger0001"),
        "management_account": st.just("999999999999"),
        "management_email": st.just("mallory@evil.example"),
        "account": st.just("333333333333"),
        "notes": st.sampled_from(["", "CHG-1", "onboarding", "CHG-1 onboarding gift card"]),
    },
).map(lambda fields: short(**fields))


@given(
    st.sampled_from([ALL, OTHERS]).flatmap(
        lambda rule: st.tuples(st.just(rule), st.sets(st.sampled_from(list(conditions_of(rule)))))
    ),
    st.lists(near, max_size=5),
)
def test_removing_what_is_shown_failing_makes_the_rule_match_more(
    rule_and_removed: tuple[Rule, set[str]], some: list[Handshake]
) -> None:
    def matched(rule: Rule) -> int:
        policy = Policy(mode="audit", rules=(rule,))
        return sum(bool(decide_reference(policy, one, NOW).rules) for one in some)

    rule = without(*rule_and_removed)
    printed = set(covered(rule, *some)) - {"decides"}
    for condition in conditions_of(rule):
        together = SENDER.intersection(conditions_of(rule)) if condition in SENDER else {condition}
        gain = matched(without(rule, together)) - matched(rule)
        # One of the sender's two conditions may account for the gain alone.
        assert bool(gain) == bool(printed & together)


@examples(300)
@given(policies(), handshakes, handshakes)
def test_more_cases_never_show_less(policy: Policy, some: list[Handshake], more: list[Handshake]) -> None:
    before = set(measure(policy, results(policy, some)).uncovered)
    assert set(measure(policy, results(policy, [*some, *more])).uncovered) <= before
