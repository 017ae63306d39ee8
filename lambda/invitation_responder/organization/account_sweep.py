"""The sweep of one account of an organization. A failure is that account's outcome, and nobody else's."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from invitation_responder.aws.client import is_denied, is_explicitly_denied, is_throttled
from invitation_responder.aws.ledger import LedgerError
from invitation_responder.aws.member_roles import MemberRoles, RoleError
from invitation_responder.aws.pages import ListingError
from invitation_responder.core.coverage import MAY_PASS, AccountOutcome
from invitation_responder.sweep import Report, Sweep

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

# The least time that must be left to begin another account: three calls that hang at every attempt.
TIME_FOR_ONE_ACCOUNT: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class AccountResult:
    """One account, and whether it was swept: then `report` says what the sweep did, else `detail` says why not."""

    account: str
    outcome: AccountOutcome
    detail: str = ""
    report: Report | None = None


def sweep_account(
    account: str, roles: MemberRoles, make_sweep: Callable[[str, "OrganizationsClient"], Sweep]
) -> AccountResult:
    """Sweep an account with a client that acts as it; `make_sweep` gets both. Raises no error of AWS."""
    try:
        with roles.acting_as(account) as client:
            return AccountResult(account, "swept", report=make_sweep(account, client).run())
    except RoleError as error:
        return AccountResult(account, _outcome_of_role(error.__cause__), str(error))
    except (ListingError, LedgerError) as error:
        return AccountResult(account, _outcome_of(error.__cause__), str(error))


def _outcome_of_role(error: BaseException | None) -> AccountOutcome:
    # AWS gives one answer for a role that is missing and for one that does not trust the caller.
    return "no_role" if is_denied(error) and not is_explicitly_denied(error) else _outcome_of(error)


def _outcome_of(error: BaseException | None) -> AccountOutcome:
    if is_throttled(error):
        return "throttled"
    return "denied" if is_denied(error) else "failed"


def sweep_accounts(
    accounts: Iterable[str], sweep: Callable[[str], AccountResult], *, is_over: Callable[[], bool]
) -> Iterator[AccountResult]:
    """The result of each account, once. If its reason may pass, the account gets a second try after all the others.

    Before each account `is_over` is asked whether to end: then the second tries that are still due keep their first
    result, and accounts without a try have none.
    """
    again: list[AccountResult] = []
    for account in accounts:
        if is_over():
            break
        result = sweep(account)
        if result.outcome in MAY_PASS:
            again.append(result)
        else:
            yield result
    for result in again:
        yield result if is_over() else sweep(result.account)
