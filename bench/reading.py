"""How long it takes to read a compiled policy and to index it, and the memory that both keep.

It is the policy's part of every cold start: nothing can be decided before. Times are those of the processor, and the
table has them in times of `json.loads` for the same document, which whoever reads JSON pays: that ratio hardly depends
on the machine. Documents of all sizes take turns, and the fastest of the rounds counts, since what else the machine
does can only add to it. Memory is what Python allocates and keeps, without the document.
"""

import json
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from time import process_time
from typing import Final

from bench.report import Claim, Observe, Report
from bench.workload import SIZES, make_policy
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy

ROUNDS: Final = 12
MAX_RATIO: Final = 8.0  # to `json.loads`, for the most rules
_NOTES: Final = (
    "Times are in those of `json.loads` for the same document, from the fastest of {rounds} rounds. The policy is read "
    "and compared with its document, then indexed. The index has a set of rules for each value, and a bit for each "
    "rule in a set: its memory grows with the rules times the values."
)


@dataclass(frozen=True, slots=True)
class Cost:
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
    """Time the documents in turns, then weigh what is kept of each."""
    documents = {rules: make_policy(rules).to_json() for rules in SIZES}
    times: dict[int, list[tuple[float, float, float]]] = {rules: [] for rules in documents}
    for turn in range(ROUNDS):
        for rules, document in documents.items():
            times[rules].append(_time(document))
        observe(turn + 1, ROUNDS + 1)
    costs = []
    for rules, document in documents.items():
        parsing, reading, indexing = map(min, zip(*times[rules], strict=True))
        costs.append(Cost(rules, parsing, reading, indexing, len(document), *_weigh(document)))
    observe(ROUNDS + 1, ROUNDS + 1)
    return report(costs)


def _time(document: bytes) -> tuple[float, float, float]:
    """The seconds for `json.loads`, reading and indexing."""
    begin = process_time()
    json.loads(document)
    parsed = process_time()
    policy = Policy.from_json(document)
    read = process_time()
    decider = Decider(policy)
    indexed = process_time()
    del decider  # not before: to forget is not measured
    return parsed - begin, read - parsed, indexed - read


def _weigh(document: bytes) -> tuple[int, int]:
    """The bytes of the policy, and of what a decider keeps besides."""
    tracemalloc.start()
    try:
        policy = Policy.from_json(document)
        read, _ = tracemalloc.get_traced_memory()
        decider = Decider(policy)
        indexed, _ = tracemalloc.get_traced_memory()
        del decider
    finally:
        tracemalloc.stop()
    return read, indexed - read


def report(costs: Sequence[Cost]) -> Report:
    """The report on the costs of policies with so many rules as `SIZES` says."""
    header = ("rules", "reading", "indexing", "both", "document", "policy", "index")
    most = max(costs, key=lambda cost: cost.rules)
    return Report(
        name="reading",
        table=(header, *map(_row, costs)),
        notes=_NOTES.format(rounds=ROUNDS),
        claims=(
            Claim("reading and indexing 10,000 rules", most.total * 1_000, unit="ms"),
            Claim("the same, in times of `json.loads` for its document", most.total / most.parsing, at_most=MAX_RATIO),
        ),
    )


def _row(cost: Cost) -> tuple[str, ...]:
    times = (f"{time / cost.parsing:.1f}" for time in (cost.reading, cost.indexing, cost.total))
    memory = (f"{size / 1_024:,.0f} KiB" for size in (cost.document, cost.policy, cost.index))
    return f"{cost.rules:,}", *times, *memory
