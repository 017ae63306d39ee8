"""Partial decisions about a handshake that is only partly known, and when those of two policies are alike."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.replay.comparison import Comparison, summarize
from authoring.replay.known_handshake import KnownHandshake, as_listed, read_record
from authoring.replay.partial_decision import PartialDecider, PartialDecision
from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import Handshake, read_handshake
from invitation_responder.core.plan import plan
from invitation_responder.core.policy import Keywords, Policy, Rule
from invitation_responder.core.record import make_record, sender_text_of
from support.embedded import invitation
from support.strategies import NOW, RECEIVER, examples, handshakes, policies, raw_handshakes

HANDSHAKE = read_handshake(invitation(), RECEIVER)
BASE = "INVITE from organization o-stranger0001 (management account 999999999999)"


def truth(policy: Policy, handshake: Handshake) -> Decision:
    """The decision of a sweep, which knows the handshake whole."""
    (step,) = plan([(handshake, Decider(policy).decide(handshake, NOW))], policy, NOW, invitations=1)
    return step.decision


def case_of(handshake: Handshake, policy: Policy, *, has_text: bool = False, **members: Any) -> KnownHandshake:
    """The handshake as known from the record of a decision by this policy."""
    record = make_record(handshake, truth(policy, handshake), policy, outcome="left", state="OPEN").as_dict()
    text = {"sender_text": sender_text_of(handshake)} if has_text else {}
    return read_record({**record, **text, **members})


@st.composite
def recorded(draw: st.DrawFn) -> tuple[Handshake, KnownHandshake]:
    """A handshake, and the same as known from a record: with and without time, sender text and receiver."""
    handshake = draw(handshakes())
    if draw(st.booleans()):
        handshake = replace(handshake, requested_at=None)
    members: dict[str, Any] = {} if draw(st.booleans()) else {"receiver": None}
    return handshake, case_of(handshake, draw(policies()), has_text=draw(st.booleans()), **members)


@examples(300)
@given(recorded(), policies())
def test_the_true_decision_is_always_possible_and_where_only_one_is_that_is_it(
    drawn: tuple[Handshake, KnownHandshake], policy: Policy
) -> None:
    handshake, known = drawn
    if known.was and known.was.effect == "undecided":
        return  # undecided under every policy: see below
    partial = PartialDecider(policy).decide(known, NOW)
    decided = truth(policy, handshake)
    assert decided.effect in partial.effects
    assert len(partial.effects) == len(partial.decisions)
    assert known.unknown or partial.decisions == (decided,)


@examples(300)
@given(recorded(), policies(), policies())
def test_what_is_alike_is_alike_and_what_differs_differs(
    drawn: tuple[Handshake, KnownHandshake], one: Policy, other: Policy
) -> None:
    handshake, known = drawn
    if known.was and known.was.effect == "undecided":
        return
    before, now = PartialDecider(one).decide(known, NOW), PartialDecider(other).decide(known, NOW)
    is_same = truth(one, handshake).effect == truth(other, handshake).effect
    verdict = Comparison(known, NOW, before, now).verdict
    assert verdict == "depends" or (verdict == "alike") == is_same


@examples(300)
@given(recorded(), policies())
def test_a_policy_is_never_compared_with_itself_in_vain(
    drawn: tuple[Handshake, KnownHandshake], policy: Policy
) -> None:
    partial = PartialDecider(policy).decide(drawn[1], NOW)
    assert Comparison(drawn[1], NOW, partial, PartialDecider(policy).decide(drawn[1], NOW)).verdict == "alike"


@examples(300)
@given(handshakes(), policies())
def test_what_a_policy_decided_itself_is_known(handshake: Handshake, policy: Policy) -> None:
    known = case_of(handshake, policy, updated_at="2026-11-22T12:00:00Z")
    assert PartialDecider(policy).decide(known, NOW).effects == {truth(policy, handshake).effect}


NAMED = ("111111111111", "999999999999", RECEIVER)
ELSEWHERE = "000000000000"


@st.composite
def listed_for_nobody(draw: st.DrawFn) -> dict[str, Any]:
    """A listed handshake without its receiver; the Resources may name a management account, or several."""
    raw = draw(raw_handshakes())
    if draw(st.booleans()):
        del raw["RequestedTimestamp"]
    for account in draw(st.lists(st.sampled_from((*NAMED, "333333333333", "nobody")), max_size=2)):
        raw["Resources"].append({"Type": "MANAGEMENT_ACCOUNT", "Value": account})
    return raw


def all_truths(policy: Policy, raw: dict[str, Any]) -> dict[str, str]:
    """The effects that sweeps decide for every account that can make a difference, and for one more."""
    receivers = (*NAMED, "333333333333", ELSEWHERE)
    return {receiver: truth(policy, read_handshake(raw, receiver)).effect for receiver in receivers}


@examples(400)
@given(listed_for_nobody(), policies())
def test_what_is_possible_is_exactly_what_some_receivers_sweep_decides(raw: dict[str, Any], policy: Policy) -> None:
    partial = PartialDecider(policy).decide(as_listed(raw, "", NOW), NOW)
    truths = all_truths(policy, raw)
    assert partial.effects == set(truths.values())
    assert len(partial.effects) == len(partial.decisions)
    assert ("which account received it" in partial.depends_on) == (len(partial.effects) > 1)


@examples(400)
@given(listed_for_nobody(), policies(), policies())
def test_policies_are_called_alike_only_if_they_decide_alike_for_every_receiver(
    raw: dict[str, Any], one: Policy, other: Policy
) -> None:
    known = as_listed(raw, "", NOW)
    verdict = Comparison(
        known, NOW, PartialDecider(one).decide(known, NOW), PartialDecider(other).decide(known, NOW)
    ).verdict
    before, now = all_truths(one, raw), all_truths(other, raw)
    assert (verdict == "alike") == (before == now)
    assert verdict != "differently" or all(before[account] != now[account] for account in before)


TRANSFER = json.loads((Path(__file__).parent / "inputs/transfer-nested.json").read_bytes())["Handshakes"][0]
RESELLER = Rule("reseller", "allow", organizations=("o-reseller001",))


def test_the_bill_of_a_receiver_that_is_not_known_depends_on_who_that_is() -> None:
    assert read_handshake(TRANSFER, RECEIVER).problems == ()
    known = as_listed(TRANSFER, "", NOW)
    allowing, declining = Policy(mode="enforce", rules=(RESELLER,)), Policy(mode="enforce")
    partial = PartialDecider(allowing).decide(known, NOW)
    assert partial.reason == (
        "it depends on which account received it: allow by rule reseller or undecided (it can't be judged: its Arn and "
        "its Resources name different management accounts, unless 222222222222 received it)"
    )
    before = PartialDecider(declining).decide(known, NOW)
    assert Comparison(known, NOW, before, partial).verdict == "depends"
    assert (
        Comparison(known, NOW, partial, PartialDecider(replace(allowing, mode="audit")).decide(known, NOW)).verdict
        == "alike"
    )


def test_what_nobody_could_judge_is_undecided_for_what_is_certain() -> None:
    known = as_listed({**TRANSFER, "State": "PAUSED"}, "", NOW)
    (decision,) = PartialDecider(Policy(mode="enforce")).decide(known, NOW).decisions
    assert decision.reason == "it can't be judged: its State PAUSED is not one that this program knows"
    assert known.lacks_receiver
    nobody = as_listed({**TRANSFER, "Arn": None}, "", NOW)
    assert PartialDecider(Policy(mode="enforce")).decide(nobody, NOW).effects == {"undecided"}


def test_rules_for_many_accounts_are_summed_up() -> None:
    rules = tuple(Rule(f"r{number}", "accept", accounts=(f"{number:012}",)) for number in range(9))
    partial = PartialDecider(Policy(mode="audit", rules=rules)).decide(as_listed(invitation(), "", NOW), NOW)
    assert partial.reason == (
        "it depends on which account received it: "
        "accept by rules r0, r1, r2 and 6 more or decline where no rule matches"
    )
    assert partial.decisions[0].reason.endswith(f"rule r2 accepts {BASE}; or 6 more")


GIFTS = Rule("gifts", "decline", notes=Keywords(any=("gift",)))
FRIENDS = Rule("friends", "accept", management_emails=("*@example.com",))
STRANGERS = Rule("strangers", "allow", organizations=("o-stranger0001",))
SOME_NOTES = Rule("some-notes", "allow", notes=Keywords())
OTHERS = Rule("others", "decline", organizations=("o-exampleorgid",), notes=Keywords(any=("gift",)))


@pytest.mark.parametrize(
    ("rules", "effects", "reason"),
    [
        pytest.param((STRANGERS,), ["allow"], f"rule strangers allows {BASE}", id="no rule asks for text"),
        pytest.param(
            (STRANGERS, GIFTS),
            ["decline", "allow"],
            "it depends on what its sender wrote: decline by rule gifts or allow by rule strangers",
            id="a stricter rule asks for it",
        ),
        pytest.param((STRANGERS, FRIENDS), ["allow"], f"rule strangers allows {BASE}", id="a laxer rule asks for it"),
        pytest.param(
            (FRIENDS,),
            ["accept", "decline"],
            "it depends on what its sender wrote: accept by rule friends or decline where no rule matches",
            id="without any certain match a laxer rule counts too",
        ),
        pytest.param(
            (GIFTS,),
            ["decline"],
            f"no rule matches {BASE}, and the default is decline; or rule gifts declines {BASE}",
            id="the default says the same",
        ),
        pytest.param((SOME_NOTES,), ["allow"], f"rule some-notes allows {BASE}", id="keywords that ask for nothing"),
        pytest.param(
            (OTHERS,), ["decline"], f"no rule matches {BASE}, and the default is decline", id="a rule about others"
        ),
        pytest.param(
            tuple(replace(FRIENDS, name=f"f{number}") for number in range(5)),
            ["accept", "decline"],
            "it depends on what its sender wrote: accept by rules f0, f1, f2 and 2 more "
            "or decline where no rule matches",
            id="many rules",
        ),
    ],
)
def test_every_possible_effect_is_named_with_its_rules(
    rules: tuple[Rule, ...], effects: list[str], reason: str
) -> None:
    partial = PartialDecider(Policy(mode="audit", rules=rules)).decide(case_of(HANDSHAKE, Policy(mode="enforce")), NOW)
    assert [decision.effect for decision in partial.decisions] == effects
    assert partial.reason == reason


def test_notes_alone_may_be_known() -> None:
    text = {"emails": ["x"] * 10, "notes": "a gift"}
    known = case_of(HANDSHAKE, Policy(mode="enforce"), sender_text=text)
    policy = Policy(mode="audit", rules=(GIFTS, replace(STRANGERS, notes=Keywords(any=("gift",)))))
    assert PartialDecider(policy).decide(known, NOW).decisions == (
        Decision("decline", f"rule gifts declines {BASE}", ("gifts",)),
    )
    assert PartialDecider(Policy(mode="audit", rules=(FRIENDS,))).decide(known, NOW).effects == {"accept", "decline"}


def test_an_unknown_receiver_is_something_else_to_depend_on() -> None:
    known = as_listed(invitation(), "", NOW)
    mine = Rule("mine", "allow", accounts=(RECEIVER,), notes=Keywords(any=("gift",)))
    partial = PartialDecider(Policy(mode="audit", rules=(mine,))).decide(known, NOW)
    assert partial.reason == (
        "it depends on which account received it: allow by rule mine or decline where no rule matches"
    )
    other = PartialDecider(Policy(mode="audit", rules=(mine,))).decide(
        case_of(HANDSHAKE, Policy("audit"), receiver=None), NOW
    )
    assert other.depends_on == "what its sender wrote and on which account received it"


def test_whether_an_unknown_receiver_is_excluded_is_open_too() -> None:
    known = as_listed(invitation(), "", NOW)
    others = Rule("others", "allow", not_accounts=(RECEIVER,))
    partial = PartialDecider(Policy(mode="audit", rules=(others,))).decide(known, NOW)
    assert partial.reason == (
        "it depends on which account received it: decline where no rule matches or allow by rule others"
    )
    known = as_listed(invitation(), RECEIVER, NOW)
    assert PartialDecider(Policy(mode="audit", rules=(others,))).decide(known, NOW).effects == {"decline"}


def test_a_decline_that_waits_is_undecided_where_its_age_is_unknown() -> None:
    known = case_of(replace(HANDSHAKE, requested_at=None), Policy(mode="enforce", default="allow"))
    waiting = PartialDecider(Policy(mode="enforce", wait=timedelta(hours=1), rules=(STRANGERS, GIFTS))).decide(
        known, NOW
    )
    assert [decision.effect for decision in waiting.decisions] == ["undecided", "allow"]
    assert PartialDecider(Policy(mode="enforce", wait=timedelta(hours=1))).decide(known, NOW).effects == {"undecided"}


def test_what_could_not_be_judged_stays_undecided_for_its_reason() -> None:
    strange = read_handshake(invitation(1, Action="SELL_ACCOUNT"), RECEIVER)
    known = case_of(strange, Policy(mode="audit"))
    assert known.was is not None
    assert PartialDecider(Policy(mode="audit", rules=(GIFTS,))).decide(known, NOW).decisions == (known.was,)


def test_a_policys_own_decision_is_only_taken_for_the_time_it_was_made_at() -> None:
    expiring = Policy(mode="audit", rules=(replace(FRIENDS, expires=date(2026, 11, 30)),))
    known = case_of(HANDSHAKE, expiring, updated_at="2026-11-22T12:00:00Z")
    decider = PartialDecider(expiring)
    assert decider.decide(known, NOW).decisions == (known.was,)
    assert decider.decide(known, NOW + timedelta(days=1)).effects == {"accept", "decline"}
    assert decider.decide(known, NOW + timedelta(days=30)).effects == {"decline"}


def compared(before: str, now: str, cause: str = "") -> Comparison:
    """The comparison of two sets of effects, given as words."""

    def decide(effects: str) -> PartialDecision:
        decisions: list[Any] = [Decision(effect, "") for effect in effects.split()]  # type: ignore[arg-type] # a word
        return PartialDecision(tuple(decisions), cause if len(decisions) > 1 else "")

    return Comparison(as_listed(invitation(), RECEIVER, NOW), NOW, decide(before) if before else None, decide(now))


TEXT = "what its sender wrote"


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ("decline", "decline", "alike"),
        ("decline", "allow", "differently"),
        ("decline", "allow accept", "differently"),
        ("decline", "decline allow", "depends"),
        ("decline allow", "allow", "depends"),
        ("", "decline", "uncompared"),
        ("", "decline allow", "depends"),
        ("undecided", "undecided", "alike"),
    ],
)
def test_verdict(before: str, now: str, verdict: str) -> None:
    comparison = compared(before, now, TEXT)
    assert comparison.verdict == verdict
    assert comparison.depends_on == (TEXT if verdict == "depends" else "")


def test_the_same_question_has_the_same_answer() -> None:
    known = case_of(HANDSHAKE, Policy(mode="enforce"))
    one = Policy(mode="audit", rules=(FRIENDS,))
    renamed = Policy(mode="audit", rules=(replace(FRIENDS, name="others", organizations=("o-stranger0001",)),))
    another = Policy(mode="audit", rules=(replace(FRIENDS, management_emails=("*@example.org",)),))
    before = PartialDecider(one).decide(known, NOW)
    assert Comparison(known, NOW, before, PartialDecider(renamed).decide(known, NOW)).verdict == "alike"
    assert Comparison(known, NOW, before, PartialDecider(another).decide(known, NOW)).verdict == "depends"


@pytest.mark.parametrize(
    ("comparisons", "summary"),
    [
        pytest.param([], "No handshakes.", id="none"),
        pytest.param([compared("allow", "allow")], "1 handshake: 1 decided alike", id="one"),
        pytest.param(
            [
                *[compared("allow", "allow")] * 12,
                compared("allow", "decline"),
                compared("allow", "allow decline", TEXT),
            ],
            "14 handshakes: 12 decided alike, 1 differently, 1 depends on what its sender wrote",
            id="each",
        ),
        pytest.param(
            [compared("", "decline"), *[compared("", "allow decline", TEXT)] * 2],
            "3 handshakes: 2 depend, each on what its sender wrote, 1 with no decision to compare with",
            id="nothing to compare with",
        ),
    ],
)
def test_summary(comparisons: list[Comparison], summary: str) -> None:
    assert summarize(comparisons) == summary
