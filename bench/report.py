"""The findings of a benchmark, and how the terminal and the documents show them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Final

from rich.table import Table

ROOT: Final = Path(__file__).parents[1]
# Is told the steps that are done, of how many.
Observe = Callable[[int, int], None]
_END: Final = "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Claim:
    """A measured figure and its bounds; without bounds it is for information."""

    subject: str
    measured: float
    at_most: float | None = None
    at_least: float | None = None
    unit: str = "times"

    @property
    def holds(self) -> bool:
        """True if the figure is within its bounds."""
        at_most, at_least = self.at_most, self.at_least
        return (at_most is None or self.measured <= at_most) and (at_least is None or self.measured >= at_least)

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        bounds = (("at most", self.at_most), ("at least", self.at_least))
        return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines of points (x: y) over logarithmic axes, for `docs/benchmarks/<file>.svg`."""

    file: str
    title: str
    x: str
    y: str
    lines: dict[str, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a benchmark: a table for the documents, whose first row is the header, and notes below it."""

    name: str
    table: tuple[tuple[str, ...], ...]
    notes: str
    claims: tuple[Claim, ...]
    plots: tuple[Plot, ...] = ()


def round_figure(number: float) -> str:
    """A figure with two digits or, from 10 on, without decimals."""
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"  # noqa: PLR2004 - two digits


def draw_claims(claims: Iterable[Claim]) -> Table:
    """The table for a terminal."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("must be", no_wrap=True)
    for claim in claims:
        style = None if claim.holds else "bold red"
        table.add_row(claim.subject, f"{_figure(claim)} {claim.unit}", claim.bounds, style=style)
    return table


def write_claims(claims: Iterable[Claim]) -> str:
    """The table for the documents."""
    rows = ((claim.subject, f"{_figure(claim)} {claim.unit}", claim.bounds) for claim in claims)
    return write_table([("", "measured", "must be"), *rows])


def write_report(report: Report) -> str:
    """A benchmark's table and notes for the documents."""
    return f"{write_table(report.table)}\n\n{fill(report.notes, 120)}"


def write_table(rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; all columns but the first are aligned to the right."""
    header, *others = ("| " + " | ".join(row) + " |" for row in rows)
    rule = "|---|" + "---:|" * (header.count(" | "))
    return "\n".join([header, rule, *others])


def replace_section(page: str, name: str, text: str) -> str:
    """The page with another text between a section's markers. Raises `ValueError` if it has no such section."""
    begin = f"<!-- {name}: written by `make bench` -->"
    before, marker, rest = page.partition(begin)
    _, end, after = rest.partition(_END)
    if not (marker and end):
        raise ValueError(f"no section {begin} that ends with {_END}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def _figure(claim: Claim) -> str:
    """The figure with two decimals, or with one from 10 on."""
    return f"{claim.measured:.2f}" if claim.measured < 10 else f"{claim.measured:,.1f}"  # noqa: PLR2004
