"""The time to read a compiled policy and to index it, and the memory that both keep.

It is the policy's part of every cold start: nothing can be decided before. Times are those of the processor, and the
table has them in times of `json.loads` for the same document, which whoever reads JSON pays: that ratio hardly depends
on the machine. Documents of all sizes take turns, and the fastest of the rounds counts, since what else the machine
does can only add to it. Memory is what Python allocates and keeps, without the document.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.processes import own_environment
from bench.report import ROOT, Claim, Observe, Report
from bench.workload import SIZES
from infra.bundle import find_python

ROUNDS: Final = 12
MAX_RATIO: Final = 11.0  # to `json.loads`, for the most rules
_NOTES: Final = (
    "Times are in those of `json.loads` for the same document, from the fastest of {rounds} rounds. The policy is read "
    "and compared with its document, then indexed. The index has a set of rules for each value, and a bit for each "
    "rule in a set: its memory grows with the rules times the values."
)


@dataclass(frozen=True, slots=True)
class PolicyCost:
    """The cost of a policy: seconds for `json.loads`, reading and indexing; bytes of the document, policy and index."""

    rules: int
    parsing: float
    reading: float
    indexing: float
    document: int
    policy: int
    index: int

    @property
    def total(self) -> float:
        """The seconds for reading and indexing."""
        return self.reading + self.indexing


def measure(observe: Observe) -> Report:
    """Read policies of all sizes. Raises `subprocess.CalledProcessError` if one can't be read."""
    observe(0, 1)
    costs = read(ROUNDS, SIZES)
    observe(1, 1)
    return report(costs)


def read(rounds: int, sizes: Sequence[int]) -> list[PolicyCost]:
    """The costs of policies with so many rules, in a process of the function's Python if the machine has it."""
    command = [find_python() or sys.executable, "-m", "bench.read_policy", str(rounds), *map(str, sizes)]
    environment = own_environment() | {"PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own module
    return [PolicyCost(*cost) for cost in json.loads(done.stdout)]


def report(costs: Sequence[PolicyCost]) -> Report:
    """The report on the costs of policies with so many rules as `SIZES` says."""
    header = ("rules", "reading, times `json.loads`", "indexing", "both", "document", "policy", "index")
    most = max(costs, key=lambda cost: cost.rules)
    return Report(
        name="reading",
        table=(header, *map(_row, costs)),
        notes=_NOTES.format(rounds=ROUNDS),
        claims=(
            Claim(
                f"reading and indexing {most.rules:,} rules, in times of `json.loads`",
                most.total / most.parsing,
                at_most=MAX_RATIO,
            ),
        ),
    )


def _row(cost: PolicyCost) -> tuple[str, ...]:
    times = (f"{time / cost.parsing:.1f}" for time in (cost.reading, cost.indexing, cost.total))
    memory = (f"{size / 1_024:,.0f} KiB" for size in (cost.document, cost.policy, cost.index))
    return f"{cost.rules:,}", *times, *memory
