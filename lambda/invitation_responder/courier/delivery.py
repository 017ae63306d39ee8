"""The delivery of notices: a message to each topic, and a mark that it was sent.

A mark follows its message. What dies in between sends that one message again, and nothing is lost.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from invitation_responder.aws.marks import Marks, MarksError
from invitation_responder.aws.topic import Topic, TopicError
from invitation_responder.courier.handshake_text import Reader
from invitation_responder.courier.kinds import URGENT, place_of
from invitation_responder.courier.letter import MAX_NOTICES
from invitation_responder.courier.message import split_by_urgency, write_message
from invitation_responder.courier.notice import Notice

# EventBridge and SQS deliver an event again within minutes, if at all.
REPEATED_WITHIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Sends messages about notices to `everything` and, about what is urgent, to `urgent`, too.

    `account`, `region` and `partition` are the responder's own; `names_of` gives the names that are known of accounts.
    """

    marks: Marks
    everything: Topic
    urgent: Topic | None
    account: str
    region: str
    partition: str
    names_of: Callable[[Collection[str]], Mapping[str, str]] = lambda _: {}
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def deliver(self, notices: Sequence[Notice]) -> list[str]:
        """Send what no topic got within the hour; returns the subjects.

        Raises `MarksError` or `TopicError` after all messages were tried: one topic that fails holds up no other.
        """
        sent: list[str] = []
        errors: list[MarksError | TopicError] = []
        for part in split_by_urgency(list({notice.id: notice for notice in notices}.values())):
            topics = {"everything": self.everything}
            if self.urgent and part[0].kind in URGENT:
                topics["urgent"] = self.urgent
            for name, topic in topics.items():
                try:
                    sent += self._send(name, topic, part)
                except (MarksError, TopicError) as error:
                    errors.append(error)
        if errors:
            raise errors[0]
        return sent

    def _send(self, name: str, topic: Topic, notices: Sequence[Notice]) -> list[str]:
        marks = {f"{name}/{notice.id}": notice for notice in notices}
        since = self.now() - REPEATED_WITHIN
        known = {mark for mark, time in self.marks.read(marks).items() if time > since}
        due = {mark: notice for mark, notice in marks.items() if mark not in known}
        if not due:
            return []
        shown = sorted(due.values(), key=lambda notice: place_of(notice.kind))[:MAX_NOTICES]
        accounts = {account for notice in shown for account in notice.accounts}
        reader = Reader(self.account, self.region, self.partition, self.now(), self.names_of(accounts))
        message = write_message(list(due.values()), reader)
        topic.publish(message.subject, message.body)
        self.marks.write(due, self.now(), keep=REPEATED_WITHIN)
        return [message.subject]
