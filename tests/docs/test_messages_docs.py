"""README.md, docs/messages.md and docs/events.md about messages: the digest, the waits, the rules."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
from moto.events.models import EventPattern

from infra import courier
from infra.event_queue import ATTEMPTS
from infra.responder import TIMEOUT
from invitation_responder.aws.event_bus import SOURCE, detail_type
from invitation_responder.courier.kinds import URGENT, WORDS
from invitation_responder.organization.batches import FUNCTION_TIMEOUT

ROOT: Final = Path(__file__).parents[2]
README, EVENTS, MESSAGES = (
    (ROOT / path).read_text("utf-8") for path in ("README.md", "docs/events.md", "docs/messages.md")
)
GOLDEN: Final = ROOT / "tests" / "responder" / "courier" / "golden"


def test_the_readme_shows_a_message_as_it_is_sent() -> None:
    [shown] = re.findall(r"```text\n(Subject: .*?)```", README, re.DOTALL)
    assert shown == (GOLDEN / "digest.txt").read_text("utf-8")


def test_the_path_of_an_event_names_the_times_that_are_deployed() -> None:
    for says in (
        f"{int(TIMEOUT.to_minutes())} minutes; {FUNCTION_TIMEOUT.total_seconds() / 60:.0f} for an organization's",
        f"{int(courier.WINDOW.to_minutes())} minute |",
        f"{ATTEMPTS} attempts, 3 to 4 minutes apart",
    ):
        assert says in EVENTS
    apart = [6 * int(courier.TIMEOUT.to_seconds()) + window for window in (0, 60)]
    assert [3 * 60 <= seconds <= 4 * 60 for seconds in apart] == [True, True]
    [named] = re.findall(r"Urgent kinds are (.*?)\. The courier", EVENTS, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", named)) == URGENT


def patterns() -> list[EventPattern]:
    """The rules of docs/messages.md."""
    blocks = map(json.loads, re.findall(r"```json\n(.*?)```", MESSAGES, re.DOTALL))
    return [EventPattern(None, block) for block in blocks if "source" in block]


@pytest.mark.parametrize("kind", WORDS)
def test_the_rules_take_what_the_page_says(kind: str) -> None:
    event = {"source": SOURCE, "detail-type": detail_type(kind), "detail": {"kind": kind}}
    pager, tickets = patterns()
    assert pager.matches_event(event) is (kind in URGENT - {"accounts_not_swept"})
    work = {"breach", "undecided", "failed", "left", "rule_expiring", "accounts_not_swept", "schedule_too_tight"}
    assert tickets.matches_event(event) is (kind in work)
