"""The coverage of an organization's accounts, worst first: as JSON, as a table, and in a sentence. Pure."""

import json
from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from invitation_responder.core.coverage import AccountCoverage
from invitation_responder.core.escaping import escape
from invitation_responder.core.iso8601 import write_seconds


def worst_first(accounts: Iterable[AccountCoverage]) -> list[AccountCoverage]:
    """The accounts, longest without a sweep first; those that were never swept come before all others."""
    return sorted(accounts, key=lambda one: (one.last_swept_at is not None, one.covered_until, one.account))


def is_swept(account: AccountCoverage) -> bool:
    """True if the account was swept at its last try."""
    return account.outcome == "swept"


def summarize(accounts: Sequence[AccountCoverage]) -> str:
    """One sentence about accounts in the order of `worst_first`."""
    if not accounts:
        return "No account was swept yet: the table has no coverage."
    worst = accounts[0]
    since = f"since {write_seconds(worst.covered_until)}"
    if worst.last_swept_at is None:
        since = f"which was never swept, {since}"
    counted = f"{sum(map(is_swept, accounts))} of {len(accounts)}"
    tries = "account was swept at its last try" if len(accounts) == 1 else "accounts were swept at their last try"
    return f"{counted} {tries}; the longest without a sweep is {escape(worst.account)}, {since}"


def as_json(account: AccountCoverage) -> str:
    """One line of JSON."""
    swept_at, since = account.last_swept_at, account.not_swept_since
    fields = {
        "account": account.account,
        "name": account.name or None,
        "outcome": account.outcome,
        "last_swept_at": write_seconds(swept_at) if swept_at else None,
        "not_swept_since": write_seconds(since) if since else None,
        "last_tried_at": write_seconds(account.last_tried_at),
        "detail": account.detail or None,
        "sweep": account.sweep,
    }
    return json.dumps(fields)


def make_table(accounts: Sequence[AccountCoverage]) -> Table:
    """A table of accounts; readable at 80 columns. Text is never read as markup."""
    table = Table()
    table.add_column("Account", min_width=12, overflow="fold")
    table.add_column("Last swept", no_wrap=True)
    table.add_column("Last try", min_width=20, overflow="fold")
    for account in accounts:
        swept_at = account.last_swept_at
        table.add_row(
            Text(escape(f"{account.account} {account.name}".strip())),
            Text(write_seconds(swept_at)) if swept_at else Text("never", style="bold red"),
            _last_try(account),
            end_section=not is_swept(account),
        )
    return table


def _last_try(account: AccountCoverage) -> Text:
    if is_swept(account):
        return Text("swept", style="green")
    since = f" since {write_seconds(account.not_swept_since)}" if account.not_swept_since else ""
    detail = f"\n{escape(account.detail)}" if account.detail else ""
    return Text.assemble((escape(account.outcome).replace("_", " "), "bold red"), since, detail)
