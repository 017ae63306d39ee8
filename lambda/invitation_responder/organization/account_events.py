"""Events of AWS Organizations as SQS hands them to the hub: which accounts each is about. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from invitation_responder.core.policy import ACCOUNT_ID

# These come to the management account, and are about another one. Where they name it is not documented; published
# examples differ.
_OF_ANOTHER_ACCOUNT: Final = frozenset({"AccountJoinedOrganization", "AccountDepartedOrganization"})
_OF_THE_CALLER: Final = frozenset({"userIdentity", "recipientAccountId"})
_ACCOUNT_OR_ARN: Final = re.compile(r"(?:|arn:\S*/)([0-9]{12})")
_MAX_ACCOUNTS: Final = 5  # an event is about one account; nobody may start the sweep of all by a single one


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One event: the id of the SQS message, the accounts that it is about, and when it came to the queue."""

    id: str
    accounts: tuple[str, ...]
    sent_at: datetime


def read_account_event(record: Mapping[str, Any]) -> AccountEvent | None:
    """Read one of the `Records` with which SQS invokes a function; None if its body is no event of an account.

    `SentTimestamp` is in milliseconds since 1970 (Lambda developer guide, "Using Lambda with Amazon SQS").
    """
    sent_at = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
    try:
        accounts = _accounts_of(json.loads(record["body"]))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    return AccountEvent(record["messageId"], accounts, sent_at)


def _accounts_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The other accounts that an event names if it is about another one; else the account in which it came up."""
    own, detail = event["account"], event["detail"]
    if not ACCOUNT_ID.fullmatch(own):
        raise ValueError(f"{own!r} is no account number")
    if detail["eventName"] not in _OF_ANOTHER_ACCOUNT:
        return (own,)
    named = _numbers([value for name, value in detail.items() if name not in _OF_THE_CALLER])
    return tuple(dict.fromkeys(number for number in named if number != own))[:_MAX_ACCOUNTS] or (own,)


def _numbers(value: object) -> Iterator[str]:
    """Every account number in a JSON value, alone or at the end of an ARN."""
    if isinstance(value, str) and (match := _ACCOUNT_OR_ARN.fullmatch(value)):
        yield match[1]
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
