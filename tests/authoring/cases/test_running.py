"""Cases and a policy in, results out: what is told where a decision is not as expected."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.cases.running import Case, Expected, run_cases
from invitation_responder.decision import Decider, Decision, decide_plainly
from invitation_responder.handshake import Handshake, read_handshake
from invitation_responder.policy import Policy, Rule
from strategies import NOW, RECEIVER, policies, raw_handshakes

DECLINED = Decision("decline", "rules a and b decline INVITE from organization o-x", ("a", "b"))
UNMATCHED = Decision("allow", "no rule matches INVITE, and the default is allow")


@pytest.mark.parametrize(
    ("expected", "decision", "difference"),
    [
        pytest.param(Expected("decline"), DECLINED, None, id="the effect alone"),
        pytest.param(Expected("decline", ("b", "a"), "o-x"), DECLINED, None, id="all of it, the rules in any order"),
        pytest.param(Expected("allow", ()), UNMATCHED, None, id="no rule"),
        pytest.param(
            Expected("allow", ("a",)),
            DECLINED,
            "expected allow by rule a, got decline: rules a and b decline INVITE from organization o-x",
            id="another effect",
        ),
        pytest.param(
            Expected("decline", ("a",)),
            DECLINED,
            "expected decline by rule a, got decline: rules a and b decline INVITE from organization o-x",
            id="fewer rules than decide",
        ),
        pytest.param(
            Expected("decline", ("a", "b", "c")),
            DECLINED,
            "expected decline by rules a, b and c, got decline: rules a and b decline INVITE from organization o-x",
            id="more rules than decide",
        ),
        pytest.param(
            Expected("decline", ()),
            DECLINED,
            "expected decline by no rule, got decline: rules a and b decline INVITE from organization o-x",
            id="rules where none is expected",
        ),
        pytest.param(
            Expected("undecided"),
            UNMATCHED,
            "expected undecided, got allow: no rule matches INVITE, and the default is allow",
            id="judged, where that is not expected",
        ),
        pytest.param(
            Expected("allow", None, "prot\x1bected"),
            UNMATCHED,
            "expected a reason with `prot\\x1bected`, got: no rule matches INVITE, and the default is allow",
            id="another reason, which is shown as safely as all that users write",
        ),
    ],
)
def test_a_difference_in_words(expected: Expected, decision: Decision, difference: str | None) -> None:
    assert expected.difference(decision) == difference


def case(handshake: Handshake, expected: Expected, at: datetime | None = None, name: str = "a") -> Case:
    """A case somewhere."""
    return Case("t.yaml", 3, 5, name, at, handshake, expected)


def test_each_case_is_judged_at_its_time_or_now() -> None:
    policy = Policy(mode="audit", rules=(Rule("a", "allow", expires=date(2027, 1, 1)),))
    handshake = Handshake("h-00000001", RECEIVER, "INVITE")
    later = datetime(2027, 1, 1, tzinfo=UTC)
    cases = [case(handshake, Expected("allow")), case(handshake, Expected("decline"), later)]
    ticks = count(step=2)

    results = run_cases(cases, Decider(policy), NOW, lambda: next(ticks))

    assert [(result.at, result.decision.effect, result.has_passed) for result in results] == [
        (NOW, "allow", True),
        (later, "decline", True),
    ]
    assert [result.seconds for result in results] == [2, 2]


def test_a_case_as_one_line_hides_nothing() -> None:
    told = str(case(Handshake("h-00000001", RECEIVER), Expected("allow"), name="a\nb\u202e`"))
    assert told == "t.yaml:3:5: a\\nb\\u202e\\x60"


@settings(max_examples=300)
@given(policies(), raw_handshakes(), st.sampled_from(["decline", "allow", "accept", "undecided"]))
def test_a_case_passes_where_it_expects_what_the_policy_says(policy: Policy, raw: dict[str, Any], effect: Any) -> None:
    handshake = read_handshake(raw, RECEIVER)
    said = decide_plainly(policy, handshake, NOW)
    cases = [
        case(handshake, Expected(said.effect, tuple(reversed(said.rules)), said.reason)),
        case(handshake, Expected(effect)),
        case(handshake, Expected(said.effect, (*said.rules, "another"))),
    ]
    results = run_cases(cases, Decider(policy), NOW, lambda: 0)
    assert [result.has_passed for result in results] == [True, said.effect == effect, False]
