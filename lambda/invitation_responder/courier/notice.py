"""A notice: one event of the responder, as the courier reads it from the bus. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from invitation_responder.courier.plain_text import visible

NONE: Final = "none"
_MAX_EXAMPLES: Final = 10
# The ids that `Event` has; a mark takes no others.
_ID: Final = re.compile(r"[!-~]{1,500}")


@dataclass(frozen=True, slots=True)
class Notice:
    """One event. `id` and `kind` are those of the event, `account` is the one it is about."""

    id: str
    kind: str
    account: str
    detail: Mapping[str, Any]

    @property
    def accounts(self) -> list[str]:
        """The accounts that a message about it names: its own, and those of its `examples`."""
        return [self.account, *(example.account for example in self.examples)]

    @property
    def examples(self) -> list["Notice"]:
        """The accounts that an event about several names, each as a notice of its own."""
        examples = self.detail.get("examples")
        members = [each for each in examples if isinstance(each, dict)] if isinstance(examples, list) else []
        return [Notice(self.id, self.kind, _text(each.get("account")), each) for each in members[:_MAX_EXAMPLES]]

    def text(self, name: str) -> str:
        """A text or number of the detail on one line, without characters that are not plainly visible; else `none`."""
        return _text(self.detail.get(name))

    def time(self, name: str) -> datetime | None:
        """A member of the detail as a time in UTC; None without one."""
        value = self.detail.get(name)
        try:
            time = datetime.fromisoformat(value) if isinstance(value, str) else None
            return time.astimezone(UTC) if time and time.tzinfo else None
        except (ValueError, OverflowError):
            return None


def _text(value: object) -> str:
    return visible(str(value)) if isinstance(value, str | int | float) and value != "" else NONE


def read_notice(event: Any) -> Notice:
    """Read an event as EventBridge delivers it: the responder's own, or the end of one of its alarms.

    The account is the receiver of a handshake, or else the account of the event. Raises `ValueError` for other events.
    """
    match event:
        case {"source": "aws.cloudwatch", "id": str(number), "detail": {"alarmName": str(alarm)}} if _ID.fullmatch(
            number
        ):
            detail = {"alarm": alarm, "ended_at": event.get("time")}
            return Notice(f"alarm/{number}", "alarm_ended", _text(event.get("account")), detail)
        case {"detail": {"event_id": str(event_id), "kind": str(kind)}} if _ID.fullmatch(event_id) and kind:
            detail = event["detail"]
        case _:
            raise ValueError("the message is no event with `event_id` and `kind` in its `detail`")
    return Notice(event_id, kind, _text(detail.get("receiver") or event.get("account")), detail)
