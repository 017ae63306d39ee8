"""Handshakes that are not pending any more, and their outcomes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from invitation_responder.core.decision import Decider
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.policy import Effect, Policy, Rule
from invitation_responder.core.reconcile import reconcile_closed
from invitation_responder.core.record import make_record
from support.strategies import NOW, RECEIVER

INVITATION = Handshake("h-00000001", RECEIVER, "INVITE", "OPEN", requested_at=NOW - timedelta(days=9))
ACCEPTED = replace(INVITATION, state="ACCEPTED")


def test_what_is_still_open_after_its_time_has_expired() -> None:
    decider = Decider(Policy("enforce", "allow"))
    left = make_record(INVITATION, decider.decide(INVITATION, NOW), decider.policy, outcome="left", state="OPEN")
    late = replace(INVITATION, expires_at=NOW)
    record = reconcile_closed(late, Entry(left, last_kind="left"), decider, NOW)
    assert record == replace(left, outcome="already_closed", state="EXPIRED")
    assert reconcile_closed(late, Entry(record), decider, NOW) is None


@pytest.mark.parametrize("effect", ["allow", "accept"])
def test_what_a_rule_let_anybody_accept_until_it_expired_is_no_breach(effect: Effect) -> None:
    rules = (Rule("old", effect, expires=date(2026, 11, 20)),)
    record = reconcile_closed(ACCEPTED, None, Decider(Policy("enforce", rules=rules)), NOW)
    assert record
    assert (record.kind, record.effect, record.rules) == ("already_closed", effect, ("old",))


def test_what_will_be_allowed_some_day_was_a_breach_all_the_same() -> None:
    rules = (
        Rule("not-yet", "decline", expires=date(2026, 12, 1)),
        Rule("then", "allow", expires=date(2026, 12, 5)),
    )
    record = reconcile_closed(ACCEPTED, None, Decider(Policy("enforce", rules=rules)), NOW)
    assert record
    assert (record.kind, record.rules) == ("breach", ("not-yet",))
