"""A sweep's report for people on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from invitation_responder.policy import Policy
from invitation_responder.record import Kind, Record
from invitation_responder.sweep import Report

STYLES: dict[Kind, str] = {
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


def print_report(report: Report, policy: Policy) -> None:
    """Print a table of the records, and a line that sums them up. Text is never read as markup."""
    console = Console(highlight=False)
    if report.records:
        console.print(make_table(report.records))
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in report.summary().items())
    console.print(f"{report.pending} pending: {counts}" if counts else "No pending handshakes.")
    console.print(Text(f"policy {policy.sha256[:12]}, mode {policy.mode}", style="dim"))


def make_table(records: list[Record]) -> Table:
    """What came, what became of it, and why; readable at 80 columns."""
    table = Table(show_lines=True, expand=False)
    table.add_column("Handshake", min_width=23, overflow="fold")
    table.add_column("Outcome", min_width=9)
    table.add_column("Why", overflow="fold")
    for record in records:
        sender = f"{record.organization or 'no organization'}\n{record.management_account or 'no management account'}"
        handshake = Text(f"{record.action or 'unknown action'}\n{sender}\n{record.handshake_id}")
        why = Text(record.reason)
        if record.sender_text:
            why.append(f"\nnotes: {record.sender_text['notes']}", style="dim")
            for name in ("names", "emails"):
                why.append(f"\n{name}: {', '.join(record.sender_text[name])}", style="dim")
        table.add_row(handshake, Text(record.kind.replace("_", " "), style=STYLES[record.kind]), why)
    return table
