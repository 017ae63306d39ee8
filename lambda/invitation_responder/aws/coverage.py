"""The coverage of each account, in the table of organization scope."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from invitation_responder.aws.organization_table import Item, OrganizationTable, TableError
from invitation_responder.core.coverage import AccountCoverage, AccountOutcome
from invitation_responder.core.iso8601 import write_time

_KIND: Final = "account"


class Coverage:
    """Reads and records the coverage of accounts; each operation raises `TableError`."""

    def __init__(self, table: OrganizationTable) -> None:
        """Keep the coverage in this table."""
        self._table = table

    def read(self) -> dict[str, AccountCoverage]:
        """The coverage of every account that was ever tried, by its number."""
        items = self._table.query(_KIND)
        try:
            return {item["id"]: _from_item(item) for item in items if "outcome" in item or "name" not in item}
        except (KeyError, TypeError, ValueError) as error:
            raise TableError(f"the coverage has an item that this version did not write: {error!r}") from error

    def set_name(self, account: str, name: str) -> None:
        """Write the name of an account, also of one that is not tried yet."""
        self._table.update(_KIND, account, values={"name": name})

    def names(self, accounts: Collection[str]) -> dict[str, str]:
        """The names of accounts, by number; those that are not known are left out. There is a call for each account."""
        items = {account: self._table.get(_KIND, account) for account in accounts}
        return {account: item["name"] for account, item in items.items() if item and "name" in item}

    def knows(self, account: str) -> bool:
        """True if a sweep of the organization has the account."""
        return self._table.get(_KIND, account) is not None

    def record(self, account: str, outcome: AccountOutcome, *, detail: str, sweep: str, now: datetime) -> None:
        """Record the result of one try. The item is updated in place: nobody needs to have read it."""
        at = write_time(now)
        values = {"outcome": outcome, "detail": detail, "sweep": sweep, "last_tried_at": at}
        if outcome == "swept":
            values["last_swept_at"] = at
            self._table.update(
                _KIND, account, values=values, only_new={"first_tried_at": at}, remove=("not_swept_since",)
            )
        else:
            self._table.update(_KIND, account, values=values, only_new={"first_tried_at": at, "not_swept_since": at})

    def forget(self, accounts: Iterable[str]) -> None:
        """Delete the coverage of accounts that are not swept any more, since they left or are left out."""
        for account in accounts:
            self._table.delete(_KIND, account)


def _from_item(item: Item) -> AccountCoverage:
    attributes: dict[str, Any] = dict(item)
    return AccountCoverage(
        account=attributes["id"],
        first_tried_at=_time(attributes["first_tried_at"]),
        last_tried_at=_time(attributes["last_tried_at"]),
        sweep=attributes["sweep"],
        outcome=attributes["outcome"],
        detail=attributes["detail"],
        name=attributes.get("name", ""),
        last_swept_at=_time(attributes["last_swept_at"]) if "last_swept_at" in attributes else None,
        not_swept_since=_time(attributes["not_swept_since"]) if "not_swept_since" in attributes else None,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
