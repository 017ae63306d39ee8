"""The part of a sweep that says which rules expire soon: each stage of a rule once, by marks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.marks import Marks, MarksError
from invitation_responder.core.expiry import Expiring, expiring_rules
from invitation_responder.core.policy import Policy

# Longer than the longest stage: a mark must be there for as long as its rule is a candidate.
KEEP: Final = timedelta(days=45)
# The rules to publish before they are marked. A sweep that is killed publishes no more than these again.
_AT_ONCE: Final = 100


def publish_expiring(policy: Policy, events: EventBus, marks: Marks, now: datetime) -> list[str]:
    """Publish an event for each rule that has come to a new stage, then mark it; returns the errors as sentences.

    The marks are read only if a rule expires soon. What dies between an event and its mark publishes the event again,
    with the same id.
    """
    candidates = expiring_rules(policy, now)
    if not candidates:
        return []
    try:
        known = marks.read([each.event_id for each in candidates])
    except MarksError as error:
        return [f"nobody hears which rules expire soon: {error}"]
    due = [each for each in candidates if each.event_id not in known]
    errors: list[str] = []
    for start in range(0, len(due), _AT_ONCE):
        errors += _publish(due[start : start + _AT_ONCE], policy, events, marks, now)
    return errors


def _publish(due: Sequence[Expiring], policy: Policy, events: EventBus, marks: Marks, now: datetime) -> list[str]:
    published, errors = events.publish([each.event(policy) for each in due])
    if published:
        try:
            marks.write([each.event_id for each in due if each.event_id in published], now, keep=KEEP)
        except MarksError as error:
            errors.append(f"rules that expire soon will be said again: {error}")
    return errors
