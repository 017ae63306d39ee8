"""The state of an accepted handshake: undone, or still in force."""

from dataclasses import replace

import pytest

from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake, Sender
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import make_record
from invitation_responder.core.standing import Transfer, has_ended, has_left_sender
from support.strategies import RECEIVER

SENT = Handshake("h-00000001", RECEIVER, sender=Sender("o-stranger0001", "999999999999"))
RECORD = make_record(SENT, Decision("decline", "so"), Policy("enforce"), outcome="already_closed", state="ACCEPTED")


@pytest.mark.parametrize(
    ("organization", "has_left"),
    [
        pytest.param("o-stranger0001", False, id="it is in the sender's organization"),
        pytest.param("o-exampleorgid", True, id="it is in another one"),
        pytest.param(None, True, id="it stands alone"),
    ],
)
def test_an_account_is_back_unless_it_is_where_the_sender_wanted_it(organization: str | None, has_left: bool) -> None:
    assert has_left_sender(RECORD, organization) is has_left


def test_without_a_sender_nothing_is_known_to_be_undone() -> None:
    assert not has_left_sender(replace(RECORD, organization=None), "o-exampleorgid")


@pytest.mark.parametrize(
    ("transfers", "ended"),
    [
        pytest.param([], True, id="there is none"),
        pytest.param([Transfer("h-00000001", None, "ACCEPTED")], False, id="the handshake's own"),
        pytest.param([Transfer("h-00000002", "999999999999", "ACCEPTED")], False, id="another one to the sender"),
        pytest.param([Transfer("h-00000002", "888888888888", "ACCEPTED")], True, id="to somebody else"),
        pytest.param([Transfer(None, None, "ACCEPTED")], True, id="to nobody known"),
        pytest.param([Transfer("h-00000001", "999999999999", "WITHDRAWN")], True, id="withdrawn"),
        pytest.param([Transfer("h-00000001", "999999999999", "REQUESTED")], True, id="asked for again"),
        pytest.param([Transfer("h-00000001", "999999999999", "DECLINED")], True, id="declined"),
        pytest.param([Transfer("h-00000001", "999999999999", "CANCELED")], True, id="canceled"),
        pytest.param([Transfer("h-00000001", "999999999999", "EXPIRED")], True, id="expired"),
        pytest.param([Transfer("h-00000001", "999999999999", "SUSPENDED")], False, id="a status of the future"),
        pytest.param([Transfer("h-00000001", "999999999999", None)], False, id="without a status"),
        pytest.param(
            [Transfer("h-00000001", None, "WITHDRAWN"), Transfer("h-00000003", "999999999999", "ACCEPTED")],
            False,
            id="withdrawn, and accepted anew",
        ),
    ],
)
def test_a_transfer_has_ended_if_none_to_the_sender_is_accepted(transfers: list[Transfer], ended: bool) -> None:
    assert has_ended(RECORD, transfers) is ended


def test_a_record_without_a_sender_is_not_that_of_a_transfer_without_one() -> None:
    nobody = replace(RECORD, management_account=None)
    assert has_ended(nobody, [Transfer("h-00000002", None, "ACCEPTED")])
