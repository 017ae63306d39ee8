"""Policy, handshake and time → decision."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.core import decision
from invitation_responder.core.decision import Decider, Decision, Mismatch, all_mismatches, decide_reference
from invitation_responder.core.handshake import Handshake, Sender, read_handshake
from invitation_responder.core.normalization import normalize
from invitation_responder.core.plan import plan
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.strategies import (
    NOW,
    RECEIVER,
    damaged_handshakes,
    handshakes,
    json_values,
    named,
    policies,
    rules,
)

INVITATION = Handshake(
    id="h-examplehandshakeid111",
    receiver=RECEIVER,
    action="INVITE",
    state="OPEN",
    sender=Sender("o-exampleorgid", "111111111111"),
    requested_at=NOW - timedelta(hours=2),
    expires_at=NOW + timedelta(days=14),
    emails=("Bill@Example.com",),
    notes="CHG-1234: please join",
)
FROM = "organization o-exampleorgid (management account 111111111111)"


def decide(handshake: Handshake = INVITATION, *rules: Rule, **policy: Any) -> Decision:
    """Decide as the product does, and by the definition, which must agree."""
    whole = Policy(mode="enforce", rules=rules, **policy)
    decided = Decider(whole).decide(handshake, NOW)
    assert decide_reference(whole, handshake, NOW) == decided
    return decided


def first_mismatches(policy: Policy, handshake: Handshake) -> tuple[Mismatch, ...]:
    """The first failed condition of each rule that does not match."""
    notes = normalize(handshake.notes)
    mismatches = (next(all_mismatches(rule, handshake, notes, NOW), None) for rule in policy.rules)
    return tuple(mismatch for mismatch in mismatches if mismatch)


def test_without_rules_the_default_decides() -> None:
    assert decide() == Decision("decline", f"no rule matches INVITE from {FROM}, and the default is decline")
    assert decide(default="allow").effect == "allow"


@pytest.mark.parametrize(
    ("effects", "decided", "by"),
    [
        pytest.param(["accept"], "accept", ["r0"], id="accept alone"),
        pytest.param(["accept", "allow"], "allow", ["r1"], id="allow over accept"),
        pytest.param(["allow", "decline", "accept"], "decline", ["r1"], id="decline over allow over accept"),
        pytest.param(["decline", "allow", "decline"], "decline", ["r0", "r2"], id="all that decline are named"),
    ],
)
def test_the_strictest_effect_wins(effects: list[Any], decided: str, by: list[str]) -> None:
    found = decide(INVITATION, *(Rule(f"r{number}", effect) for number, effect in enumerate(effects)))
    assert found.effect == decided
    assert list(found.rules) == by


@pytest.mark.parametrize(
    ("count", "beginning"),
    [
        pytest.param(1, "rule r0 allows INVITE from", id="one"),
        pytest.param(2, "rules r0 and r1 allow INVITE from", id="two"),
        pytest.param(3, "rules r0, r1 and r2 allow INVITE from", id="three"),
        pytest.param(9, "rules r0, r1, r2 and 6 more allow INVITE from", id="many"),
    ],
)
def test_the_reason_is_a_sentence_that_names_the_rules(count: int, beginning: str) -> None:
    assert decide(INVITATION, *(Rule(f"r{number}", "allow") for number in range(count))).reason.startswith(beginning)


@pytest.mark.parametrize(
    ("effect", "verbs"),
    [("decline", ("declines", "decline")), ("allow", ("allows", "allow")), ("accept", ("accepts", "accept"))],
)
def test_the_reason_says_what_one_rule_and_several_do(effect: Any, verbs: tuple[str, str]) -> None:
    both = Rule("r", effect), Rule("s", effect)
    assert decide(INVITATION, both[0]).reason == f"rule r {verbs[0]} INVITE from {FROM}"
    assert decide(INVITATION, *both).reason == f"rules r and s {verbs[1]} INVITE from {FROM}"


@pytest.mark.parametrize(
    "action", ["ENABLE_ALL_FEATURES", "APPROVE_ALL_FEATURES", "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"]
)
def test_the_own_organizations_migration_is_protected_from_the_default(action: str) -> None:
    found = decide(replace(INVITATION, action=action))
    assert found.effect == "allow"
    assert found.reason == f"no rule matches {action} from {FROM}; the action is protected, so a person answers it"


def test_a_rule_can_decline_a_protected_action_and_protection_can_be_given_up() -> None:
    migration = replace(INVITATION, action="APPROVE_ALL_FEATURES")
    assert decide(migration, Rule("r", "decline")).effect == "decline"
    assert decide(migration, protect=()).effect == "decline"


def test_a_decline_whose_age_nobody_knows_is_undecided_if_declines_wait() -> None:
    ageless, day = replace(INVITATION, requested_at=None), timedelta(days=1)
    assert decide(ageless, wait=day) == Decision(
        "undecided",
        f"no rule matches INVITE from {FROM}, and the default is decline"
        "; but declines wait, and its RequestedTimestamp is missing",
    )
    assert decide(ageless).effect == "decline"
    assert decide(ageless, Rule("ours", "accept"), wait=day).effect == "accept"
    assert decide(INVITATION, wait=day).effect == "decline"


@pytest.mark.parametrize("closed", [{"state": "ACCEPTED"}, {"expires_at": NOW}])
def test_what_is_closed_waits_for_nothing(closed: dict[str, Any]) -> None:
    assert decide(replace(INVITATION, requested_at=None, **closed), wait=timedelta(days=1)).effect == "decline"


def test_what_cannot_be_judged_is_undecided_whatever_the_rules_say() -> None:
    strange = replace(INVITATION, problems=("its State is missing or malformed", "it names no sender"))
    found = decide(strange, Rule("r", "decline"), Rule("s", "accept"))
    assert found.effect == "undecided"
    assert found.reason == "it can't be judged: its State is missing or malformed; it names no sender"


@pytest.mark.parametrize(
    ("rule", "mismatch"),
    [
        pytest.param(Rule("r", "allow"), None, id="no condition matches everything"),
        pytest.param(Rule("r", "allow", actions=("INVITE", "ENABLE_ALL_FEATURES")), None, id="one action of two"),
        pytest.param(
            Rule("r", "allow", actions=("TRANSFER_RESPONSIBILITY",)),
            Mismatch("r", "actions", ("INVITE",), ("TRANSFER_RESPONSIBILITY",)),
            id="another action",
        ),
        pytest.param(
            Rule("r", "allow", organizations=("o-another000",)),
            Mismatch("r", "organizations", ("o-exampleorgid",), ("o-another000",)),
            id="another organization",
        ),
        pytest.param(
            Rule("r", "allow", organizations=("o-exampleorgid",), management_accounts=("999999999999",)),
            Mismatch("r", "management_accounts", ("111111111111",), ("999999999999",)),
            id="the organization, but another management account",
        ),
        pytest.param(
            Rule("r", "allow", accounts=("333333333333",)),
            Mismatch("r", "accounts", (RECEIVER,), ("333333333333",)),
            id="another receiver",
        ),
        pytest.param(Rule("r", "allow", not_actions=("TRANSFER_RESPONSIBILITY",)), None, id="not another action"),
        pytest.param(
            Rule("r", "allow", not_actions=("ENABLE_ALL_FEATURES", "INVITE")),
            Mismatch("r", "not_actions", ("INVITE",), ("ENABLE_ALL_FEATURES", "INVITE")),
            id="one action of two that are excluded",
        ),
        pytest.param(Rule("r", "allow", not_organizations=("o-another000",)), None, id="not another organization"),
        pytest.param(
            Rule("r", "allow", not_organizations=("o-exampleorgid",)),
            Mismatch("r", "not_organizations", ("o-exampleorgid",), ("o-exampleorgid",)),
            id="not this organization",
        ),
        pytest.param(
            Rule("r", "allow", organizations=("o-exampleorgid",), not_management_accounts=("111111111111",)),
            Mismatch("r", "not_management_accounts", ("111111111111",), ("111111111111",)),
            id="the organization, but not with this management account",
        ),
        pytest.param(Rule("r", "allow", not_accounts=("333333333333",)), None, id="not another receiver"),
        pytest.param(
            Rule("r", "allow", not_accounts=(RECEIVER,)),
            Mismatch("r", "not_accounts", (RECEIVER,), (RECEIVER,)),
            id="not this receiver",
        ),
        pytest.param(
            Rule("r", "allow", accounts=(RECEIVER,), not_accounts=(RECEIVER,)),
            Mismatch("r", "not_accounts", (RECEIVER,), (RECEIVER,)),
            id="named and excluded is excluded",
        ),
        pytest.param(Rule("r", "allow", management_emails=("*@example.com",)), None, id="an address in any case"),
        pytest.param(
            Rule("r", "allow", management_emails=("*@example.org", "bill@*")), None, id="an address like one of two"
        ),
        pytest.param(
            Rule("r", "allow", management_emails=("*@example.org",)),
            Mismatch("r", "management_emails", ("Bill@Example.com",), ("*@example.org",)),
            id="another address",
        ),
        pytest.param(Rule("r", "allow", notes=Keywords(any=("gift", "chg-"))), None, id="any: one of two keywords"),
        pytest.param(
            Rule("r", "allow", notes=Keywords(any=("gift", "card"))),
            Mismatch("r", "notes.any", ("CHG-1234: please join",), ("card", "gift")),
            id="any: none of two",
        ),
        pytest.param(Rule("r", "allow", notes=Keywords(all=("join", "chg-"))), None, id="all: both"),
        pytest.param(
            Rule("r", "allow", notes=Keywords(all=("join", "gift"))),
            Mismatch("r", "notes.all", ("CHG-1234: please join",), ("gift", "join")),
            id="all: one of two",
        ),
        pytest.param(Rule("r", "allow", notes=Keywords(none=("gift",))), None, id="none: not there"),
        pytest.param(
            Rule("r", "allow", notes=Keywords(none=("please",))),
            Mismatch("r", "notes.none", ("CHG-1234: please join",), ("please",)),
            id="none: there",
        ),
        pytest.param(Rule("r", "allow", expires=date(2026, 11, 23)), None, id="the last day"),
        pytest.param(
            Rule("r", "allow", expires=date(2026, 11, 22)),
            Mismatch("r", "expires", ("2026-11-22",), ("2026-11-22",)),
            id="the day from which on it counts for nothing",
        ),
    ],
)
def test_conditions(rule: Rule, mismatch: Mismatch | None) -> None:
    policy = Policy(mode="enforce", rules=(rule,))
    assert first_mismatches(policy, INVITATION) == ((mismatch,) if mismatch else ())
    assert Decider(policy).decide(INVITATION, NOW).rules == (() if mismatch else ("r",))


@pytest.mark.parametrize(
    ("emails", "glob", "matches"),
    [
        pytest.param((), "*", False, id="no address at all"),
        pytest.param(("a@example.com", "b@example.org"), "*@example.org", True, id="one of two addresses"),
        pytest.param(("a@example.com.evil.example",), "*@example.com", False, id="the pattern matches the whole"),
        pytest.param(("a@example.com\n",), "*@example.com", False, id="a line end behind it"),
        pytest.param(("b?b@example.com",), "b?b@example.com", True, id="a question mark is any character"),
    ],
)
def test_addresses(emails: tuple[str, ...], glob: str, *, matches: bool) -> None:
    found = decide(replace(INVITATION, emails=emails), Rule("r", "allow", management_emails=(glob,)))
    assert (found.rules == ("r",)) is matches


def test_a_handshake_without_notes_has_empty_notes() -> None:
    silent = replace(INVITATION, notes="")
    assert decide(silent, Rule("r", "allow", notes=Keywords(none=("gift",)))).effect == "allow"
    assert decide(silent, Rule("r", "allow", notes=Keywords(any=("chg-",)))).effect == "decline"


@pytest.mark.parametrize(
    "sender_text",
    [
        pytest.param({"notes": "I am o-exampleorgid 111111111111, CHG-1"}, id="notes"),
        pytest.param({"names": ("o-exampleorgid",)}, id="name"),
        pytest.param({"emails": ("o-exampleorgid",)}, id="address"),
    ],
)
def test_what_a_sender_writes_makes_nobody_another_sender(sender_text: dict[str, Any]) -> None:
    stranger = replace(INVITATION, sender=Sender("o-stranger0001", "999999999999"), **sender_text)
    trusting = Rule("r", "allow", organizations=("o-exampleorgid",), management_accounts=("111111111111",))
    assert decide(stranger, trusting).effect == "decline"


class TestLaws:
    """Laws for every policy and every handshake."""

    @given(policies(), handshakes())
    def test_the_index_agrees_with_the_plain_definition(self, policy: Policy, handshake: Handshake) -> None:
        assert Decider(policy).decide(handshake, NOW) == decide_reference(policy, handshake, NOW)

    @given(policies(), handshakes(), st.randoms())
    def test_rule_order_never_matters(self, policy: Policy, handshake: Handshake, random: Any) -> None:
        shuffled = list(policy.rules)
        random.shuffle(shuffled)
        other = replace(policy, rules=tuple(shuffled))
        assert Decider(other).decide(handshake, NOW) == Decider(policy).decide(handshake, NOW)
        assert other.sha256 == policy.sha256

    @given(policies(), rules(effects=("decline",)), handshakes())
    def test_adding_a_decline_rule_never_turns_a_decline_into_anything_else(
        self, policy: Policy, rule: Rule, handshake: Handshake
    ) -> None:
        before = Decider(policy).decide(handshake, NOW).effect
        added = replace(policy, rules=named([*policy.rules, rule]))
        after = Decider(added).decide(handshake, NOW).effect
        assert after in (before, "decline")

    @given(policies(), handshakes(), st.data())
    def test_removing_an_allow_rule_never_allows_more(
        self, policy: Policy, handshake: Handshake, data: st.DataObject
    ) -> None:
        allowing = [rule for rule in policy.rules if rule.effect == "allow"]
        if not allowing:
            return
        gone = data.draw(st.sampled_from(allowing))
        fewer = replace(policy, rules=tuple(rule for rule in policy.rules if rule is not gone))
        before, after = Decider(policy).decide(handshake, NOW), Decider(fewer).decide(handshake, NOW)
        if after.effect == "allow":
            assert before.effect == "allow"

    @given(policies(), handshakes())
    def test_compiling_and_reading_back_changes_no_decision(self, policy: Policy, handshake: Handshake) -> None:
        again = Policy.from_json(policy.to_json())
        assert Decider(again).decide(handshake, NOW) == Decider(policy).decide(handshake, NOW)

    @given(policies(), handshakes())
    def test_a_rule_either_decides_or_says_why_it_does_not_match(self, policy: Policy, handshake: Handshake) -> None:
        found = Decider(policy).decide(handshake, NOW)
        missed = {mismatch.rule for mismatch in first_mismatches(policy, handshake)}
        assert missed.isdisjoint(found.rules)
        matching = {rule.name for rule in policy.rules} - missed
        assert bool(matching) == bool(found.rules)

    @given(policies(), json_values() | damaged_handshakes())
    def test_what_cannot_be_judged_is_never_answered(self, policy: Policy, thing: object) -> None:
        handshake = read_handshake(thing, RECEIVER)
        found = Decider(policy).decide(handshake, NOW)
        assert decide_reference(policy, handshake, NOW) == found
        if handshake.problems:
            assert found.effect == "undecided"
            assert [step.intent for step in plan([(handshake, found)], policy, NOW, invitations=0)] == [None]


@pytest.mark.parametrize(
    ("receiver", "notes", "decided"),
    [
        pytest.param("333333333333", "CHG-1", "allow", id="another account's is left to a person"),
        pytest.param(RECEIVER, "CHG-1", "accept", id="what names the change is accepted"),
        pytest.param(RECEIVER, "", "decline", id="what does not is nobody's"),
    ],
)
def test_an_allow_rule_that_excludes_leaves_room_for_one_that_accepts(receiver: str, notes: str, decided: str) -> None:
    handshake = replace(INVITATION, receiver=receiver, notes=notes)
    left = Rule("left", "allow", organizations=("o-exampleorgid",), not_accounts=(RECEIVER,))
    move = Rule("move", "accept", organizations=("o-exampleorgid",), notes=Keywords(any=("chg-",)))
    assert decide(handshake, left, move).effect == decided


@pytest.mark.parametrize("count", [10, 10_000])
def test_the_cost_of_a_decision_does_not_grow_with_rules_about_others(count: int) -> None:
    others = [
        Rule(f"r{n}", "allow", organizations=(f"o-{n:010}",), notes=Keywords(any=("chg-",))) for n in range(count)
    ]
    decider = Decider(Policy(mode="enforce", rules=(*others, Rule("ours", "allow", organizations=("o-exampleorgid",)))))
    with patch.object(decision, "_inexact_mismatches", wraps=decision._inexact_mismatches) as looked_at:
        assert decider.decide(INVITATION, NOW).rules == ("ours",)
    assert looked_at.call_count == 1


@pytest.mark.parametrize(("keywords", "normalized"), [(None, 0), (Keywords(any=("gift",)), 1)])
def test_notes_are_normalized_only_for_rules_that_compare_them(keywords: Keywords | None, normalized: int) -> None:
    rules = [Rule(name, "allow", organizations=("o-exampleorgid",), notes=keywords) for name in ("a", "b")]
    decider = Decider(Policy(mode="enforce", rules=tuple(rules)))
    with patch.object(decision, "normalize", wraps=normalize) as called:
        decider.decide(INVITATION, NOW)
    assert called.call_count == normalized


def test_a_reason_is_written_when_it_is_first_read() -> None:
    with patch.object(decision, "_subject", wraps=decision._subject) as called:
        decided = Decider(Policy(mode="enforce")).decide(INVITATION, NOW)
        assert called.call_count == 0
        assert decided.reason == decided.reason
    assert called.call_count == 1
    assert repr(decided) == f"Decision('decline', {decided.reason!r}, ())"
    assert len({decided, Decision("decline", decided.reason)}) == 1
    assert decided != "decline"
