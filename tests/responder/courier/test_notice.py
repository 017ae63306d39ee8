"""Events as the courier reads them."""

from typing import Any

import pytest

from invitation_responder.courier.notice import read_notice
from support.notices import OWN, make_detail, make_notice


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "text",
        {},
        {"detail": None},
        {"detail": {"kind": "declined"}},
        {"source": "aws.cloudwatch", "id": "1", "detail": {"state": {"value": "OK"}}},
        {"detail": {"event_id": "a", "kind": None}},
        {"detail": {"event_id": "", "kind": "declined"}},
        {"detail": {"event_id": "x" * 501, "kind": "declined"}},
        {"detail": {"event_id": "\ud800", "kind": "declined"}},
    ],
)
def test_what_is_no_event_of_the_responder_is_an_error(event: Any) -> None:
    with pytest.raises(ValueError, match="no event with `event_id` and `kind`"):
        read_notice(event)


def test_the_account_is_the_receiver_or_else_the_events() -> None:
    assert read_notice({"account": "1", "detail": make_detail("declined")}).account == OWN
    assert read_notice({"account": "1", "detail": make_detail("declined", receiver=None)}).account == "1"
    assert read_notice({"detail": make_detail("declined", receiver=None)}).account == "none"


@pytest.mark.parametrize("value", [None, "", "soon", 7, "2026-12-01T00:00:00", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert make_notice("left", answer_by=value).time("answer_by") is None


def test_a_member_is_on_one_line_and_cut() -> None:
    notice = make_notice("left", reason="one\ntwo\u202e", outcome=None, long="x" * 1000)
    assert (notice.text("reason"), notice.text("outcome"), notice.text("rules")) == ("one·two·", "none", "none")
    assert len(notice.text("long")) == 500
    assert notice.text("long").endswith("…")
