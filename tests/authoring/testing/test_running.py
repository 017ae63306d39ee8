"""Cases and a policy in, results out: the sentence about a decision that is not the expected one."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.language.short_form import SOME_ACCOUNT
from authoring.replay.known_handshake import as_listed
from authoring.testing.running import Expected, PolicyTestCase, run_cases
from invitation_responder.core.decision import Decider, Decision, decide_reference
from invitation_responder.core.handshake import Handshake, read_handshake
from invitation_responder.core.policy import Policy, Rule
from support.embedded import invitation
from support.strategies import NOW, RECEIVER, examples, policies, raw_handshakes

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


def case(handshake: Handshake, expected: Expected, at: datetime | None = None, name: str = "a") -> PolicyTestCase:
    """A case at some place in a file."""
    return PolicyTestCase("t.yaml", 3, 5, name, at, handshake, expected)


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
    diagnose = str(case(Handshake("h-00000001", RECEIVER), Expected("allow"), name="a\nb\u202e`"))
    assert diagnose == "t.yaml:3:5: a\\nb\\u202e\\x60"


@examples(300)
@given(policies(), raw_handshakes(), st.sampled_from(["decline", "allow", "accept", "undecided"]))
def test_a_case_passes_where_it_expects_what_the_policy_says(policy: Policy, raw: dict[str, Any], effect: Any) -> None:
    handshake = read_handshake(raw, RECEIVER)
    decided = decide_reference(policy, handshake, NOW)
    cases = [
        case(handshake, Expected(decided.effect, tuple(reversed(decided.rules)), decided.reason)),
        case(handshake, Expected(effect)),
        case(handshake, Expected(decided.effect, (*decided.rules, "another"))),
    ]
    results = run_cases(cases, Decider(policy), NOW, lambda: 0)
    assert [result.has_passed for result in results] == [True, decided.effect == effect, False]


TRANSFER = json.loads((Path(__file__).parents[1] / "replay/inputs/transfer-nested.json").read_bytes())["Handshakes"][0]
RESELLER = Rule("reseller", "allow", organizations=("o-reseller001",))
MINE = Rule("mine", "decline", accounts=(RECEIVER,))
WHICH = "it depends on which account received it (name it: `account` beside `handshake`): "


@pytest.mark.parametrize(
    ("raw", "rules", "expected", "difference"),
    [
        pytest.param(
            TRANSFER,
            (RESELLER,),
            Expected("undecided"),
            f"{WHICH}allow by rule reseller or undecided (it can't be judged: its Arn and its Resources name different "
            "management accounts, unless 222222222222 received it)",
            id="the receiver's own bill, or somebody else's",
        ),
        pytest.param(invitation(), (RESELLER,), Expected("decline"), None, id="decided alike for everybody"),
        pytest.param(
            invitation(),
            (RESELLER,),
            Expected("allow"),
            "expected allow, got decline: no rule",
            id="wrong for everybody",
        ),
        pytest.param(invitation(), (MINE,), Expected("decline"), None, id="the same effect for everybody"),
        pytest.param(
            invitation(),
            (MINE,),
            Expected("decline", ()),
            f"{WHICH}decline by rule mine or decline where no rule matches",
            id="other rules for some",
        ),
    ],
)
def test_what_depends_on_a_receiver_that_is_not_named_is_told(
    raw: dict[str, Any], rules: tuple[Rule, ...], expected: Expected, difference: str | None
) -> None:
    unaddressed = replace(case(read_handshake(raw, SOME_ACCOUNT), expected), unaddressed=as_listed(raw, ""))
    (result,) = run_cases([unaddressed], Decider(Policy(mode="enforce", rules=rules)), NOW, lambda: 0)
    assert (result.difference or "").startswith(difference or "")
    assert result.has_passed == (difference is None)
