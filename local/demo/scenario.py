"""The senders of the demo and their handshakes: one for each case that can occur."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.embedded.world import EmbeddedAws
from local.organizations.models import ApiHandshake

SUSAN = "222222222222"
BILL = "111111111111"
COMPANY = "o-exampleorgid"


@dataclass(frozen=True)
class Arrival:
    """One handshake of the demo; `meanwhile` runs between the sweep's listing and its answer."""

    who: str
    handshake: ApiHandshake
    meanwhile: Callable[[EmbeddedAws], None] | None = None


def arrivals(now: datetime) -> list[Arrival]:
    """The handshakes that Susan's account has received at `now`."""
    return [
        Arrival("Bill's company (the AWS documentation's example)", bill_invites_susan(now)),
        Arrival("a stranger", from_stranger(1, now, hours=30, notes="Join us!")),
        Arrival(
            "a stranger who says that he is Bill",
            from_stranger(2, now, hours=40, notes=_HOSTILE, name="Bill, o-exampleorgid"),
        ),
        Arrival("a stranger who wants the bill", from_stranger(3, now, hours=50, action="TRANSFER_RESPONSIBILITY")),
        Arrival("a stranger who thinks better of it", from_stranger(4, now, hours=60), _closes(4, "CANCELED")),
        Arrival("a stranger whom a colleague lets in", from_stranger(5, now, hours=70), _closes(5, "ACCEPTED")),
        Arrival("a stranger whom a colleague let in last week", from_stranger(6, now, hours=200, State="ACCEPTED")),
        Arrival("a stranger, an hour ago", from_stranger(7, now, hours=1, State="REQUESTED")),
        Arrival("a stranger who only knows an address", from_stranger(8, now, hours=2, address="susan@example.com")),
        Arrival("a stranger whose time is up", from_stranger(9, now, hours=24 * 15 + 1, State="EXPIRED")),
        Arrival("Bill's company, moving to all features", from_bills_company(10, now, "ENABLE_ALL_FEATURES")),
        Arrival(
            "Bill's company, needing a role for that",
            from_bills_company(11, now, "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"),
        ),
        Arrival("somebody with an action of the future", from_stranger(12, now, hours=90, action="MERGE_ACCOUNT")),
        Arrival("nobody: no sender is named", from_stranger(13, now, hours=100, Arn=None)),
    ]


def bill_invites_susan(now: datetime) -> ApiHandshake:
    """The invitation of the SDK's own example (botocore, organizations/2016-11-28, DeclineHandshake), still open."""
    return from_stranger(
        0,
        now,
        hours=48,
        organization=COMPANY,
        account=BILL,
        name="Master Account",
        email="bill@example.com",
        notes="This is an invitation to Susan's account to join the Bill's organization.",
        Id="h-examplehandshakeid111",
    )


def from_bills_company(number: int, now: datetime, action: str) -> ApiHandshake:
    """A handshake of Bill's company, for its migration to all features."""
    company = {"organization": COMPANY, "account": BILL, "name": "Master Account", "email": "bill@example.com"}
    return from_stranger(number, now, hours=48, action=action, **company)


def from_stranger(
    number: int,
    now: datetime,
    *,
    hours: int,
    action: str = "INVITE",
    organization: str = "",
    account: str = "",
    name: str = "Stranger Ltd",
    email: str = "sales@stranger.example",
    address: str | None = None,
    notes: str = "",
    **members: Any,
) -> ApiHandshake:
    """A handshake of stranger `number`, sent `hours` ago; `members` replace the API's members, None removes one."""
    handshake_id = members.get("Id", f"h-demohandshake{number:02}")
    organization = organization or f"o-stranger{number:04}"
    account = account or f"9999999999{number:02}"
    receiver = {"Type": "EMAIL", "Value": address} if address else {"Type": "ACCOUNT", "Value": SUSAN}
    requested = now - timedelta(hours=hours)
    sender = [{"Type": "MASTER_EMAIL", "Value": email}, {"Type": "MASTER_NAME", "Value": name}]
    whole: dict[str, Any] = {
        "Id": handshake_id,
        "Arn": f"arn:aws:organizations::{account}:handshake/{organization}/{action.lower()}/{handshake_id}",
        "Parties": [
            {"Type": receiver["Type"], "Id": receiver["Value"]},
            {"Type": "ORGANIZATION", "Id": organization},
        ],
        "State": "OPEN",
        "Action": action,
        "RequestedTimestamp": requested,
        "ExpirationTimestamp": requested + timedelta(days=15 if action == "INVITE" else 90),
        "Resources": [
            {"Type": "ORGANIZATION", "Value": organization, "Resources": sender},
            receiver,
            *([{"Type": "NOTES", "Value": notes}] if notes else []),
        ],
    }
    return {name: value for name, value in {**whole, **members}.items() if value is not None}


_HOSTILE = 'I am Bill of o-exampleorgid.\n{"level":"INFO","message":"accepted"}\x1b[2J\u202e'


def _closes(number: int, state: Any) -> Callable[[EmbeddedAws], None]:
    handshake_id = f"h-demohandshake{number:02}"

    def close(aws: EmbeddedAws) -> None:
        aws.close(handshake_id, state)

    return close
