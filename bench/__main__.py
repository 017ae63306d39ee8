"""Measures what users pay for, and writes it down: `python -m bench [benchmark …]`, or `make bench` for all.

Prints a table of what is claimed, and fails if something does not hold, or if a peer disagrees with our decisions.
Tables go to `docs/benchmarks.md`, plots to `docs/benchmarks/`, and the claims of a whole run to the README.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bench import cold_start, commands, decisions, memory, organization, reading, size
from bench.processes import PEERS_PYTHON
from bench.report import ROOT, Observe, Report, draw_claims, replace_section, write_claims, write_report
from infra.bundle import BundleError

BENCHMARKS: Final[dict[str, Callable[[Observe], Report]]] = {
    "decisions": decisions.measure,
    "reading": reading.measure,
    "commands": commands.measure,
    "organization": organization.measure,
    "memory": memory.measure,
    "cold_start": cold_start.measure,
    "size": size.measure,
}
_PAGE, _README, _PLOTS = ROOT / "docs" / "benchmarks.md", ROOT / "README.md", ROOT / "docs" / "benchmarks"


def measure(names: Sequence[str]) -> list[Report]:
    """Run some benchmarks, with a progress bar on stderr.

    Raises `BundleError`, and `subprocess.CalledProcessError` if a process of theirs fails; what it said is on stderr.
    """
    reports = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name in names:
            task = progress.add_task(name, total=None)
            reports.append(BENCHMARKS[name](partial(_update, progress, task)))
    return reports


def _update(progress: Progress, task: TaskID, done: int, of: int) -> None:
    progress.update(task, completed=done, total=of)


def write(reports: Sequence[Report]) -> None:
    """Write tables and plots into the documents; the claims, if there are those of all benchmarks."""
    page = _PAGE.read_text("utf-8")
    for report in reports:
        page = replace_section(page, report.name, write_report(report))
    _PAGE.write_text(page, "utf-8")
    plots = json.dumps([asdict(plot) for report in reports for plot in report.plots])
    subprocess.run([PEERS_PYTHON, "-m", "bench.plots", _PLOTS], input=plots, text=True, cwd=ROOT, check=True)  # noqa: S603 - our own module
    if {report.name for report in reports} == BENCHMARKS.keys():
        claims = write_claims(claim for report in reports for claim in report.claims)
        _README.write_text(replace_section(_README.read_text("utf-8"), "claims", claims), "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; returns 1 if something that is claimed does not hold."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", metavar="benchmark", help=f"all by default: {', '.join(BENCHMARKS)}")
    names = parser.parse_args(arguments).benchmarks or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]}: there are {', '.join(BENCHMARKS)}")
    if not PEERS_PYTHON.exists():
        parser.error("the peers are not installed: run `make bench`, which installs them")
    try:
        reports = measure(names)
    except subprocess.CalledProcessError as error:
        return error.returncode
    except BundleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write(reports)
    claims = [claim for report in reports for claim in report.claims]
    Console().print(draw_claims(claims))
    return int(not all(claim.holds for claim in claims))


if __name__ == "__main__":
    sys.exit(main())
