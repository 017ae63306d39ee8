"""Mode, wait and cap against sweeps: the plans for one handshake or several."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.analysis.review import review
from authoring.analysis.settings_diff import compare_settings
from authoring.language.short_form import ShortForm, read_short_form
from invitation_responder.core.decision import Decision
from invitation_responder.core.plan import plan
from invitation_responder.core.policy import Effect, Keywords, Policy, Rule
from support.strategies import examples
from support.universe import NOW, PAIRS, decisions, effect, matches

HOURS = timedelta(hours=1)
SETTINGS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["audit", "enforce"]),
        "wait": st.sampled_from([timedelta(), HOURS, 2 * HOURS]),
        "declines_per_sweep": st.sampled_from([0, 1, 2]),
    }
)


def outcomes(policy: Policy, action: str, effect: Effect) -> Iterator[list[tuple[str | None, str | None, str]]]:
    """The plans of sweeps for handshakes with a decision: of every age, and for one to three at a time."""
    handshake = read_short_form(ShortForm.model_validate({"action": action}))
    for age in (None, timedelta(), HOURS, 2 * HOURS):
        for count in (1, 2, 3):
            requested = None if age is None else NOW - age
            pending = [(replace(handshake, requested_at=requested), Decision(effect, "")) for _ in range(count)]
            steps = plan(pending, policy, NOW, invitations=count if effect == "accept" else 0)
            yield [(step.intent, step.outcome, step.decision.effect) for step in steps]


@examples(400)
@given(PAIRS, SETTINGS, SETTINGS)
def test_a_review_is_empty_if_and_only_if_every_sweep_does_the_same(
    pair: tuple[Policy, Policy], before: dict[str, object], after: dict[str, object]
) -> None:
    old, new = replace(pair[0], **before), replace(pair[1], **after)  # type: ignore[arg-type]
    differs = any(
        list(outcomes(old, action, was)) != list(outcomes(new, action, now)) for action, was, now in decisions(old, new)
    )
    found = review(old, new, NOW)
    assert bool(found.changes or found.limits) is differs
    assert bool(found.count("widening") + found.count("narrowing")) is differs


@st.composite
def with_leaving(draw: st.DrawFn) -> tuple[Policy, ...]:
    """Two policies with accept rules for invitations alone, some of which let accounts leave their organization."""
    return tuple(
        replace(
            policy,
            rules=tuple(
                replace(rule, actions=("INVITE",), leave_organization=draw(st.booleans()))
                if rule.effect == "accept"
                else rule
                for rule in policy.rules
            ),
        )
        for policy in draw(PAIRS)
    )


@examples(400)
@given(with_leaving())
def test_leaving_is_told_if_and_only_if_something_accepted_by_both_leaves_by_one(pair: tuple[Policy, ...]) -> None:
    old, new = pair
    leaves = {
        tuple(
            any(rule.leave_organization and rule in policy.rules for rule in matching if rule.effect == "accept")
            for policy in pair
        )
        for action, matching in matches((*old.rules, *new.rules))
        if {effect(old, matching, action), effect(new, matching, action)} == {"accept"}
    }
    described = [limit for limit in compare_settings(old, new, NOW) if limit.name == "leave_organization"]
    assert {limit.direction for limit in described} == {
        direction for direction, pair in (("widening", (False, True)), ("narrowing", (True, False))) if pair in leaves
    }


POLICY = Policy("enforce", rules=(Rule("moves", "accept", organizations=("o-exampleorgid",)),))
LENIENT = Policy("enforce", default="allow")
STAYING = Rule("moves", "accept", actions=("INVITE",), organizations=("o-exampleorgid",))
LEAVING = replace(POLICY, rules=(replace(STAYING, leave_organization=True),))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(POLICY, POLICY, [], id="nothing"),
        pytest.param(
            replace(POLICY, mode="audit"),
            POLICY,
            ["mode audit enforce narrowing", "mode audit enforce widening"],
            id="to enforce what declines and accepts is both",
        ),
        pytest.param(
            POLICY,
            replace(POLICY, mode="audit"),
            ["mode enforce audit widening", "mode enforce audit narrowing"],
            id="and so is to stop it",
        ),
        pytest.param(
            replace(POLICY, mode="audit"),
            replace(POLICY, declines_per_sweep=1),
            ["mode audit enforce narrowing", "mode audit enforce widening"],
            id="what begins to be counted is told of the mode",
        ),
        pytest.param(replace(POLICY, wait=HOURS), POLICY, ["wait 1h 0h narrowing"], id="a shorter wait narrows"),
        pytest.param(
            POLICY, replace(POLICY, wait=timedelta(days=2)), ["wait 0h 2d widening"], id="a longer wait widens"
        ),
        pytest.param(
            POLICY,
            replace(POLICY, declines_per_sweep=1),
            ["declines_per_sweep 25 1 widening"],
            id="fewer declines widen",
        ),
        pytest.param(
            replace(POLICY, mode="audit"),
            replace(POLICY, mode="audit", declines_per_sweep=1),
            [],
            id="in audit mode nobody counts declines",
        ),
        pytest.param(LENIENT, replace(LENIENT, wait=HOURS), [], id="a wait where nothing is declined is no change"),
        pytest.param(LENIENT, replace(LENIENT, declines_per_sweep=1), [], id="nor is how much of it"),
        pytest.param(
            replace(LENIENT, rules=(Rule("a", "decline", organizations=("o-exampleorgid",)),)),
            replace(
                LENIENT,
                wait=HOURS,
                rules=(
                    Rule("a", "decline", organizations=("o-otherorgid1",)),
                    Rule("b", "decline", accounts=("111111111111",), organizations=("o-exampleorgid",)),
                    Rule("c", "decline", organizations=("o-exampleorgid",), notes=Keywords(any=("a",), none=("a",))),
                ),
            ),
            ["wait 0h 1h widening"],
            id="a wait of what other rules declined before",
        ),
        pytest.param(
            replace(LENIENT, rules=(Rule("a", "decline", notes=Keywords(any=("a",), none=("a",))),)),
            replace(LENIENT, wait=HOURS, rules=(Rule("a", "decline"),)),
            [],
            id="a wait of what was not declined before",
        ),
        pytest.param(POLICY, LEAVING, ["leave_organization false true widening"], id="to leave widens"),
        pytest.param(LEAVING, POLICY, ["leave_organization true false narrowing"], id="not to leave any more narrows"),
        pytest.param(
            LEAVING,
            replace(LEAVING, rules=(replace(LEAVING.rules[0], name="goes"),)),
            [],
            id="who leaves by another name leaves all the same",
        ),
        pytest.param(
            replace(LEAVING, rules=(replace(LEAVING.rules[0], expires=date(2027, 1, 1)), replace(STAYING, name="b"))),
            replace(LEAVING, rules=(LEAVING.rules[0], replace(STAYING, name="b"))),
            ["leave_organization false true widening"],
            id="to leave for longer widens",
        ),
        pytest.param(LENIENT, replace(LENIENT, mode="audit"), [], id="nor is a mode where nothing is answered"),
    ],
)
def test_a_change_of_a_limit(old: Policy, new: Policy, expected: list[str]) -> None:
    found = compare_settings(old, new, NOW)
    assert [f"{limit.name} {limit.old} {limit.new} {limit.direction}" for limit in found] == expected
