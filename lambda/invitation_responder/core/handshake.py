"""The API's handshake, read once at the edge: dict in, `Handshake` out. Reading never raises.

Shapes and patterns are those of the SDK's service model (botocore `organizations/2016-11-28`), in which every member of
a handshake is optional. Reading only lists the problems of a handshake; the decision draws the conclusion.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

from invitation_responder.core.resources import Resource, read_resources

Action = Literal[
    "INVITE",
    "ENABLE_ALL_FEATURES",
    "APPROVE_ALL_FEATURES",
    "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
    "TRANSFER_RESPONSIBILITY",
]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

# A new handshake is REQUESTED in the model's prose and OPEN in every published example: both await an answer.
PENDING_STATES: Final = frozenset({"REQUESTED", "OPEN"})
CLOSED_STATES: Final = frozenset({"ACCEPTED", "DECLINED", "CANCELED", "EXPIRED"})

HANDSHAKE_ID: Final = re.compile(r"h-[0-9a-z]{8,32}")
# The model's pattern says `arn:aws`; other partitions exist. The <type> part has undocumented forms.
HANDSHAKE_ARN: Final = re.compile(
    r"arn:[a-z0-9-]{1,32}:organizations::(?P<management_account>[0-9]{12})"
    r":handshake/(?P<organization>o-[a-z0-9]{10,32})/[A-Za-z0-9_-]{1,64}/(?P<id>h-[0-9a-z]{8,32})"
)
ENUM_VALUE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")

# The API's prose names OWNER_EMAIL and OWNER_NAME; the enum has the two others of each.
EMAIL_TYPES: Final = frozenset({"MASTER_EMAIL", "MANAGEMENT_EMAIL", "OWNER_EMAIL"})
NAME_TYPES: Final = frozenset({"MASTER_NAME", "MANAGEMENT_NAME", "OWNER_NAME"})
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
# A billing transfer has to be accepted 24 hours before it starts, whatever ExpirationTimestamp says (AWS Billing user
# guide, "Responding to a billing transfer invitation").
TIME_BEFORE_A_TRANSFER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Sender:
    """The organization and the management account in a handshake's ARN. Nothing else identifies a sender."""

    organization: str
    management_account: str


@dataclass(frozen=True, slots=True)
class Handshake:
    """One handshake that `receiver` has received. Times are in UTC, and timezone-aware.

    `problems` are the reasons why the handshake can't be judged; without any, it can. `starts_at` is the start of a
    billing transfer, None if it is missing or illegible. The sender's text (`emails`, `names`, `notes`) is untrusted,
    and stays out of `repr`.
    """

    id: str
    receiver: str
    action: str | None = None
    state: str | None = None
    sender: Sender | None = None
    requested_at: datetime | None = None
    expires_at: datetime | None = None
    starts_at: datetime | None = None
    emails: tuple[str, ...] = field(default=(), repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)
    notes: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()

    @property
    def organization(self) -> str | None:
        """The sender's organization."""
        return self.sender.organization if self.sender else None

    @property
    def management_account(self) -> str | None:
        """The sender's management account."""
        return self.sender.management_account if self.sender else None

    @property
    def answer_by(self) -> datetime | None:
        """The deadline to accept: the expiration or, if earlier, 24 hours before a billing transfer starts."""
        if self.starts_at is None:
            return self.expires_at
        latest = max(self.starts_at, _EARLIEST + TIME_BEFORE_A_TRANSFER) - TIME_BEFORE_A_TRANSFER
        return min(latest, self.expires_at or latest)

    @property
    def is_own_request(self) -> bool:
        """True if the receiver itself sent the handshake, and so has nothing to answer.

        The requests of an organization's own move to all features also name its management account, but do await
        answers.
        """
        return self.action in ("INVITE", "TRANSFER_RESPONSIBILITY") and self.receiver == self.management_account

    def is_pending(self, now: datetime) -> bool:
        """True if the handshake may await an answer at `now` (timezone-aware).

        An unknown state counts as pending for as long as it is listed, so that the handshake is found undecided instead
        of overlooked. A handshake without an expiration does not expire.
        """
        if self.state in PENDING_STATES:
            return self.expires_at is None or now < self.expires_at
        return self.state not in CLOSED_STATES


def read_handshake(raw: object, receiver: str) -> Handshake:
    """Read one element of `Handshakes` as the SDK returns it; `receiver` is the account that it was listed for.

    Timestamps may be timezone-aware datetimes (the SDK), ISO 8601 text with an offset (the CLI) or epoch seconds (the
    wire). Never raises.
    """
    problems: list[str] = []
    if not isinstance(raw, dict):
        return Handshake(id=_stand_in(raw), receiver=receiver, problems=("it is not an object",))

    handshake_id = raw.get("Id")
    if not (isinstance(handshake_id, str) and HANDSHAKE_ID.fullmatch(handshake_id)):
        problems.append("its Id is missing or malformed")
        handshake_id = None
    resources = list(read_resources(raw.get("Resources"), problems))
    sender = _sender(raw.get("Arn"), handshake_id, problems)
    if sender:
        problems.extend(_contradictions(sender, receiver, resources))
    of_the_sender = [each for each in resources if not sender or each.accounts <= {sender.management_account}]
    return Handshake(
        id=handshake_id or _stand_in(raw),
        receiver=receiver,
        action=_enum(raw, "Action", frozenset(ACTIONS), problems),
        state=_enum(raw, "State", PENDING_STATES | CLOSED_STATES, problems),
        sender=sender,
        requested_at=_timestamp(raw, "RequestedTimestamp", problems),
        expires_at=_timestamp(raw, "ExpirationTimestamp", problems),
        starts_at=_transfer_start(raw.get("Action"), resources),
        emails=tuple(each.value for each in of_the_sender if each.kind in EMAIL_TYPES),
        names=tuple(each.value for each in of_the_sender if each.kind in NAME_TYPES),
        notes="\n".join(each.value for each in resources if each.kind == "NOTES"),
        problems=tuple(problems),
    )


def _stand_in(raw: object) -> str:
    """A stable name for a handshake without a usable Id: the same object gets the same name at every listing."""
    try:
        text = repr(raw)
    except (RecursionError, ValueError):  # nested too deeply, or a number with too many digits
        text = "unspeakable"
    return "malformed-" + hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _enum(raw: dict[object, object], member: str, known: frozenset[str], problems: list[str]) -> str | None:
    value = raw.get(member)
    if not (isinstance(value, str) and ENUM_VALUE.fullmatch(value)):
        problems.append(f"its {member} is missing or malformed")
        return None
    if value not in known:
        problems.append(f"its {member} {value} is not one that this program knows")
    return value


def _sender(arn: object, handshake_id: str | None, problems: list[str]) -> Sender | None:
    match = HANDSHAKE_ARN.fullmatch(arn) if isinstance(arn, str) else None
    if not match:
        problems.append("it names no sender: its Arn is missing or malformed")
        return None
    if handshake_id is not None and match["id"] != handshake_id:
        problems.append("its Arn names another handshake than its Id")
    return Sender(organization=match["organization"], management_account=match["management_account"])


def _contradictions(sender: Sender, receiver: str, resources: list[Resource]) -> Iterator[str]:
    """The contradictions between the ARN and the resources about the sender.

    Documented samples show organization ids without their `o-`. The MANAGEMENT_ACCOUNT of a billing transfer is
    undocumented: it may be the account of the bill's source, so the receiver's own account is no contradiction.
    """
    organizations = {each.value for each in resources if each.kind == "ORGANIZATION"}
    if not organizations <= {sender.organization, sender.organization.removeprefix("o-")}:
        yield "its Arn and its Resources name different organizations"
    accounts = {each.value for each in resources if each.kind == "MANAGEMENT_ACCOUNT"}
    if not accounts <= {sender.management_account, receiver}:
        yield "its Arn and its Resources name different management accounts"


def _transfer_start(action: object, resources: Sequence[Resource]) -> datetime | None:
    """The earliest start that a billing transfer names; None if none is legible, which is no problem."""
    if action != "TRANSFER_RESPONSIBILITY":
        return None
    starts = (_start(each.value) for each in resources if each.kind == "TRANSFER_START_TIMESTAMP")
    return min((start for start in starts if start), default=None)


def _start(text: str) -> datetime | None:
    """Read a start, whose form is undocumented: ISO 8601, in UTC unless it has an offset, or seconds since 1970."""
    if text.isascii() and text.isdigit() and len(text) > len("20261201"):
        return _time(int(text[:20]))
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _time(time if time.tzinfo else time.replace(tzinfo=UTC))


def _timestamp(raw: dict[object, object], member: str, problems: list[str]) -> datetime | None:
    value = raw.get(member)
    if value is None:
        return None
    time = _time(value)
    if time is None:
        problems.append(f"its {member} is malformed")
    return time


def _time(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            value = datetime.fromtimestamp(value, UTC)
        if isinstance(value, datetime) and value.utcoffset() is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
