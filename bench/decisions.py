"""How long a decision takes, beside what users would decide with instead: `make bench`.

Measured is the time from a parsed handshake to its decision, with policies of 10 to 10,000 rules that look like real
ones. It is what a sweep pays for each handshake, and what shows if rules about others cost anything. Ours gives the
effect and, if somebody reads it, the reason; the peers give a bare yes or no. Before anything is timed, every answer is
compared with ours. The contestants take turns, and a row is the median of their rounds.

Medians depend on the machine; the ratios of medians from one run are what is claimed. They go to `docs/benchmarks.md`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.contest import HANDSHAKES, Timing
from bench.ours import OURS
from bench.workload import SIZES

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "benchmarks.md"
_PYTHON: Final = ROOT / ".bench" / "bin" / "python"
_BEGIN, _END = "<!-- decisions: written by `make bench` -->", "<!-- end of decisions -->"


def run(observe: Callable[[int, int], None]) -> list[Timing]:
    """Check and time all contestants in the peers' environment; `observe` is told the steps that are done, of how many.

    Raises `subprocess.CalledProcessError` if a contestant fails or disagrees with ours; what it said is on stderr.
    """
    timings: list[Timing] = []
    command = [str(_PYTHON), "-m", "bench.contest"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        for line in process.stdout or ():
            report = json.loads(line)
            if "timings" in report:
                timings = [Timing(**each) for each in report["timings"]]
            else:
                observe(report["done"], report["of"])
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return timings


def growth(timings: Iterable[Timing]) -> dict[int, float]:
    """Our own time in times of ours with the fewest rules."""
    own = {each.rules: each.microseconds for each in timings if each.contestant == OURS.name}
    return {rules: time / own[min(own)] for rules, time in own.items()}


def ratios(timings: Iterable[Timing]) -> dict[str, dict[int, float]]:
    """The time of each contestant in times of ours with as many rules; by contestant and rules."""
    timings = list(timings)
    own = {each.rules: each.microseconds for each in timings if each.contestant == OURS.name}
    by_name: dict[str, dict[int, float]] = {}
    for each in timings:
        by_name.setdefault(each.contestant, {})[each.rules] = each.microseconds / own[each.rules]
    return by_name


def draw(timings: Iterable[Timing]) -> Table:
    """The table for a terminal: microseconds a decision, and the ratio to ours."""
    timings = list(timings)
    title, caption = "µs a decision (times ours), by number of rules", _caption(timings)
    table = Table(title=title, caption=caption, box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for rules in SIZES:
        table.add_column(f"{rules:,}", justify="right", no_wrap=True)
    times = {(each.contestant, each.rules): each for each in timings}
    for name, row in ratios(timings).items():
        cells = (
            f"{_round(times[name, rules].microseconds)} ({_round(row[rules])}){_mark(times[name, rules])}"
            if rules in row
            else "-"
            for rules in SIZES
        )
        table.add_row(name, *cells)
    return table


def write_table(timings: Iterable[Timing]) -> str:
    """The table for the documents: ratios only."""
    timings = list(timings)
    lines = [f"| times ours | {' | '.join(f'{rules:,} rules' for rules in SIZES)} |", "|---|" + "---:|" * len(SIZES)]
    times = {(each.contestant, each.rules): each for each in timings}
    for name, row in ratios(timings).items():
        cells = (f"{_round(row[rules])}{_mark(times[name, rules])}" if rules in row else "-" for rules in SIZES)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    own = ", ".join(f"{ratio:.1f} with {rules:,}" for rules, ratio in growth(timings).items())
    return "\n".join([*lines, "", _caption(timings), "", f"Ours beside itself, as rules are added: {own}."])


def replace_table(page: str, table: str) -> str:
    """The page with another table between its markers."""
    before, rest = page.split(_BEGIN)
    return f"{before}{_BEGIN}\n{table}\n{_END}{rest.split(_END)[1]}"


def _round(number: float) -> str:
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"  # noqa: PLR2004 - two digits


def _mark(timing: Timing) -> str:
    return "" if timing.handshakes == HANDSHAKES else "*"


def _caption(timings: Iterable[Timing]) -> str:
    fewest = min(each.handshakes for each in timings)
    return (
        f"Medians of interleaved rounds over {HANDSHAKES:,} handshakes; * over fewer, at least {fewest}. "
        "A dash: as many rules do not fit."
    )


def main() -> int:
    """Run the contest, print the table and write it into the page."""
    console = Console()
    columns = (TextColumn("decisions"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("decisions", total=None)
        try:
            timings = run(lambda done, of: progress.update(task, completed=done, total=of))
        except subprocess.CalledProcessError as error:
            return error.returncode
    console.print(draw(timings))
    PAGE.write_text(replace_table(PAGE.read_text("utf-8"), write_table(timings)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
