"""A message about notices that came together, in the form for each protocol. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from invitation_responder.courier.chat import write_chat
from invitation_responder.courier.handshake_text import Reader
from invitation_responder.courier.kinds import BREACHES, URGENT
from invitation_responder.courier.letter import write_letter
from invitation_responder.courier.notice import Notice
from invitation_responder.courier.subject import write_subject


@dataclass(frozen=True, slots=True)
class Message:
    """A message for a topic: the subject, and the body in the form of SNS's `MessageStructure: json`."""

    subject: str
    body: str


def write_message(notices: Sequence[Notice], reader: Reader) -> Message:
    """The message about one or more notices.

    Amazon Q Developer subscribes by HTTPS, for Slack and Teams. A telephone gets the subject.
    """
    subject, letter = write_subject(notices, reader.account), write_letter(notices, reader)
    chat = write_chat(notices, subject, letter)
    forms = {"default": letter, "http": chat, "https": chat, "sms": subject}
    return Message(subject, json.dumps(forms, ensure_ascii=False))


def split_by_urgency(notices: Sequence[Notice]) -> list[list[Notice]]:
    """The notices of each message: breaches, then what else is urgent, then all others."""
    breaches = [notice for notice in notices if notice.kind in BREACHES]
    urgent = [notice for notice in notices if notice.kind in URGENT - BREACHES]
    others = [notice for notice in notices if notice.kind not in URGENT]
    return [part for part in (breaches, urgent, others) if part]
