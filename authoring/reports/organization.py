"""A sweep of a whole organization: its progress on stderr, and the accounts that were not swept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from invitation_responder.core.record import Record
from invitation_responder.organization.account_sweep import AccountResult

from .run import make_table, try_write
from .stdout import escape_unprintable


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def show_progress(accounts: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr, if that is a terminal: accounts done, their rate, the time left. Gives what ends one account."""
    console = Console(stderr=True)
    columns = (TextColumn("accounts"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("accounts", total=accounts)
        yield lambda: progress.advance(task)


class AccountTables:
    """A table for each account that has a record, printed at the end."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self.lost: str | None = None
        self._records: list[Record] = []

    def show(self, record: Record) -> None:
        """Keep the record for its account's table."""
        self._records.append(record)

    def finish(self, summary: str) -> None:
        """Print the tables, and what they come to."""
        self.lost = try_write(lambda: self._print(summary))

    def _print(self, summary: str) -> None:
        escape_unprintable()
        console = Console(highlight=False)
        by_account: dict[str, list[Record]] = {}
        for record in self._records:
            by_account.setdefault(record.receiver, []).append(record)
        for account, records in sorted(by_account.items()):
            console.print(Text(f"account {account}", style="bold"))
            console.print(make_table(records))
        console.print(Text(summary))


def make_failures_table(results: Sequence[AccountResult]) -> Table:
    """The accounts that were not swept, and why; readable at 80 columns. Text is never read as markup."""
    table = Table("Not swept", show_lines=True)
    table.add_column("Outcome", min_width=9)
    table.add_column("Why", min_width=20, overflow="fold")
    for result in results:
        table.add_row(result.account, Text(result.outcome.replace("_", " "), style="bold red"), Text(result.detail))
    return table
