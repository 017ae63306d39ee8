"""The text of a message, which an e-mail shows: what needs somebody first, then what was done. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from invitation_responder.courier.handshake_text import Reader, describe_handshake, sender_of, write_moment
from invitation_responder.courier.kinds import UNKNOWN, WORDS, place_of, words_of
from invitation_responder.courier.notice import NONE, Notice
from invitation_responder.courier.plain_text import cut_lines

MAX_NOTICES: Final = 50
# A character takes four bytes at most, and SNS takes 256 KiB for all forms (Amazon SNS API reference, "Publish").
_LIMIT: Final = 40_000
_REST: Final = "the ledger and the function's log have all of it"


def write_letter(notices: Sequence[Notice], reader: Reader) -> str:
    """The text about the notices: 50 of them at most, and how many are left out."""
    by_kind: dict[str, list[Notice]] = {}
    for notice in sorted(notices, key=lambda notice: place_of(notice.kind)):
        by_kind.setdefault(notice.kind if notice.kind in WORDS else "", []).append(notice)
    parts, room = [], MAX_NOTICES
    for kind, of_kind in by_kind.items():
        parts.append(_write_part(kind, of_kind, of_kind[:room], reader))
        room -= min(room, len(of_kind))
    signature = f"-- \nInvitation Responder in account {reader.name(reader.account)}, {reader.region}\n"
    text = cut_lines("\n\n".join(parts), _LIMIT, _REST)
    return f"{text}\n\n{signature}"


def _write_part(kind: str, notices: Sequence[Notice], shown: Sequence[Notice], reader: Reader) -> str:
    words = words_of(kind)
    number = len(notices)
    heading = words.sentence if number == 1 else words.sentences.format(number)
    paragraphs = [heading, *("\n".join(_indent(_describe(notice, reader))) for notice in shown)]
    if number > len(shown):
        paragraphs.append(f"  And {number - len(shown)} more: {_REST}.")
    return "\n\n".join([*paragraphs, words.advice])


def _indent(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _describe(notice: Notice, reader: Reader) -> list[str]:
    match notice.kind:
        case "accounts_not_swept" | "schedule_too_tight":
            examples = [
                ": ".join(
                    [reader.name(each.account), *(t for t in (each.text("outcome"), each.text("detail")) if t != NONE)]
                )
                for each in notice.examples
            ]
            return [f"Why: {notice.text('reason')}", *examples]
        case "rule_expiring":
            rule = f"Rule `{notice.text('rule')}` ({notice.text('effect')})"
            return [f"{rule} expires on {notice.text('expires')}.", f"Why: {notice.text('reason')}"]
        case "alarm_ended":
            ended_at = notice.time("ended_at")
            return [f"{notice.text('alarm')}: OK{f' since {write_moment(ended_at)}' if ended_at else ''}"]
        case "campaign":
            since = notice.time("first_seen_at")
            time = write_moment(since) if since else "an unknown time"
            numbers = f"{notice.text('accounts')} accounts, by {notice.text('handshakes')} handshakes since {time}"
            return [f"{sender_of(notice)} asked for {numbers}."]
        case kind if words_of(kind) is UNKNOWN:
            return [f"Event {notice.text('event_id')} of the kind {notice.text('kind')}: {notice.text('reason')}"]
    return describe_handshake(notice, reader)
