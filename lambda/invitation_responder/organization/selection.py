"""The accounts that a sweep is about, in the order of their turn. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from invitation_responder.aws.accounts import Account
from invitation_responder.core.coverage import AccountCoverage
from invitation_responder.core.policy import ACCOUNT_ID

NOT_SWEPT: Final = "not swept"
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class RequestError(ValueError):
    """The input of an execution asks for nothing that a sweep can do; the message says what it takes."""


@dataclass(frozen=True, slots=True)
class Request:
    """The request of an execution: the whole organization, some `accounts`, or those that were not swept last."""

    accounts: tuple[str, ...] = ()
    only_not_swept: bool = False

    @property
    def is_whole(self) -> bool:
        """True for the whole organization, as the schedule asks."""
        return not (self.accounts or self.only_not_swept)


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the organization to sweep: the accounts below the `units`, without those that `leave_out` names.

    `leave_out` holds accounts and organizational units. The hub's own account is swept in any case, unless it is named.
    """

    own_account: str
    units: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()

    def reason_to_leave_out(self, account: Account) -> str | None:
        """Why an account is not swept; None if it is. An account whose units AWS does not say is swept."""
        if not account.is_active:
            return f"it is {account.state}"
        if account.id in self.leave_out or account.is_in(self.leave_out):
            return "the configuration leaves it out"
        if account.id == self.own_account or not account.paths or not self.units or account.is_in(self.units):
            return None
        return "it is in none of the organizational units to sweep"


def read_request(event: Mapping[str, Any]) -> Request:
    """Read the input of an execution: `{}`, `{"accounts": ["111122223333"]}` or `{"only": "not swept"}`.

    Raises `RequestError`.
    """
    match dict(event):
        case {"accounts": [_, *_] as accounts, **rest} if not rest:
            wrong = [
                account for account in accounts if not (isinstance(account, str) and ACCOUNT_ID.fullmatch(account))
            ]
            if wrong:
                raise RequestError(f"`accounts` has {wrong[0]!r}, which is no account number (12 digits, in quotes)")
            return Request(accounts=tuple(dict.fromkeys(accounts)))
        case {"only": "not swept", **rest} if not rest:
            return Request(only_not_swept=True)
        case {**anything} if not anything:
            return Request()
    raise RequestError(
        'the input of an execution is {} for the whole organization, {"accounts": ["111122223333"]} or '
        '{"only": "not swept"}'
    )


def in_order(accounts: Sequence[str], coverage: Mapping[str, AccountCoverage]) -> list[str]:
    """The accounts, longest not swept first; those that were never swept come before all others."""

    def last_swept_at(account: str) -> datetime:
        known = coverage.get(account)
        return (known.last_swept_at if known else None) or _NEVER

    return sorted(accounts, key=lambda account: (last_swept_at(account), account))
