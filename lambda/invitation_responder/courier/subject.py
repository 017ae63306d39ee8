"""The subject of a message. Pure."""

from collections.abc import Sequence
from typing import Final

from invitation_responder.courier.kinds import BREACHES, count, place_of, words_of
from invitation_responder.courier.notice import NONE, Notice

LIMIT: Final = 100  # SNS takes ASCII, and no more than 100 characters (Amazon SNS API reference, "Publish")
# A subject begins with what was done, as in `3 handshakes declined, 1 waits for you`.
_DONE: Final = ("declined", "accepted", "would_decline", "would_accept")


def write_subject(notices: Sequence[Notice], own_account: str) -> str:
    """The subject of a message about notices; it names their account, if that is not the responder's own alone."""
    accounts = list(dict.fromkeys(notice.account for notice in notices))
    where = f"in {accounts[0]}" if len(accounts) == 1 else f"in {len(accounts)} accounts"
    if all(notice.kind in BREACHES for notice in notices):
        text = _write_breaches(notices, where)
    elif accounts == [own_account]:
        text = _write_counts(notices)
    else:
        text = f"{_write_counts(notices)} {where}"
    plain = text.encode("ascii", "replace").decode("ascii")
    return plain if len(plain) <= LIMIT else f"{plain[: LIMIT - 3]}..."


def _write_breaches(notices: Sequence[Notice], where: str) -> str:
    words = words_of(min((notice.kind for notice in notices), key=place_of))
    if len(notices) > 1:
        return f"{len(notices)} {words.many} {where}"
    [notice] = notices
    sender = notice.text("organization")
    if sender == NONE:
        sender = notice.text("management_account")
    return f"{words.one} {where}: {sender}'s {notice.text('action')} was accepted"


def _write_counts(notices: Sequence[Notice]) -> str:
    by_kind: dict[str, list[Notice]] = {}
    for notice in notices:
        by_kind.setdefault(notice.kind, []).append(notice)
    parts, last_noun = [], None
    for kind in sorted(by_kind, key=lambda kind: (kind not in _DONE, place_of(kind))):
        words, number = words_of(kind), len(by_kind[kind])
        if kind == "accounts_not_swept":
            latest = by_kind[kind][-1]
            parts.append(f"{latest.text('not_swept')} of {latest.text('accounts')} {words.many}")
        elif kind == "alarm_ended" and number == 1:
            parts.append(f"{by_kind[kind][0].text('alarm')} {words.one}")
        elif words.noun is None:
            parts.append(words.one)
        else:
            counted = str(number) if words.noun == last_noun else count(number, words.noun)
            parts.append(f"{counted} {words.one if number == 1 else words.many}")
            last_noun = words.noun
    return ", ".join(parts)
