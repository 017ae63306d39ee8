"""One decision and its outcome on record."""

from typing import Literal

import pytest

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Effect, Policy
from invitation_responder.core.record import Kind, Outcome, Record, make_record, sender_text_of
from support.strategies import RECEIVER

Judgement = Effect | Literal["undecided"]
POLICY = Policy("enforce")


def record(
    effect: Effect | Literal["undecided"] = "decline",
    outcome: Outcome = "left",
    state: str = "OPEN",
    receiver: str = RECEIVER,
) -> Record:
    """A record of a handshake that says nothing about itself."""
    handshake = Handshake("h-00000001", receiver)
    return make_record(handshake, Decision(effect, "no rule matches"), POLICY, outcome=outcome, state=state)


@pytest.mark.parametrize(
    ("effect", "outcome", "state", "kind"),
    [
        pytest.param("decline", "already_closed", "ACCEPTED", "breach", id="somebody accepted what is declined"),
        pytest.param("decline", "already_closed", "CANCELED", "already_closed", id="it was closed without harm"),
        pytest.param("allow", "already_closed", "ACCEPTED", "already_closed", id="somebody accepted what is allowed"),
        pytest.param("decline", "failed", "ACCEPTED", "failed", id="only who closed it knows more"),
        pytest.param("undecided", "left", "OPEN", "undecided", id="it can't be judged"),
        pytest.param("undecided", "left", "ACCEPTED", "undecided", id="it can't be judged, accepted or not"),
        pytest.param("undecided", "already_closed", "ACCEPTED", "undecided", id="accepted, and can't be judged"),
        pytest.param("undecided", "already_closed", "DECLINED", "already_closed", id="declined, which harms nobody"),
        pytest.param("allow", "left", "OPEN", "left", id="the outcome speaks for itself"),
    ],
)
def test_people_hear_of_what_is_most_urgent(effect: Judgement, outcome: Outcome, state: str, kind: Kind) -> None:
    assert record(effect, outcome, state).kind == kind


def test_a_record_that_nobody_received_says_so() -> None:
    assert record(receiver="").as_dict()["receiver"] is None
    assert record().as_dict()["receiver"] == RECEIVER


def test_of_what_a_sender_wrote_ten_texts_of_1024_characters_are_kept() -> None:
    texts = tuple(f"{number:02}".ljust(2000, "x") for number in range(11))
    kept = sender_text_of(Handshake("h-00000001", RECEIVER, emails=texts, names=texts, notes=texts[0]))
    assert [text[:2] for text in kept["emails"]] == [f"{number:02}" for number in range(10)]
    assert [len(text) for text in (*kept["emails"], *kept["names"], kept["notes"])] == [1024] * 21


def test_a_record_names_a_hundred_rules_at_most() -> None:
    many = Decision("allow", "they say so", tuple(f"r{number}" for number in range(101)))
    kept = make_record(Handshake("h-00000001", ""), many, POLICY, outcome="left", state=None)
    assert kept.rules == many.rules[:100]
