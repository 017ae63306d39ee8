"""One entry of the ledger: whose it is, and which events about it are due."""

from dataclasses import replace
from datetime import timedelta

import pytest

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.plan import Intent
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Outcome, Record, make_record
from support.strategies import NOW, RECEIVER


def record(outcome: Outcome | None) -> Record:
    """The fate of a stranger's invitation."""
    handshake, decision = Handshake("h-00000001", RECEIVER), Decision("decline", "no rule matches")
    return make_record(handshake, decision, Policy("enforce"), outcome=outcome, state="OPEN")


def test_a_lease_holds_off_every_other_sweep_until_it_runs_out() -> None:
    leased = Entry(record(None), sweep="first", lease_until=NOW)
    just_before = NOW - timedelta(microseconds=1)
    assert leased.is_leased_by_other(just_before, "second")
    assert not leased.is_leased_by_other(just_before, "first")
    assert not leased.is_leased_by_other(NOW, "second")
    assert not replace(leased, lease_until=None).is_leased_by_other(just_before, "second")


@pytest.mark.parametrize("last_kind", ["failed", "waiting"])
@pytest.mark.parametrize("intent", ["decline", None])
def test_an_intent_stays_for_as_long_as_nobody_knows_what_became_of_it(
    last_kind: Outcome, intent: Intent | None
) -> None:
    begun = Entry(record(None), intent="decline", last_kind=last_kind)
    ended = begun.with_record(record("failed"), NOW, intent=intent)
    assert (ended.record, ended.intent) == (record("failed"), intent)


def test_events_are_numbered_and_due_in_the_order_in_which_they_came_up() -> None:
    entry = Entry(record(None))
    outcomes: tuple[Outcome, ...] = ("waiting", "waiting", "failed", "declined")
    for outcome in outcomes:
        entry = entry.with_record(record(outcome), NOW)
    assert [(event.id, event.kind) for event in entry.outbox] == [
        ("h-00000001/1", "waiting"),
        ("h-00000001/2", "failed"),
        ("h-00000001/3", "declined"),
    ]
    assert (entry.event_count, entry.last_kind) == (3, "declined")


def test_work_is_open_while_an_answer_has_no_outcome_or_an_event_is_not_published() -> None:
    done = Entry(record("declined"))
    assert not done.has_open_work()
    assert replace(done, intent="decline").has_open_work()
    assert done.with_record(record("declined"), NOW).has_open_work()
