"""A sweep on stdout: a table for people, JSON lines for programs.

The loss of stdout (a closed pipe, a full disk) stops no sweep: the sweep is finished, and the loss is reported.
"""

import json
import sys
from collections.abc import Callable
from typing import Final, Protocol

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from invitation_responder.core.iso8601 import write_time
from invitation_responder.core.record import Kind, Record

from ..diagnostics.wording import reason_of
from .stdout import escape_unprintable, silence_stdout

STYLES: Final[dict[Kind, str]] = {
    "declined": "green",
    "accepted": "green",
    "would_decline": "cyan",
    "would_accept": "cyan",
    "left": "blue",
    "waiting": "blue",
    "deferred": "yellow",
    "already_closed": "dim",
    "undecided": "bold yellow",
    "failed": "bold red",
    "breach": "bold white on red",
}


class Output(Protocol):
    """Takes the records of a sweep. `lost` is the reason why stdout can't be written, None if it can."""

    lost: str | None

    def show(self, record: Record) -> None:
        """Take a record as soon as it is final."""
        ...

    def finish(self, summary: str) -> None:
        """Take the summary; no records come after it."""
        ...


class JsonLines:
    """Prints each decision record at once, as a line of JSON."""

    def __init__(self) -> None:
        """Begin with nothing lost."""
        self.lost: str | None = None

    def show(self, record: Record) -> None:
        """Print the record."""
        if self.lost is None:
            self.lost = try_write(lambda: click.echo(json.dumps(record.as_dict())))

    def finish(self, summary: str) -> None:
        """Print nothing: a summary is no record."""


class RecordTable:
    """Prints a table at the end; until then, shows its progress on a terminal."""

    def __init__(self) -> None:
        """Begin to show the progress."""
        self.lost: str | None = None
        self._records: list[Record] = []
        self._progress = Console(stderr=True).status("listing handshakes")
        self._progress.start()

    def show(self, record: Record) -> None:
        """Keep the record for the table."""
        self._records.append(record)
        self._progress.update(f"{len(self._records)} handshakes dealt with")

    def finish(self, summary: str) -> None:
        """Print the table and the summary."""
        self._progress.stop()
        self.lost = try_write(lambda: self._print(summary))

    def _print(self, summary: str) -> None:
        if sys.stdout is None:
            return
        escape_unprintable()
        console = Console(highlight=False)
        if self._records:
            console.print(make_table(self._records))
        console.print(Text(summary))


def make_table(records: list[Record]) -> Table:
    """A table of handshakes, outcomes and reasons; readable at 80 columns. Text is never read as markup."""
    table = Table("Handshake", show_lines=True)
    table.add_column("Outcome", min_width=9)
    table.add_column("Why", min_width=20, overflow="fold")
    for record in records:
        outcome = Text(record.kind.replace("_", " "), style=STYLES[record.kind])
        outcome.append(f"\n{record.state or 'no state'}", style="not bold not reverse dim")
        table.add_row(_handshake(record), outcome, _why(record))
    return table


def _handshake(record: Record) -> Text:
    sender = f"{record.organization or 'no organization'}\n{record.management_account or 'no management account'}"
    until = f"\nuntil {write_time(record.answer_by)[:16]}Z" if record.answer_by else ""
    return Text(f"{record.action or 'no action'}\n{sender}\n{record.handshake_id}{until}", overflow="fold")


def _why(record: Record) -> Text:
    why = Text(record.reason)
    if record.sender_text:
        notes, names, emails = (record.sender_text[name] for name in ("notes", "names", "emails"))
        for name, text in (("notes", notes), ("names", ", ".join(names)), ("e-mail", ", ".join(emails))):
            if text:
                why.append(f"\n{name}: {text}", style="dim")
    return why


def try_write(write: Callable[[], None]) -> str | None:
    """Write to stdout; returns the reason if that fails, else None. After a failure, stdout is silenced for good."""
    try:
        write()
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        silence_stdout()
        return reason_of(error)
    return None
